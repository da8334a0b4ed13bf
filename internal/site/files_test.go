package site_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"socialvalue/internal/site"
)

func builtIn() fstest.MapFS {
	return fstest.MapFS{
		"pipelines/spend/pipeline.yaml":           {Data: []byte("name: spend")},
		"pipelines/spend/contracts/payments.yaml": {Data: []byte("version: 1")},
		"pipelines/geo/pipeline.yaml":             {Data: []byte("name: geo")},
		"sql/spend/payments.sql":                  {Data: []byte("select 1")},
		"sql/spend/payments.yaml":                 {Data: []byte("grain: one")},
		"sql/spend/payments_old.sql":              {Data: []byte("select 0")},
		"schedules/nightly.yaml":                  {Data: []byte("name: nightly")},
		"fixtures/a.csv":                          {Data: []byte("a")},
	}
}

// over lays files over the built-in ones, in a new site.
func over(t *testing.T, files map[string]string) (*site.Tree, error) {
	t.Helper()
	return laid(t, builtIn(), files)
}

// laid lays files over others, in a new site.
func laid(t *testing.T, below fs.FS, files map[string]string) (*site.Tree, error) {
	t.Helper()
	s, err := parse(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	s.Root = t.TempDir()
	for name, text := range files {
		path := filepath.Join(s.Root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s.Files(below)
}

func TestFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		own       map[string]string
		gone      []string // built-in files that are no longer there
		overrides []string // kind and path
	}{
		"a site without files of its own": {nil, nil, nil},
		"added": {
			map[string]string{"sql/spend/mine.sql": "select 2", "pipelines/mine/pipeline.yaml": "name: mine"},
			nil,
			[]string{"added pipelines/mine/pipeline.yaml", "added sql/spend/mine.sql"},
		},
		"replaced":                   {map[string]string{"sql/spend/payments.sql": "select 2"}, nil, []string{"replaced sql/spend/payments.sql"}},
		"the same overrides nothing": {map[string]string{"sql/spend/payments.sql": "select 1"}, nil, nil},
		"other folders are not read": {map[string]string{"drop/x.sql": "x", "fixtures/a.csv": "b", "sql.txt": ""}, nil, nil},
		"leftovers are not read":     {map[string]string{"sql/spend/payments.sql~": "x", "sql/spend/.payments.sql.swp": "x", "sql/.git/x.sql": "x"}, nil, nil},
		"a schedule disabled":        {map[string]string{"schedules/nightly.yaml": "disabled: true\n"}, []string{"schedules/nightly.yaml"}, []string{"disabled schedules/nightly.yaml"}},
		"not disabled: false":        {map[string]string{"schedules/nightly.yaml": "disabled: false"}, nil, []string{"replaced schedules/nightly.yaml"}},
		"a model disabled, both files": {
			map[string]string{"sql/spend/payments.yaml": "disabled: true"},
			[]string{"sql/spend/payments.sql", "sql/spend/payments.yaml"},
			[]string{"disabled sql/spend/payments.yaml"},
		},
		"a pipeline disabled": {
			map[string]string{"pipelines/spend/pipeline.yaml": "disabled: true"},
			[]string{"pipelines/spend/contracts/payments.yaml", "pipelines/spend/pipeline.yaml"},
			[]string{"disabled pipelines/spend/pipeline.yaml"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, err := over(t, tc.own)
			if err != nil {
				t.Fatal(err)
			}
			var overrides []string
			for _, o := range tree.Overrides() {
				overrides = append(overrides, string(o.Kind)+" "+o.Path)
				if (o.BuiltIn == "") != (o.Kind == site.Added) || len(o.Site) != 64 || o.Site == o.BuiltIn {
					t.Errorf("hashes of %+v", o)
				}
			}
			if diff := cmp.Diff(tc.overrides, overrides); diff != "" {
				t.Errorf("overrides (-want +got):\n%s", diff)
			}
			var gone []string
			for name := range builtIn() {
				if _, err := fs.Stat(tree, name); err != nil {
					gone = append(gone, name)
				}
			}
			slices.Sort(gone)
			if diff := cmp.Diff(tc.gone, gone, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("gone (-want +got):\n%s", diff)
			}
			for _, o := range tree.Overrides() {
				if o.Kind == site.Disabled {
					continue
				}
				if got, err := fs.ReadFile(tree, o.Path); err != nil || string(got) != tc.own[o.Path] {
					t.Errorf("%s holds %q, %v", o.Path, got, err)
				}
			}
		})
	}
}

func TestFilesMistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		own  map[string]string
		want string
	}{
		"disables nothing":   {map[string]string{"schedules/nigthly.yaml": "disabled: true"}, "schedules/nigthly.yaml: disabled: true removes a built-in file, and there is none"},
		"a file as a folder": {map[string]string{"sql/spend/payments.sql/x.sql": "x"}, "sql/spend/payments.sql is a file"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := over(t, tc.own); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestLinksOutOfTheSiteAreRefused(t *testing.T) {
	t.Parallel()
	s, err := parse(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	s.Root = t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret.sql")
	if err := os.WriteFile(secret, []byte("select 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.Root, "sql"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(s.Root, "sql", "x.sql")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Files(builtIn()); err == nil || !strings.Contains(err.Error(), "x.sql") {
		t.Errorf("got %v, want the link refused", err)
	}
}

func TestTreeIsAFileSystem(t *testing.T) {
	t.Parallel()
	tree, err := over(t, map[string]string{"sql/spend/mine.sql": "select 2", "sql/macros/m.sql": "m", "schedules/nightly.yaml": "disabled: true"})
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(tree, "sql/spend/mine.sql", "sql/spend/payments.sql", "sql/macros/m.sql", "fixtures/a.csv"); err != nil {
		t.Error(err)
	}
}

// The tree holds what is built in and what the site has, and nothing else; the site's word counts.
func TestTreeIsTheUnion(t *testing.T) {
	t.Parallel()
	names := rapid.SampledFrom([]string{"sql/a/x.sql", "sql/a/x.yaml", "sql/b/y.sql", "pipelines/p/pipeline.yaml", "schedules/s.yaml"})
	s, err := parse(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		root := t.TempDir()
		site := *s
		site.Root = root
		want := make(map[string]string)
		below := fstest.MapFS{}
		for _, name := range rapid.SliceOfDistinct(names, rapid.ID[string]).Draw(rt, "below") {
			below[name] = &fstest.MapFile{Data: []byte("built in " + name)}
			want[name] = "built in " + name
		}
		for _, name := range rapid.SliceOfDistinct(names, rapid.ID[string]).Draw(rt, "own") {
			path := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
				rt.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("own "+name), 0o600); err != nil {
				rt.Fatal(err)
			}
			want[name] = "own " + name
		}
		tree, err := site.Files(below)
		if err != nil {
			rt.Fatal(err)
		}
		got := make(map[string]string)
		err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(tree, name)
			got[name] = string(data)
			return err
		})
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("tree (-want +got):\n%s", diff)
		}
	})
}

// A site may not show more people what the program keeps closer (architecture
// §3: no model may be moved to a lower tier by an override).
func TestReplacedModelKeepsItsAudience(t *testing.T) {
	t.Parallel()
	below := fstest.MapFS{
		"sql/spend/closed.yaml":     {Data: []byte("grain: one\npublish: {tier: restricted, domains: [spend, travel]}")},
		"sql/spend/by_default.yaml": {Data: []byte("grain: one\npublish: {tier: restricted}")},
		"sql/stage/working.yaml":    {Data: []byte("grain: one")},
		"sql/geo/open.yaml":         {Data: []byte("grain: one\npublish: {tier: open}")},
	}
	cases := []struct{ name, file, text, want string }{
		{"opened", "sql/spend/closed.yaml", "publish: {tier: open}", "publishes spend.closed as open, and the built-in model as restricted"},
		{"published", "sql/stage/working.yaml", "publish: {tier: restricted, domain: spend}", "publishes stage.working as restricted, and the built-in model as none"},
		{"another domain", "sql/spend/closed.yaml", "publish: {tier: restricted, domains: [spend, people]}", "in the file of people too"},
		{"another domain than the schema's", "sql/spend/by_default.yaml", "publish: {tier: restricted, domain: people}", "in the file of people too"},
		{"the same", "sql/spend/by_default.yaml", "publish: {tier: restricted, domain: spend}", ""},
		{"fewer domains", "sql/spend/closed.yaml", "publish: {tier: restricted, domain: travel}", ""},
		{"closed", "sql/geo/open.yaml", "publish: {tier: none}", ""},
		{"no YAML", "sql/geo/open.yaml", "publish: [", ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := laid(t, below, map[string]string{tc.file: tc.text})
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestReplacedFileSaysWhatItWasMadeFrom(t *testing.T) {
	t.Parallel()
	replaced := func(text string) site.Override {
		tree, err := over(t, map[string]string{"sql/spend/payments.sql": text})
		if err != nil || len(tree.Overrides()) != 1 {
			t.Fatal(tree, err)
		}
		return tree.Overrides()[0]
	}
	silent := replaced("select 2")
	if silent.Base != "" || silent.MadeFromThis() {
		t.Errorf("%+v", silent)
	}
	if said := replaced(silent.BaseLine() + "\nselect 2"); !said.MadeFromThis() {
		t.Errorf("%+v with the line %q", said, silent.BaseLine())
	}
	if older := replaced("select 2\n-- replaces built-in 0123456789ab\n"); older.Base != "0123456789ab" || older.MadeFromThis() {
		t.Errorf("%+v", older)
	}
}
