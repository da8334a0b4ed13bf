//go:build duckdb_arrow

package model_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"socialvalue/internal/sqlast"
	"socialvalue/internal/warehouse"
)

// What a macro's comment gives as an example is true, word for word; a macro without one says how a model uses it.
func TestTheExamplesOfMacrosAreTrue(t *testing.T) {
	t.Parallel()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	texts := shippedMacros(t, db)
	for file, text := range texts {
		examples := examplesOf(sqlast.LeadingComment(text))
		if len(examples) == 0 && !strings.Contains(text, "\n-- Used as ") {
			t.Errorf("%s: its comment has neither “Example: ” nor “Used as ”", file)
		}
		for _, example := range examples {
			got, err := db.Texts(t.Context(), "select cast(("+example+") as varchar)")
			if err != nil || !slices.Equal(got, []string{"true"}) {
				t.Errorf("%s: %s: %v %v", file, example, got, err)
			}
		}
	}
}

// shippedMacros makes every macro of the product, each after those that it calls, and returns their texts by file.
func shippedMacros(t *testing.T, db *warehouse.DB) map[string]string {
	t.Helper()
	waiting, err := filepath.Glob("../../sql/macros/*.sql")
	if err != nil || len(waiting) == 0 {
		t.Fatal(err, waiting)
	}
	texts := make(map[string]string, len(waiting))
	for len(waiting) > 0 {
		left := slices.DeleteFunc(slices.Clone(waiting), func(file string) bool {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts[file] = string(text)
			_, err = db.Exec(t.Context(), string(text))
			return err == nil
		})
		if len(left) == len(waiting) {
			t.Fatalf("macros that cannot be made: %v", left)
		}
		waiting = left
	}
	return texts
}

// examplesOf reads what follows “Example: ”, up to the next word of the comment's own: expressions that are true, with
// semicolons between them and perhaps a full stop at the end.
func examplesOf(comment []string) []string {
	_, said, found := strings.Cut(strings.Join(comment, "\n"), "Example: ")
	if !found {
		return nil
	}
	for _, word := range []string{"\npublish: ", "\nRule: "} {
		said, _, _ = strings.Cut(said, word)
	}
	said = strings.TrimSuffix(strings.ReplaceAll(said, "\n", " "), ".")
	return strings.Split(said, "; ")
}
