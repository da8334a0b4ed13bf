package backup

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"socialvalue/internal/site"
)

const siteText = `
name: Ours
version: 1
bodies: [{code: ours, name: Ours}]
area: {name: Ours, lad_codes: [E08000012]}
baseline_year: 2024-25
warehouse: %s
keys: {people: "file:keys/people", far: "file:/nowhere/far"}
sources: []
`

func noon() time.Time { return time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC) }

// newSite makes a site with one of everything a backup meets.
func newSite(t *testing.T, warehouse string) Source {
	t.Helper()
	root := t.TempDir()
	write := func(name, text string, mode fs.FileMode) {
		path := name
		if !filepath.IsAbs(name) {
			path = filepath.Join(root, name)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("svw.yaml", fmt.Sprintf(siteText, warehouse), 0o640)
	write("overrides/geo.district.lad_name.csv", "key,value\n", 0o640)
	write("keys/people", "secret", 0o400)
	write("drop/a.csv", "not taken in", 0o640)
	w := warehouse
	if !filepath.IsAbs(w) {
		w = filepath.Join(root, w)
	}
	sum := newHash(io.Discard)
	_, _ = sum.Write([]byte("received")) // it never fails
	write(filepath.Join(w, "landing/ours", sum.sum()), "received", 0o440)
	write(filepath.Join(w, "landing/ours/.landing-123"), "half", 0o600)
	write(filepath.Join(w, "store/_loads/a.json"), "{}", 0o640)
	write(filepath.Join(w, "releases/r1/open/a.parquet"), "rows", 0o440)
	write(filepath.Join(w, "releases/.staging-r2/a"), "half", 0o640)
	write(filepath.Join(w, "build/build.duckdb"), "cache", 0o640)
	write(filepath.Join(w, "state/lock"), "", 0o640)
	write(filepath.Join(w, "state/state.db"), "state", 0o640)
	for _, err := range []error{
		os.MkdirAll(filepath.Join(w, "releases/r1/restricted"), 0o700),
		os.Link(filepath.Join(w, "releases/r1/open/a.parquet"), filepath.Join(w, "releases/r1/restricted/a.parquet")),
		os.Symlink("r1", filepath.Join(w, "releases/current")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return Source{Name: "Ours", Root: root, Warehouse: site.Warehouse{Root: w}, Keys: []string{filepath.Join(root, "keys/people"), "/nowhere/far"}}
}

func options(now time.Time) Options {
	return Options{Now: now, CopyState: func(_ context.Context, to string) (bool, error) {
		return true, os.WriteFile(to, []byte("state"), 0o600)
	}}
}

// tree lists what lies below a folder: mode and content, or where a link leads.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			all[name] = info.Mode().String()
		case d.Type() == fs.ModeSymlink:
			all[name], err = os.Readlink(path)
		default:
			text, readErr := os.ReadFile(path)
			all[name], err = info.Mode().String()+" "+string(text), readErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// expected is the tree of a restored site.
func expected(t *testing.T, source Source, keys bool) map[string]string {
	t.Helper()
	want := tree(t, source.Root)
	for name := range want {
		for _, gone := range []string{"drop", "warehouse/build", "warehouse/state/lock", "warehouse/releases/.staging", "warehouse/landing/ours/.landing"} {
			if strings.HasPrefix(name, gone) {
				delete(want, name)
			}
		}
		if !keys && strings.HasPrefix(name, "keys") {
			delete(want, name)
		}
	}
	delete(want, ".") // a new folder has the mode that a temporary one has not
	return want
}

func TestRestoreGivesBackTheSameTree(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"copies", "copy.tar.zst"} {
		for _, keys := range []bool{false, true} {
			t.Run(fmt.Sprint(target, " with keys ", keys), func(t *testing.T) {
				t.Parallel()
				source := newSite(t, "warehouse")
				source.WithKeys = keys
				o := options(noon())
				o.Verify = true
				report, err := Write(t.Context(), source, filepath.Join(t.TempDir(), target), o)
				if err != nil {
					t.Fatal(err)
				}
				wantKeys := 1 // the one outside of the site
				if !keys {
					wantKeys = 2
				}
				if len(report.Keys) != wantKeys || !report.Verified {
					t.Errorf("report %+v", report)
				}
				to := filepath.Join(t.TempDir(), "new")
				restored, err := Restore(t.Context(), report.Path, to)
				if err != nil {
					t.Fatal(err)
				}
				if len(restored.Keys) != wantKeys {
					t.Errorf("missing keys %v", restored.Keys)
				}
				got := tree(t, to)
				delete(got, ".")
				if diff := cmp.Diff(expected(t, source, keys), got); diff != "" {
					t.Errorf("restored (-want +got):\n%s", diff)
				}
				one, err1 := os.Stat(filepath.Join(to, "warehouse/releases/r1/open/a.parquet"))
				other, err2 := os.Stat(filepath.Join(to, "warehouse/releases/r1/restricted/a.parquet"))
				if err := errors.Join(err1, err2); err != nil || !os.SameFile(one, other) {
					t.Errorf("one file became two: %v", err)
				}
			})
		}
	}
}

// What never changes is linked from the backup before; each stays whole when
// the other is removed.
func TestTheNextBackupWritesWhatIsNew(t *testing.T) {
	t.Parallel()
	source := newSite(t, "warehouse")
	dir := t.TempDir()
	first, err := Write(t.Context(), source, dir, options(noon()))
	if err != nil {
		t.Fatal(err)
	}
	second, err := Write(t.Context(), source, dir, options(noon().Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	if second.Bytes != first.Bytes || second.Written != first.Written-int64(len("received")+len("rows")) {
		t.Errorf("first %+v, second %+v", first, second)
	}
	if err := os.RemoveAll(first.Path); err != nil {
		t.Fatal(err)
	}
	if found, err := Find(dir); err != nil || found != second.Path {
		t.Errorf("found %s, %v", found, err)
	}
	if _, err := Verify(t.Context(), second.Path); err != nil {
		t.Error(err)
	}
	other := source
	other.Name = "Theirs"
	var mistake *TargetError
	if _, err := Write(t.Context(), other, dir, options(noon().Add(2*time.Hour))); !errors.As(err, &mistake) {
		t.Errorf("backups of two sites in one folder: %v", err)
	}
}

// A step that fails leaves no backup, nor anything that could be taken for one;
// the one before stays, and the next is whole.
func TestAFaultAtAnyStepLeavesNoBackup(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"copies", "copy.tar.zst"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			source := newSite(t, "warehouse")
			dir := t.TempDir()
			steps := 0
			o := options(noon())
			// Where a link cannot be made the file is copied.
			counts := func(step string) bool { return step != "link" }
			o.fault = func(step, _ string) error {
				if counts(step) {
					steps++
				}
				return nil
			}
			whole, err := Write(t.Context(), source, filepath.Join(dir, "first-"+target), o)
			if err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			if steps < 1 {
				t.Fatal("no step was counted")
			}
			for at := 1; at <= steps; at++ {
				done := 0
				o.fault = func(step, _ string) error {
					if !counts(step) {
						return nil
					}
					if done++; done == at {
						return syscall.ENOSPC
					}
					return nil
				}
				path := filepath.Join(dir, "second-"+target)
				_, err := Write(t.Context(), source, path, o)
				if err == nil {
					t.Fatalf("step %d of %d failed unnoticed", at, steps)
				}
				if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "the disk is full") {
					t.Fatalf("step %d: %v", at, err)
				}
				if _, err := Find(path); err == nil {
					t.Fatalf("step %d left a backup", at)
				}
				_ = os.Remove(path) // the empty folder of backups may stay
				if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
					t.Fatalf("step %d left something:\n%s", at, diff)
				}
			}
			if _, err := Verify(t.Context(), whole.Path); err != nil {
				t.Error(err)
			}
		})
	}
}

// What a killed backup leaves is no backup, and the next one removes it.
func TestLeftoversAreNoBackup(t *testing.T) {
	t.Parallel()
	source := newSite(t, "warehouse")
	dir := t.TempDir()
	left := filepath.Join(dir, unfinished+"20260305T110000Z")
	if err := os.MkdirAll(filepath.Join(left, "site"), 0o750); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(dir); !errors.Is(err, ErrNone) {
		t.Errorf("found: %v", err)
	}
	if _, err := Write(t.Context(), source, dir, options(noon())); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestNoRoomIsSaidBeforeAnythingIsCopied(t *testing.T) {
	t.Parallel()
	source := newSite(t, "warehouse")
	dir := t.TempDir()
	o := options(noon())
	o.free = func(string) (uint64, error) { return reserve + 10, nil }
	copied := 0
	o.fault = func(step, _ string) error {
		if step == "write" {
			copied++
		}
		return nil
	}
	if _, err := Write(t.Context(), source, dir, o); !errors.Is(err, ErrNoRoom) || copied > 0 {
		t.Errorf("%d files copied, %v", copied, err)
	}
}

// A cancelled backup is none.
func TestACancelledBackupIsNone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	source, dir := newSite(t, "warehouse"), t.TempDir()
	o := options(noon())
	o.Progress = func(string, int64, int64, string) { cancel() }
	if _, err := Write(ctx, source, dir, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := Find(dir); !errors.Is(err, ErrNone) {
		t.Errorf("found: %v", err)
	}
}

// A warehouse outside of the site goes where svw.yaml says, but never over one
// that is there.
func TestAWarehouseElsewhere(t *testing.T) {
	t.Parallel()
	elsewhere := filepath.Join(t.TempDir(), "deep", "warehouse")
	source := newSite(t, elsewhere)
	report, err := Write(t.Context(), source, filepath.Join(t.TempDir(), "copies"), options(noon()))
	if err != nil {
		t.Fatal(err)
	}
	before := tree(t, elsewhere)
	to := filepath.Join(t.TempDir(), "new")
	var mistake *TargetError
	if _, err := Restore(t.Context(), report.Path, to); !errors.As(err, &mistake) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(before, tree(t, elsewhere)); diff != "" {
		t.Fatalf("the warehouse that was there changed:\n%s", diff)
	}
	if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is left: %v", to, err)
	}
	if err := os.RemoveAll(elsewhere); err != nil {
		t.Fatal(err)
	}
	if restored, err := Restore(t.Context(), report.Path, to); err != nil || restored.Warehouse != elsewhere {
		t.Fatalf("%+v, %v", restored, err)
	}
	if text, err := os.ReadFile(filepath.Join(elsewhere, "store/_loads/a.json")); err != nil || string(text) != "{}" {
		t.Errorf("%q, %v", text, err)
	}
}

// pack makes an archive of entries that no backup of ours would have.
func pack(t *testing.T, headers []tar.Header, texts []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "odd.tar.zst")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := zstd.NewWriter(file)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(packed)
	for i := range headers {
		headers[i].Size = int64(len(texts[i]))
		if err := w.WriteHeader(&headers[i]); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, texts[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), packed.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnArchiveThatLeadsElsewhere(t *testing.T) {
	t.Parallel()
	svw := tar.Header{Typeflag: tar.TypeReg, Name: "site/svw.yaml", Mode: 0o640}
	text := fmt.Sprintf(siteText, "warehouse")
	end := tar.Header{Typeflag: tar.TypeReg, Name: manifestName}
	for name, c := range map[string]struct {
		headers []tar.Header
		texts   []string
		want    string
	}{
		"a path that climbs": {[]tar.Header{svw, {Typeflag: tar.TypeReg, Name: "site/../../x"}}, []string{text, "x"}, "does not belong"},
		"an absolute path":   {[]tar.Header{svw, {Typeflag: tar.TypeReg, Name: "/etc/x"}}, []string{text, "x"}, "does not belong"},
		"a link":             {[]tar.Header{svw, {Typeflag: tar.TypeSymlink, Name: "site/a", Linkname: "/etc"}}, []string{text, ""}, "is no file"},
		"a link to what is not there": {
			[]tar.Header{svw, {Typeflag: tar.TypeLink, Name: "site/a", Linkname: "/etc/passwd"}}, []string{text, ""}, "which is not there",
		},
		"no site first": {[]tar.Header{{Typeflag: tar.TypeReg, Name: "warehouse/a"}}, []string{"x"}, "does not begin with svw.yaml"},
		"no manifest":   {[]tar.Header{svw}, []string{text}, "was not finished"},
		"a newer one":   {[]tar.Header{svw, end}, []string{text, `{"format": 99}`}, "use the version of svw that made it, or a newer one"},
		"a newer site": {
			[]tar.Header{svw, end}, []string{strings.Replace(text, "version: 1", "version: 99", 1), `{"format": 1}`}, "install a newer svw",
		},
		"links that lead out": {
			[]tar.Header{svw, end}, []string{text, `{"format": 1, "links": [{"path": "site/a", "target": "../../etc"}]}`}, "leads out",
		},
		"something after the manifest": {[]tar.Header{svw, end, svw}, []string{text, `{"format": 1}`, text}, "after the manifest"},
		"a file not listed":            {[]tar.Header{svw, end}, []string{text, `{"format": 1}`}, "is not in the manifest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := filepath.Join(t.TempDir(), "new")
			_, err := Restore(t.Context(), pack(t, c.headers, c.texts), to)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s is left: %v", to, err)
			}
		})
	}
}

// No manifest, whatever it says, names a path out of the folder restored to.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format": 1, "files": [{"path": "site/svw.yaml", "bytes": 1, "mode": "0640", "sha256": "x"}], "links": [{"path": "warehouse/releases/current", "target": "r1"}]}`))
	f.Add([]byte(`{"format": 1, "links": [{"path": "site/a", "target": "../warehouse"}], "folders": [{"path": "site", "mode": "0750"}]}`))
	f.Add([]byte(`{"format": 1, "files": [{"path": "warehouse//a/../../b", "same_as": "site/x"}]}`))
	f.Add([]byte(`{"format": 2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(data)
		if err != nil {
			return
		}
		r := &restoring{to: "/to/here", warehouse: "/to/here/warehouse"}
		inside := func(path string) {
			to, err := r.place(path)
			if err != nil || to != "/to/here" && !strings.HasPrefix(to, "/to/here/") {
				t.Errorf("%q is put at %q, %v", path, to, err)
			}
		}
		for _, file := range m.Files {
			inside(file.Path)
			if file.SameAs != "" {
				inside(file.SameAs)
			}
		}
		for _, folder := range m.Folders {
			inside(folder.Path)
		}
		for _, link := range m.Links {
			inside(link.Path)
			to, _ := r.place(link.Path)
			if led := filepath.Join(filepath.Dir(to), link.Target); led != "/to/here" && !strings.HasPrefix(led, "/to/here/") {
				t.Errorf("link %q leads to %q", link.Path, led)
			}
		}
	})
}
