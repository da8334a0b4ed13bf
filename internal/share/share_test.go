//go:build duckdb_arrow

package share_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"socialvalue/internal/share"
	"socialvalue/internal/shelf"
)

// add makes a release with an open and a restricted file, and makes it current.
func add(t *testing.T, root string, day int) string {
	t.Helper()
	id := fmt.Sprintf("202506%02dT023000Z-1f3a", day)
	for name, text := range map[string]string{
		"manifest.json":      `{"format": 1, "release": "` + id + `"}`,
		"open/manifest.json": `{"format": 1, "release": "` + id + `", "place": "open"}`,
		"open/datasets/geo.district/geo.district.csv": "rows of " + id, "restricted/spend/payments.csv": "secret",
	} {
		path := filepath.Join(root, id, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	point(t, root, id)
	return id
}

func point(t *testing.T, root, id string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(root, "current")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(id, filepath.Join(root, "current")); err != nil {
		t.Fatal(err)
	}
}

func TestTheOpenPartIsCopied(t *testing.T) {
	t.Parallel()
	root, folder := t.TempDir(), t.TempDir()
	first := add(t, root, 1)
	if err := os.MkdirAll(filepath.Join(folder, ".copying-20250530T023000Z-0000"), 0o750); err != nil {
		t.Fatal(err)
	}
	if copied := share.Open(t.Context(), root, folder); copied.Problem != "" || !copied.Copied || copied.Release != first {
		t.Fatalf("%+v", copied)
	}
	opened, err := os.Open(filepath.Join(folder, "latest", "datasets/geo.district/geo.district.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close() //nolint:errcheck // it was only read
	var last string
	for day := 2; day < 12; day++ {
		last = add(t, root, day)
		if copied := share.Open(t.Context(), root, folder); copied.Problem != "" {
			t.Fatalf("%+v", copied)
		}
	}
	if again := share.Open(t.Context(), root, folder); again.Copied || again.Problem != "" {
		t.Errorf("copied again: %+v", again)
	}
	text := make([]byte, 100)
	if n, err := opened.Read(text); err != nil || string(text[:n]) != "rows of "+first {
		t.Errorf("who had a file open reads %q, %v", text[:n], err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 7+2 {
		t.Errorf("%d entries, %v: %v", len(entries), err, entries)
	}
	data, err := os.ReadFile(filepath.Join(folder, "latest.json"))
	if err != nil || !strings.Contains(string(data), last) {
		t.Errorf("latest.json: %s, %v", data, err)
	}
	found, err := filepath.Glob(filepath.Join(folder, "*", "*", "*", "payments.csv"))
	if err != nil || len(found) > 0 {
		t.Errorf("restricted rows are copied: %v, %v", found, err)
	}
	// Gone back to an earlier release, so are the readers of the copies.
	point(t, root, first)
	if back := share.Open(t.Context(), root, folder); back.Problem != "" || back.Release != first {
		t.Errorf("%+v", back)
	}
	if to, err := os.Readlink(filepath.Join(folder, "latest")); err != nil || to != first {
		t.Errorf("latest -> %s, %v", to, err)
	}
}

func TestAShareThatIsAwayIsSaid(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	add(t, root, 1)
	if copied := share.Open(t.Context(), root, filepath.Join(root, "nowhere")); !strings.Contains(copied.Problem, "mount it, or correct publish_to") {
		t.Errorf("%+v", copied)
	}
	if _, err := shelf.Current(root); err != nil {
		t.Error(err)
	}
}
