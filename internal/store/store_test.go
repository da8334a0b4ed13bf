package store_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/store"
)

// put makes an object of a text and returns its path.
func put(t *testing.T, s store.Store, relation, text string) string {
	t.Helper()
	temp, err := s.TempPath(relation)
	if err != nil {
		t.Fatal(err)
	}
	write(t, temp, text)
	object, err := s.Put(relation, temp)
	if err != nil {
		t.Fatal(err)
	}
	return s.Path(relation, object.SHA256)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func nameOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:]) + ".parquet"
}

// contents are the files below a folder.
func contents(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		files[relative] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A sweep deletes what can be made again and nothing of the record
// (architecture §2.4: store/ is the record; §7.2: no input row disappears).
func TestASweepDeletesNothingOfTheRecord(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	s := store.New(root)
	named := map[string]bool{put(t, s, "raw.feed", "named"): true, put(t, s, "travel.days", "a day"): true}
	lost := []string{put(t, s, "_quarantine", "wrong rows"), put(t, s, "raw.feed", "no note names it")}
	day := put(t, s, "travel.days", "an old day")
	if err := s.PutLoad("1", []byte("a note")); err != nil {
		t.Fatal(err)
	}
	half := []string{filepath.Join(root, "_loads/.tmp-1"), filepath.Join(root, "raw.feed/.tmp-2"), filepath.Join(root, "raw.feed/tmp_.tmp-2")}
	for _, path := range half {
		write(t, path, "half")
	}
	write(t, filepath.Join(root, "raw.feed/README"), "somebody's own")
	want := map[string]string{
		"raw.feed/" + nameOf("named"): "named", "travel.days/" + nameOf("a day"): "a day", "raw.feed/README": "somebody's own", "_loads/1.json": "a note",
		"aside/raw.feed/" + nameOf("no note names it"): "no note names it", "aside/_quarantine/" + nameOf("wrong rows"): "wrong rows",
	}
	for _, expected := range []store.Swept{{Removed: append(half, day), SetAside: lost}, {}} { // the second finds nothing to do
		swept, err := s.Sweep(named)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(expected, swept); diff != "" {
			t.Errorf("swept (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, contents(t, root)); diff != "" {
			t.Errorf("the store (-want +got):\n%s", diff)
		}
	}
	aside, err := s.Aside()
	if err != nil {
		t.Fatal(err)
	}
	if len(aside) != 2 || aside[0].Relation != "_quarantine" || aside[1].Relation != "raw.feed" || aside[1].Bytes != int64(len("no note names it")) {
		t.Fatalf("aside: %+v", aside)
	}

	// One comes back by being named, the other by being made again.
	if err := s.TakeBack(aside[1]); err != nil {
		t.Fatal(err)
	}
	put(t, s, "_quarantine", "wrong rows")
	if err := s.TakeBack(aside[0]); err != nil {
		t.Fatal(err)
	}
	want = map[string]string{
		"raw.feed/" + nameOf("named"): "named", "travel.days/" + nameOf("a day"): "a day", "raw.feed/README": "somebody's own", "_loads/1.json": "a note",
		"raw.feed/" + nameOf("no note names it"): "no note names it", "_quarantine/" + nameOf("wrong rows"): "wrong rows",
	}
	if diff := cmp.Diff(want, contents(t, root)); diff != "" {
		t.Errorf("the store with what came back (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(root, "aside")); !os.IsNotExist(err) {
		t.Errorf("the empty folder stays: %v", err)
	}
}

// Of two copies, one of which the disk damaged, the sound one is kept.
func TestASoundCopyIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, there, aside, want, says string
	}{
		{name: "only aside", aside: "rows", want: "rows"},
		{name: "both", there: "rows", aside: "rows", want: "rows"},
		{name: "the one in place is damaged", there: "rowz", aside: "rows", want: "rows"},
		{name: "the one aside is damaged", there: "rows", aside: "rowz", want: "rows"},
		{name: "both are damaged", there: "rowz", aside: "row", want: "rowz", says: "put the file back from a backup"},
		{name: "the only one is damaged", aside: "rowz", says: "put the file back from a backup"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			s := store.New(root)
			name := nameOf("rows")
			for dir, text := range map[string]string{"raw.feed": tc.there, "aside/raw.feed": tc.aside} {
				if err := os.MkdirAll(filepath.Join(root, dir), 0o750); err != nil {
					t.Fatal(err)
				}
				if text != "" {
					write(t, filepath.Join(root, dir, name), text)
				}
			}
			aside, err := s.Aside()
			if err != nil || len(aside) != 1 {
				t.Fatalf("%v, %v", aside, err)
			}
			err = s.TakeBack(aside[0])
			if tc.says == "" && err != nil || tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("it says %v, want %q", err, tc.says)
			}
			files := contents(t, root)
			if files["raw.feed/"+name] != tc.want {
				t.Errorf("in place: %q, want %q", files["raw.feed/"+name], tc.want)
			}
			if _, left := files["aside/raw.feed/"+name]; left != (tc.says != "") {
				t.Errorf("left aside: %t", left)
			}
		})
	}
}
