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

// goldenQuestions are the figures, by the file that holds the answer.
func goldenQuestions() map[string]struct{ place, question string } {
	return map[string]struct{ place, question string }{
		"geo.area_summary.csv": {"open", "select * from geo.area_summary order by iod_edition, area_name"},
		"geo.district.csv": {"open", `select * from geo.district
			where lad_name in ('Halton', 'Knowsley', 'Liverpool', 'Sefton', 'St. Helens', 'Wirral') order by lad_code, iod_edition`},
		"spend.local_spend.csv": {"open", `select * from spend.local_spend
			where breakdown in ('all', 'without_capital', 'without_top3', 'lad', 'goods_services_works')
			order by body_code, coverage, amount_basis, financial_year, breakdown, breakdown_value, place_status, local_definition`},
		"spend.payments_by_class.csv": {"spend", `select body_code, financial_year, flow_class, capital_or_revenue, count(*) as payment_lines,
			sum(amount_gbp) as amount_gbp from spend.payments group by all order by all`},
		"spend.published_payments_by_year.csv": {"open", `select body_code, financial_year, flow_class, count(*) as payment_lines,
			sum(amount_gbp) as amount_gbp from spend.published_payments group by all order by all`},
		"spend.duplicate_candidates.csv": {"spend", "select * from spend.duplicate_candidates order by all"},
	}
}

func golden(t *testing.T, f *flow) {
	for name, asked := range goldenQuestions() {
		var text bytes.Buffer
		if err := f.ask(t, asked.place, asked.question).Write(&text, query.CSV); err != nil {
			t.Fatal(err)
		}
		compareGolden(t, name, text.String())
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
