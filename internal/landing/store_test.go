package landing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/extract"
	"socialvalue/internal/unprivileged"
)

// dropped writes a file as a department would and returns it as listed.
func dropped(t testing.TB, name string, content []byte) extract.Found {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return listed(t, path, name)
}

func listed(t testing.TB, path, name string) extract.Found {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return extract.FromInfo(path, name, info)
}

// inLanding returns the names and contents below a landing folder.
func inLanding(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		files[name] = string(content)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

func sum(content []byte) string {
	h := sha256.Sum256(content)
	return hex.EncodeToString(h[:])
}

func TestLand(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("a,b\r\n"), 700_000) // longer than one chunk
	root := filepath.Join(t.TempDir(), "landing")
	store := NewStore(root, DefaultLimits())
	found := dropped(t, "drop/leeds/1.csv", content)
	landed, err := store.Land(t.Context(), "leeds", found)
	if err != nil {
		t.Fatal(err)
	}
	want := Landed{
		Source: "leeds", Name: "drop/leeds/1.csv", SHA256: sum(content), Path: filepath.Join(root, "leeds", sum(content)),
		Size: int64(len(content)), ModTime: found.ModTime,
	}
	ignore := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".survey" }, cmp.Ignore())
	if diff := cmp.Diff(want, landed, ignore); diff != "" {
		t.Errorf("landed (-want +got):\n%s", diff)
	}
	if got := inLanding(t, root); len(got) != 1 || got["leeds/"+sum(content)] != string(content) {
		t.Errorf("landing holds %d files, want the one", len(got))
	}
	info, err := os.Stat(landed.Path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o440 {
		t.Errorf("mode %v, want 0440", info.Mode())
	}

	again, err := store.Land(t.Context(), "leeds", dropped(t, "drop/leeds/renamed.csv", content))
	if err != nil {
		t.Fatal(err)
	}
	if !again.Existed || again.Path != landed.Path || again.Name != "drop/leeds/renamed.csv" {
		t.Errorf("landed again: %+v", again)
	}
	after, err := os.Stat(landed.Path)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(info, after) {
		t.Error("the same bytes were written anew")
	}
	if got := inLanding(t, root); len(got) != 1 {
		t.Errorf("landing holds %d files, want 1", len(got))
	}
}

// A copy of the wrong size under a final name is an accident; the bytes at hand
// mend it.
func TestLandMends(t *testing.T) {
	t.Parallel()
	store := NewStore(t.TempDir(), DefaultLimits())
	content := []byte("a,b\n1,2\n")
	final := filepath.Join(store.root, "leeds", sum(content))
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(final, content[:3], 0o440); err != nil {
		t.Fatal(err)
	}
	landed, err := store.Land(t.Context(), "leeds", dropped(t, "a.csv", content))
	if err != nil {
		t.Fatal(err)
	}
	if got := inLanding(t, store.root)["leeds/"+sum(content)]; got != string(content) || landed.Existed {
		t.Errorf("kept %q", got)
	}
}

func TestLandChangedWhileRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(t *testing.T, path string)
	}{
		{"grown since listed", func(t *testing.T, path string) {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close() //nolint:errcheck // what matters is that the file changed
			if _, err := f.WriteString("more"); err != nil {
				t.Fatal(err)
			}
		}},
		{"cut since listed", func(t *testing.T, path string) {
			if err := os.Truncate(path, 2); err != nil {
				t.Fatal(err)
			}
		}},
		{"replaced since listed", func(t *testing.T, path string) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path+"2", []byte("x,y\n3,4\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path+"2", info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(path+"2", path); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			store := NewStore(t.TempDir(), DefaultLimits())
			found := dropped(t, "a.csv", []byte("a,b\n1,2\n"))
			tc.change(t, found.Path)
			_, err := store.Land(t.Context(), "leeds", found)
			if !errors.Is(err, ErrChangedWhileRead) {
				t.Errorf("error %v, want ErrChangedWhileRead", err)
			}
			if got := inLanding(t, store.root); len(got) > 0 {
				t.Errorf("landing holds %v", got)
			}
		})
	}
}

// changingDisk changes the file being landed while its copy is written.
type changingDisk struct {
	osDisk
	change func()
}

type changingFile struct {
	tempFile
	change func()
}

func (d changingDisk) CreateTemp(dir, pattern string) (tempFile, error) {
	f, err := d.osDisk.CreateTemp(dir, pattern)
	return changingFile{f, d.change}, err
}

func (f changingFile) Write(p []byte) (int, error) {
	f.change()
	return f.tempFile.Write(p)
}

func TestLandChangedDuringTheCopy(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("x"), 2*copyChunk)
	for _, tc := range []struct {
		name   string
		change func(path string) error
	}{
		{"it grows", func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close() //nolint:errcheck // what matters is that the file changed
			_, err = f.WriteString("more")
			return err
		}},
		{"it is cut", func(path string) error { return os.Truncate(path, copyChunk) }},
		{"it is touched", func(path string) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			return os.Chtimes(path, info.ModTime(), info.ModTime().Add(1))
		}},
		{"it is replaced", func(path string) error {
			if err := os.WriteFile(path+"2", content, 0o644); err != nil {
				return err
			}
			return os.Rename(path+"2", path)
		}},
		{"it is removed", os.Remove},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			found := dropped(t, "a.csv", content)
			store := NewStore(t.TempDir(), DefaultLimits())
			done := false
			store.disk = changingDisk{change: func() {
				if done {
					return
				}
				done = true
				if err := tc.change(found.Path); err != nil {
					t.Error(err)
				}
			}}
			if _, err := store.Land(t.Context(), "leeds", found); !errors.Is(err, ErrChangedWhileRead) {
				t.Errorf("error %v, want ErrChangedWhileRead", err)
			}
			if got := inLanding(t, store.root); len(got) > 0 {
				t.Errorf("landing holds %d files", len(got))
			}
		})
	}
}

// faultyDisk fails at its n-th operation, as a full disk would.
type faultyDisk struct {
	osDisk
	left *int
}

type faultyFile struct {
	tempFile
	disk faultyDisk
}

func (d faultyDisk) step() error {
	*d.left--
	if *d.left == 0 {
		return syscall.ENOSPC
	}
	return nil
}

func (d faultyDisk) MkdirAll(dir string) error {
	return errors.Join(d.step(), d.osDisk.MkdirAll(dir))
}

func (d faultyDisk) CreateTemp(dir, pattern string) (tempFile, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	f, err := d.osDisk.CreateTemp(dir, pattern)
	return faultyFile{f, d}, err
}

func (d faultyDisk) Rename(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.osDisk.Rename(from, to)
}

func (d faultyDisk) SyncDir(dir string) error { return errors.Join(d.step(), d.osDisk.SyncDir(dir)) }

func (f faultyFile) Write(p []byte) (int, error) {
	if err := f.disk.step(); err != nil {
		n, _ := f.tempFile.Write(p[:len(p)/2]) // a full disk takes what still fits
		return n, err
	}
	return f.tempFile.Write(p)
}

func (f faultyFile) Chmod(mode fs.FileMode) error {
	return errors.Join(f.disk.step(), f.tempFile.Chmod(mode))
}

func (f faultyFile) Sync() error  { return errors.Join(f.disk.step(), f.tempFile.Sync()) }
func (f faultyFile) Close() error { return errors.Join(f.tempFile.Close(), f.disk.step()) }

// Whichever step of landing fails, no file stands under a final name, nothing
// half copied is left, and landing it again succeeds.
func TestLandOnAFailingDisk(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("a,b\n"), copyChunk/2)
	found := dropped(t, "drop/a.csv", content)
	const mostSteps = 40
	for n := 1; ; n++ {
		if n > mostSteps {
			t.Fatalf("landing takes more than %d steps", mostSteps)
		}
		left := n
		store := NewStore(t.TempDir(), DefaultLimits())
		store.disk = faultyDisk{left: &left}
		_, err := store.Land(t.Context(), "leeds", found)
		if left > 0 {
			if err != nil {
				t.Fatalf("without a fault: %v", err)
			}
			if n < 9 {
				t.Errorf("only %d steps could fail", n-1)
			}
			return
		}
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "land drop/a.csv: ") || !strings.Contains(err.Error(), "free space on the disk of "+store.root) {
			t.Errorf("step %d: error %v", n, err)
		}
		if got := inLanding(t, store.root); len(got) > 0 {
			t.Errorf("step %d: landing holds %d files", n, len(got))
		}
		store.disk = osDisk{}
		if _, err := store.Land(t.Context(), "leeds", found); err != nil {
			t.Errorf("step %d: landing again: %v", n, err)
		}
	}
}

func TestLandCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	store := NewStore(t.TempDir(), DefaultLimits())
	if _, err := store.Land(ctx, "leeds", dropped(t, "a.csv", []byte("a\n"))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled", err)
	}
	if got := inLanding(t, store.root); len(got) > 0 {
		t.Errorf("landing holds %v", got)
	}
}

func TestSourceNames(t *testing.T) {
	t.Parallel()
	store := NewStore(t.TempDir(), DefaultLimits())
	found := dropped(t, "a.csv", []byte("a\n"))
	for _, name := range []string{"", ".", "..", "../x", "a/b", `a\b`, ".hidden"} {
		if _, err := store.Land(t.Context(), name, found); err == nil {
			t.Errorf("source %q was taken", name)
		}
		if _, err := store.Lookup(name, sum(nil), "a.csv"); err == nil {
			t.Errorf("source %q was looked up", name)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	store := NewStore(t.TempDir(), DefaultLimits())
	content := []byte("a,b\n1,2\n")
	landed, err := store.Land(t.Context(), "leeds", dropped(t, "a.csv", content))
	if err != nil {
		t.Fatal(err)
	}
	again, err := store.Lookup("leeds", landed.SHA256, "a.csv")
	if err != nil || again.Path != landed.Path || again.Size != landed.Size {
		t.Errorf("looked up %+v, %v", again, err)
	}
	if _, err := store.Lookup("leeds", sum([]byte("other")), "a.csv"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want not exist", err)
	}
	if _, err := store.Lookup("leeds", "../../etc/passwd", "a.csv"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want a refusal of the hash", err)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	store := NewStore(t.TempDir(), DefaultLimits())
	if _, err := store.Land(t.Context(), "leeds", dropped(t, "a.csv", []byte("a\n"))); err != nil {
		t.Fatal(err)
	}
	want := inLanding(t, store.root)
	half := filepath.Join(store.root, "leeds", tempPrefix+"123")
	if err := os.WriteFile(half, []byte("hal"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Clean(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, inLanding(t, store.root)); diff != "" {
		t.Errorf("landing (-want +got):\n%s", diff)
	}
}

func TestLandWithoutRights(t *testing.T) {
	t.Parallel()
	if unprivileged.Rerun(t) {
		return
	}
	closed := dropped(t, "drop/closed.csv", []byte("a\n"))
	if err := os.Chmod(closed.Path, 0); err != nil {
		t.Fatal(err)
	}
	store := NewStore(t.TempDir(), DefaultLimits())
	if _, err := store.Land(t.Context(), "leeds", closed); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("landing what may not be read: %v", err)
	}
	open := dropped(t, "drop/open.csv", []byte("a\n"))
	if err := os.Chmod(store.root, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Land(t.Context(), "leeds", open); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("landing where one may not write: %v", err)
	}
	if err := os.Chmod(store.root, 0o700); err != nil {
		t.Fatal(err)
	}
	landed, err := store.Land(t.Context(), "leeds", open)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(landed.Path, []byte("x"), 0o600); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("writing over what was landed: %v", err)
	}
}
