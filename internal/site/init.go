package site

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed svw.yaml.tmpl
var siteTemplate string

//go:embed overrides.md
var overridesText string

// Feed is one contract that a new site wants to load.
type Feed struct {
	Contract    string // pipeline/contract
	Description string
	Layout      string // YAML of the layout of its files, as an entry of layouts; empty: the contract's own
}

// Options says what a new site holds.
type Options struct {
	Name  string // of the authority; empty: one to be edited
	Feeds []Feed
	// Schedules, where given, is a tree whose schedules/*.yaml are copied into the site, to be edited there. An unchanged
	// copy overrides nothing.
	Schedules fs.FS
}

// Init makes dir a site and returns what it made, relative to dir. A site that is there already keeps every file it has and
// gets the folders it lacks; any other folder that is not empty is refused.
func Init(dir string, o Options) (made []string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("make the site %s: %w", dir, err)
		}
	}()
	if err := checkEmpty(dir); err != nil {
		return nil, err
	}
	text, err := o.text()
	if err != nil {
		return nil, err
	}
	b := builder{root: dir}
	b.folder(".")
	b.folder("drop")
	for _, f := range o.Feeds {
		b.folder("drop/" + f.Source())
	}
	b.folder("overrides")
	b.folder("schedules")
	b.file("overrides/README.md", []byte(overridesText))
	if o.Schedules != nil {
		b.schedules(o.Schedules)
	}
	b.file(FileName, text) // last: only a whole site counts as one
	return b.made, b.err
}

// Source is the name that Init gives the source of the feed, and its folder in drop/.
func (f Feed) Source() string { return strings.ReplaceAll(f.Contract, "/", "_") }

// IndentedLayout is the layout as it stands in svw.yaml, below the source.
func (f Feed) IndentedLayout() string {
	const indent = "      "
	return indent + strings.ReplaceAll(strings.TrimRight(f.Layout, "\n"), "\n", "\n"+indent)
}

func (o Options) text() ([]byte, error) {
	if o.Name == "" {
		o.Name = "Our authority"
	}
	t, err := template.New(FileName).Parse(siteTemplate)
	if err != nil {
		return nil, fmt.Errorf("read the template of %s: %w", FileName, err)
	}
	var b strings.Builder
	if err := t.Execute(&b, o); err != nil {
		return nil, fmt.Errorf("write %s: %w", FileName, err)
	}
	if _, err := Parse("/site", FileName, []byte(b.String())); err != nil {
		return nil, err // a name or contract that cannot stand in the file
	}
	return []byte(b.String()), nil
}

func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, FileName)); err == nil {
		return nil
	}
	return fmt.Errorf("the folder is not empty and has no %s: choose a new or empty folder", FileName)
}

// builder makes files and folders until one fails.
type builder struct {
	root string
	made []string
	err  error
}

func (b *builder) folder(name string) {
	if b.err != nil {
		return
	}
	dir := filepath.Join(b.root, name)
	if _, err := os.Stat(dir); err == nil {
		return
	}
	if b.err = makeDir(dir); b.err == nil && name != "." {
		b.made = append(b.made, name+"/")
	}
}

// file writes a file that is not there yet.
func (b *builder) file(name string, data []byte) {
	if b.err != nil {
		return
	}
	f, err := os.OpenFile(filepath.Join(b.root, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if errors.Is(err, fs.ErrExist) {
		return
	}
	if err == nil {
		_, err = f.Write(data)
		err = errors.Join(err, f.Close())
	}
	if b.err = err; err == nil {
		b.made = append(b.made, name)
	}
}

func (b *builder) schedules(tree fs.FS) {
	names, err := fs.Glob(tree, "schedules/*.yaml")
	if b.err == nil {
		b.err = err
	}
	for _, name := range names {
		data, err := fs.ReadFile(tree, name)
		if err != nil && b.err == nil {
			b.err = err
		}
		b.file("schedules/"+path.Base(name), data)
	}
}
