package forhr_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/forhr"
)

func folder(t *testing.T) forhr.Folder {
	t.Helper()
	return forhr.Folder{Root: filepath.Join(t.TempDir(), "for_hr"), Group: os.Getegid(), Days: 14}
}

func at(text string) time.Time {
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return moment
}

// One file for HR alone: mode and group, in the place of an earlier one, with no cell that a spreadsheet runs.
func TestOneFileForTheGroupAlone(t *testing.T) {
	t.Parallel()
	f := folder(t)
	rows := [][]string{{"payroll_number", "reason"}, {"000123", "hours_missing"}, {"=1+1", "-"}, {"", "no, none"}}
	if _, _, err := f.Write("E47000004", "2025-03-31", rows, at("2025-07-01T09:00:00Z")); err != nil {
		t.Fatal(err)
	}
	path, until, err := f.Write("E47000004", "2025-03-31", rows, at("2025-07-02T09:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(path) != "E47000004_2025-03-31_20250702T090000Z.csv" || !until.Equal(at("2025-07-16T09:00:00Z")) {
		t.Errorf("written %s until %s", path, until)
	}
	files, err := os.ReadDir(f.Root)
	if err != nil || len(files) != 1 {
		t.Errorf("%d files, %v", len(files), err)
	}
	for path, want := range map[string]os.FileMode{f.Root: 0o750, path: 0o440} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v (%v)", path, info.Mode().Perm(), want, err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "\ufeffpayroll_number,reason\r\n000123,hours_missing\r\n'=1+1,'-\r\n,\"no, none\"\r\n"
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, _, err := f.Write("../elsewhere", "2025-03-31", rows, at("2025-07-02T09:00:00Z")); err == nil {
		t.Error("a name leads out of the folder")
	}
}

// A file goes when its days are over, and what a killed run left half written at once.
func TestFilesExpire(t *testing.T) {
	t.Parallel()
	f := folder(t)
	if expired, err := f.Expired(at("2025-07-01T09:00:00Z")); err != nil || len(expired) != 0 {
		t.Errorf("without a folder: %v, %v", expired, err)
	}
	if _, _, err := f.Write("a", "2025-03-31", nil, at("2025-07-01T09:00:00Z")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.Root, ".tmp-1"), []byte("000123"), 0o600); err != nil {
		t.Fatal(err)
	}
	for moment, want := range map[string][]string{
		"2025-07-15T08:59:59Z": {".tmp-1"},
		"2025-07-15T09:00:00Z": {".tmp-1", "a_2025-03-31_20250701T090000Z.csv"},
	} {
		expired, err := f.Expired(at(moment))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, expired); diff != "" {
			t.Errorf("at %s (-want +got):\n%s", moment, diff)
		}
	}
	if err := f.Remove([]string{".tmp-1", "a_2025-03-31_20250701T090000Z.csv", "gone before"}); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(f.Root); err != nil || len(files) != 0 {
		t.Errorf("%d files are left, %v", len(files), err)
	}
}
