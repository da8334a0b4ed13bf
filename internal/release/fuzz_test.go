//go:build duckdb_arrow

package release

import (
	"os"
	"path/filepath"
	"testing"

	"socialvalue/internal/manifest"
)

// FuzzManifest reads any text as a manifest. What is accepted can be written and
// read again, and compared with a plan.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format": 1, "release": "20260305T023041Z-9915", "datasets": [{"name": "a.b", "columns": [{"name": "x", "type": "INTEGER"}]}], "files": [{"path": "open/a", "rows": 1}]}`))
	f.Add([]byte(`{"format": 2}`))
	f.Add([]byte(`{"format": 1, "unknown": true}`))
	f.Add([]byte(`{"format": 1, "held": [{"dataset": "a.b", "missing": true}], "run_files": null} trailing`))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, manifest.FileName), data, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := manifest.Read(dir)
		if err != nil {
			return
		}
		_ = Changed(m, Plan{})
		again, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, manifest.FileName), again, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := manifest.Read(dir); err != nil {
			t.Fatalf("its own text is not read again: %v", err)
		}
	})
}
