//go:build duckdb_arrow

package release_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"socialvalue/internal/manifest"
	"socialvalue/internal/shelf"
	"socialvalue/internal/verify"
)

func TestVerifyFindsDamage(t *testing.T) {
	t.Parallel()
	composed := composer(t, openBuild(t, 1))
	manifest, whole := compose(t, composed, plan(t))
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, folder string)
		want   string
	}{
		{"a flipped byte", func(t *testing.T, f string) { damage(t, filepath.Join(f, districtFile)) }, districtFile + " has changed"},
		{"a flipped byte of a database", func(t *testing.T, f string) { damage(t, f+"/open/social_value_open.duckdb") }, "social_value_open.duckdb has changed"},
		{"a missing file", func(t *testing.T, f string) { remove(t, f+"/queries/districts.sql") }, "queries/districts.sql is missing"},
		{"a stray file", func(t *testing.T, f string) { write(t, f+"/open/note.txt", "x") }, "open/note.txt is not in the manifest"},
		{"a log left behind", func(t *testing.T, f string) { write(t, f+"/open/social_value_open.duckdb.wal", "x") }, "wal is not in the manifest"},
		{"a link in the place of a file", func(t *testing.T, f string) {
			remove(t, f+"/queries/districts.sql")
			if err := os.Symlink("/etc/hostname", f+"/queries/districts.sql"); err != nil {
				t.Fatal(err)
			}
		}, "is not a plain file"},
		{"another manifest in a tier", func(t *testing.T, f string) { write(t, f+"/open/manifest.json", "{}") }, "open/manifest.json has changed"},
		{"no manifest", func(t *testing.T, f string) { remove(t, f+"/manifest.json") }, "read manifest"},
		{"a manifest of the future", func(t *testing.T, f string) { write(t, f+"/manifest.json", `{"format": 99}`) }, "manifest format 99"},
		{"rows that the footer does not have", func(t *testing.T, f string) { recount(t, f) }, "its footer counts 3 rows"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(t.TempDir(), manifest.Release)
			if err := os.CopyFS(folder, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			test.damage(t, folder)
			err := verify.Release(t.Context(), folder, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Verify = %v, want %q", err, test.want)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
}

// recount makes both manifests claim other rows for a file, consistently.
func recount(t *testing.T, folder string) {
	t.Helper()
	tier := folder + "/open/manifest.json"
	data, err := os.ReadFile(tier)
	if err != nil {
		t.Fatal(err)
	}
	var manifest manifest.Manifest
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	for i := range manifest.Files {
		if strings.HasSuffix(manifest.Files[i].Path, "geo.district.parquet") {
			*manifest.Files[i].Rows = 4
		}
	}
	changed, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	write(t, tier, string(changed))
	top, err := os.ReadFile(folder + "/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(top, &manifest); err != nil {
		t.Fatal(err)
	}
	for i, file := range manifest.RunFiles {
		if file.Path == "open/manifest.json" {
			top = bytes.ReplaceAll(top, []byte(file.SHA256), []byte(digest(t, tier)))
			manifest.RunFiles[i].Bytes = int64(len(changed))
			manifest.RunFiles[i].SHA256 = digest(t, tier)
		}
	}
	top, err = json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder+"/manifest.json", string(top))
}

func digest(t *testing.T, path string) string {
	t.Helper()
	return tree(t, filepath.Dir(path))[filepath.Base(path)]
}

func TestAReleaseThatDoesNotVerifyIsSetAside(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	first, _ := compose(t, c, plan(t))
	c.Reader = []string{"/bin/false"}
	_, err := c.Compose(t.Context(), plan(t))
	if err == nil || !strings.Contains(err.Error(), "does not verify, the current one stays") {
		t.Fatalf("Compose = %v", err)
	}
	if failed, err := filepath.Glob(c.Root + "/.failed-*/manifest.json"); err != nil || len(failed) != 1 {
		t.Errorf("set aside: %v, %v", failed, err)
	}
	current, err := shelf.Current(c.Root)
	if err != nil || current.Release != first.Release {
		t.Errorf("current is %v, %v", current, err)
	}
	whole(t, c.Root)
}
