//go:build duckdb_arrow

package run_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"socialvalue/internal/query"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenFolder holds what the demonstration must give. The figures are there to
// be read as a diff; the hashes say that everything else is the same as well.
const goldenFolder = "../../fixtures/golden"

// goldenHashes lists the SHA-256 of every Parquet and CSV file of the release.
const goldenHashes = "release.sha256"

// golden compares the answer of every question in the folder with the file of its
// name, and the hashes of all files.
func golden(t *testing.T, f *flow) {
	questions, err := filepath.Glob(filepath.Join(goldenFolder, "*.sql"))
	if err != nil || len(questions) == 0 {
		t.Fatalf("%d questions, %v", len(questions), err)
	}
	for _, file := range questions {
		question, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := f.ask(t, query.TierOf(string(question)), string(question)).Write(&text, query.CSV); err != nil {
			t.Fatal(err)
		}
		compareGolden(t, strings.TrimSuffix(filepath.Base(file), ".sql")+".csv", text.String())
	}
	answers, err := filepath.Glob(filepath.Join(goldenFolder, "*.csv"))
	if err != nil || len(answers) != len(questions) {
		t.Errorf("%d answers for %d questions in %s: remove those nobody asks for, %v", len(answers), len(questions), goldenFolder, err)
	}
	hashes := f.hashes(t)
	var list strings.Builder
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		fmt.Fprintf(&list, "%s  %s\n", hashes[name], name)
	}
	compareGolden(t, goldenHashes, list.String())
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join(goldenFolder, name)
	if *update {
		if err := os.MkdirAll(goldenFolder, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o640); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := differences(string(want), got); diff != "" {
		t.Errorf("%s (-golden +got); if this is meant, `make golden` writes it anew:\n%s", name, diff)
	}
}

// differences lists the first lines that only one of two texts has.
func differences(want, got string) string {
	const shown = 10
	var list []string
	only := func(sign string, lines, others []string) {
		n := 0
		for _, line := range lines {
			if slices.Contains(others, line) {
				continue
			}
			if n++; n <= shown {
				list = append(list, sign+line)
			}
		}
		if n > shown {
			list = append(list, fmt.Sprintf("%s… %d lines in all", sign, n))
		}
	}
	wanted, gotten := strings.Split(want, "\n"), strings.Split(got, "\n")
	only("-", wanted, gotten)
	only("+", gotten, wanted)
	if len(list) == 0 && want != got {
		return "the same lines in another order"
	}
	return strings.Join(list, "\n")
}
