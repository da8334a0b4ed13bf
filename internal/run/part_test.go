//go:build duckdb_arrow

package run_test

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	socialvalue "socialvalue"
)

// spendAlone is what the program carries without any pipeline but geography and
// spend, and without what is made from others: flows that are about the engine
// need not build three hundred relations.
func spendAlone(t testing.TB) fs.FS {
	t.Helper()
	kept := []string{"geography", "spend"}
	files := fstest.MapFS{}
	err := fs.WalkDir(socialvalue.Assets, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		parts := strings.Split(name, "/")
		if parts[0] == "fixtures" || parts[0] == "pipelines" && len(parts) > 2 && !slices.Contains(kept, parts[1]) {
			return nil
		}
		data, err := fs.ReadFile(socialvalue.Assets, name)
		files[name] = &fstest.MapFile{Data: data, Mode: 0o444}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for {
		gone := withoutInputs(files, kept)
		for _, name := range gone {
			delete(files, name)
		}
		if len(gone) == 0 {
			return files
		}
	}
}

// withoutInputs are the files of models, checks and questions that read what is
// not there.
func withoutInputs(files fstest.MapFS, pipelines []string) []string {
	reads := regexp.MustCompile(`\b(raw|stage|geo|spend|people|travel|housing_first|skills|impact|indicators)\.([a-z0-9_]+)`)
	comment := regexp.MustCompile(`(?m)--.*$`)
	var gone []string
	for name, file := range files {
		if !strings.HasPrefix(name, "sql/") || path.Ext(name) == ".csv" || path.Ext(name) == ".md" {
			continue
		}
		text := string(file.Data)
		if path.Ext(name) == ".sql" {
			text = comment.ReplaceAllString(text, "")
		} else if _, model := files[strings.TrimSuffix(name, ".yaml")+".sql"]; model || !strings.Contains(text, "\nestimator:") && !strings.HasPrefix(text, "estimator:") {
			text = ""
		} else {
			text, _, _ = strings.Cut(text, "\ncolumns:")
		}
		for _, found := range reads.FindAllStringSubmatch(text, -1) {
			there := slices.ContainsFunc(pipelines, func(p string) bool { return strings.HasPrefix(found[2], p+"_") })
			if found[1] != "raw" {
				_, there = files["sql/"+found[1]+"/"+found[2]+".yaml"]
			}
			// A column may be named like this; then its table is an alias and no schema.
			if !there && (found[1] == "raw" || found[1] == "stage" || strings.Contains(text, " "+found[0])) {
				gone = append(gone, name)
				base := strings.TrimSuffix(name, path.Ext(name))
				for _, twin := range []string{base + ".yaml", base + ".sql"} {
					if _, also := files[twin]; also && !slices.Contains(gone, twin) {
						gone = append(gone, twin)
					}
				}
				break
			}
		}
	}
	return gone
}
