package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/durable"
)

// TestClear removes what a killed writer left, and nothing else.
func TestClear(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"kept.json", ".tmp-123", ".tmp-4"} {
		if err := durable.WriteFile(filepath.Join(dir, name), []byte("x"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := durable.Clear(dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := durable.Clear(filepath.Join(dir, "missing")); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if diff := cmp.Diff([]string{"kept.json"}, names); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}
