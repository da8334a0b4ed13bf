//go:build duckdb_arrow

package model_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/model"
	"socialvalue/internal/model/modeltest"
)

// shuffled lists the files of every folder in another order.
type shuffled struct {
	fstest.MapFS
	dice *rand.Rand
}

func (s shuffled) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := s.MapFS.ReadDir(name)
	s.dice.Shuffle(len(entries), func(i, k int) { entries[i], entries[k] = entries[k], entries[i] })
	return entries, err
}

// TestTheOrderOfFilesIsIrrelevant loads every project of testdata with its files in any order.
func TestTheOrderOfFilesIsIrrelevant(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/load/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	projects := map[string]fstest.MapFS{"spend": modeltest.Spend(t)}
	for _, file := range archives {
		projects[file] = modeltest.Archive(t, file)
	}
	for name, files := range projects {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			want := loaded(t, files)
			for seed := range uint64(5) {
				mixed := shuffled{files, rand.New(rand.NewPCG(seed, 0))}
				if diff := cmp.Diff(want, loaded(t, mixed)); diff != "" {
					t.Fatalf("another order of files, another project (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// loaded writes what a project is: its messages, or its order and fingerprints.
func loaded(t *testing.T, files fs.FS) string {
	t.Helper()
	p, err := load(t, files)
	if err != nil {
		return err.Error()
	}
	fingerprints, err := p.Fingerprints(map[string]string{"raw.spend_payments": "1", "site.as_of": "1", "_svw.loads": "1"}, model.Versions{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, relation := range p.Order {
		fmt.Fprintln(&b, relation, fingerprints[relation], p.Inputs(relation), p.Dependents(relation))
	}
	fmt.Fprintln(&b, p.MacroOrder)
	return b.String()
}

// TestFingerprintsFollowTheGraph changes one thing: the fingerprints that change are those of its descendants.
func TestFingerprintsFollowTheGraph(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		files, reads := randomGraph(r)
		p, err := model.Load(t.Context(), files, model.LoadOptions{Outside: modeltest.Outside()})
		if err != nil {
			r.Fatal(err)
		}
		outside := map[string]string{"raw.spend_payments": "1"}
		before, err := p.Fingerprints(outside, model.Versions{})
		if err != nil {
			r.Fatal(err)
		}
		place := make(map[string]int)
		for i, relation := range p.Order {
			place[relation] = i
			for _, input := range reads[relation] {
				if at, ours := place[input]; !ours && input != "raw.spend_payments" || at > i {
					r.Fatalf("%s comes before %s, which it reads", relation, input)
				}
			}
		}
		changed := rapid.SampledFrom(p.Order).Draw(r, "changed")
		file := "sql/" + strings.ReplaceAll(changed, ".", "/") + ".sql"
		files[file] = &fstest.MapFile{Data: append([]byte("-- another\n"), files[file].Data...)}
		if again := fingerprintsOf(t, r, files, outside); !cmp.Equal(before, again) {
			r.Fatal("a comment changed a fingerprint")
		}
		files[file] = &fstest.MapFile{Data: []byte(strings.Replace(string(files[file].Data), "'x'", "'y'", 1))}
		after := fingerprintsOf(t, r, files, outside)
		affected := map[string]bool{changed: true}
		for _, relation := range p.Descendants(changed) {
			affected[relation] = true
		}
		for _, relation := range p.Order {
			if (before[relation] != after[relation]) != affected[relation] {
				r.Fatalf("%s changed; the fingerprint of %s: changed %v, made from it %v", changed, relation, before[relation] != after[relation], affected[relation])
			}
		}
	})
}

func fingerprintsOf(t *testing.T, r *rapid.T, files fstest.MapFS, outside map[string]string) map[string]string {
	p, err := model.Load(t.Context(), files, model.LoadOptions{Outside: modeltest.Outside()})
	if err != nil {
		r.Fatal(err)
	}
	fingerprints, err := p.Fingerprints(outside, model.Versions{})
	if err != nil {
		r.Fatal(err)
	}
	return fingerprints
}

// randomGraph writes stages that read any of those before them, under names in no order.
func randomGraph(r *rapid.T) (files fstest.MapFS, reads map[string][]string) {
	files, reads = make(fstest.MapFS), make(map[string][]string)
	n := rapid.IntRange(1, 8).Draw(r, "stages")
	names := rapid.Permutation([]string{"ash", "beech", "cedar", "elm", "fir", "larch", "oak", "yew"}).Draw(r, "names")[:n]
	for i, name := range names {
		relation := "stage." + name
		reads[relation] = []string{"raw.spend_payments"}
		sql := "select 'x' || supplier_name as a from raw.spend_payments\n"
		for _, earlier := range names[:i] {
			if rapid.Bool().Draw(r, "reads") {
				reads[relation] = append(reads[relation], "stage."+earlier)
				sql += "union all select a from stage." + earlier + "\n"
			}
		}
		files["sql/stage/"+name+".sql"] = &fstest.MapFile{Data: []byte(sql)}
		files["sql/stage/"+name+".yaml"] = &fstest.MapFile{Data: []byte("grain: one a\ndescription: for tests\nkey: [a]\ncolumns: [{name: a, type: VARCHAR}]\n")}
	}
	return files, reads
}
