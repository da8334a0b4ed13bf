//go:build duckdb_arrow

package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
)

// Release reads a release back, as its readers will: every file has the size and
// hash that the manifest says, nothing else lies in the folder, every Parquet
// file is read by a second implementation, and every DuckDB file is opened
// read-only by a process of its own. reader is the command of that process; it
// gets the file as its last argument and the expectation as JSON on its
// standard input, and ends with 0 when DuckDB is content. Without one,
// the files are opened in this process.
func Release(ctx context.Context, folder string, reader []string) error {
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	manifest, err := manifest.Read(folder)
	if err != nil {
		return err
	}
	if manifest.Release != filepath.Base(folder) {
		return fmt.Errorf("verify %s: its manifest is that of release %s", folder, manifest.Release)
	}
	if err := Folder(ctx, folder, reader); err != nil {
		return fmt.Errorf("release %s does not verify: %w", manifest.Release, err)
	}
	return nil
}

// Folder reads a release or a staging folder back.
func Folder(ctx context.Context, folder string, reader []string) error {
	m, err := manifest.Read(folder)
	if err != nil {
		return err
	}
	removed, err := manifest.RemovedParts(folder)
	if err != nil {
		return err
	}
	gone := func(file string) bool {
		return slices.ContainsFunc(removed, func(part manifest.RemovedPart) bool { return manifest.Under(file, manifest.PlaceFolder(part.Place)) })
	}
	if err := verifyTree(ctx, folder, m, gone); err != nil {
		return err
	}
	var wrong []error
	for _, file := range m.RunFiles {
		if path.Base(file.Path) != manifest.FileName || gone(file.Path) {
			continue
		}
		tier := path.Dir(file.Path)
		if err := verifyTier(ctx, folder, tier, m, reader); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", tier, err))
		}
	}
	return errors.Join(wrong...)
}

// verifyTree compares the files of a release with its manifest, but for those of
// parts that are gone, or going.
func verifyTree(ctx context.Context, folder string, m *manifest.Manifest, gone func(file string) bool) error {
	listed := map[string]manifest.File{}
	for _, file := range m.All() {
		listed[file.Path] = file
	}
	seen := map[string]bool{manifest.FileName: true}
	var wrong []error
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return fmt.Errorf("name a file: %w", err)
		}
		name = filepath.ToSlash(name)
		file, known := listed[name]
		switch {
		case name == manifest.FileName, name == manifest.RemovedName, gone(name):
		case !entry.Type().IsRegular():
			wrong = append(wrong, fmt.Errorf("%s is not a plain file", name))
		case !known:
			wrong = append(wrong, fmt.Errorf("%s is not in the manifest", name))
		default:
			size, sum, err := durable.Sum(path)
			if err != nil {
				return err
			}
			if size != file.Bytes || sum != file.SHA256 {
				wrong = append(wrong, fmt.Errorf("%s has changed: %d bytes with SHA-256 %s, the manifest says %d bytes with %s", name, size, sum, file.Bytes, file.SHA256))
			}
		}
		seen[name] = true
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the files: %w", err)
	}
	for _, file := range m.All() {
		if !seen[file.Path] && !gone(file.Path) {
			wrong = append(wrong, fmt.Errorf("%s is missing", file.Path))
		}
	}
	return errors.Join(wrong...)
}

// verifyTier reads the data files of one tier.
func verifyTier(ctx context.Context, folder, tier string, whole *manifest.Manifest, reader []string) error {
	m, err := manifest.Read(filepath.Join(folder, filepath.FromSlash(tier)))
	if err != nil {
		return err
	}
	if m.Release != whole.Release {
		return fmt.Errorf("its manifest is that of release %s, not %s", m.Release, whole.Release)
	}
	records := map[string]manifest.DatasetRecord{}
	for _, record := range m.Datasets {
		records[record.Name] = record
	}
	for _, file := range m.All() {
		local := filepath.Join(folder, filepath.FromSlash(tier), filepath.FromSlash(file.Path))
		var err error
		switch path.Ext(file.Path) {
		case ".parquet":
			err = verifyParquet(local, records[file.Dataset], file)
		case ".csv":
			err = verifyCSV(local, records[file.Dataset], file)
		case ".xlsx":
			err = verifyWorkbook(local, records, file)
		case ".duckdb":
			expect, expectErr := expect(m, folder)
			if expectErr != nil {
				return expectErr
			}
			err = runReader(ctx, reader, local, expect)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file.Path, err)
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped after %s: %w", file.Path, err)
		}
	}
	return nil
}

// Expect is what a DuckDB file of a release must contain.
type Expect struct {
	Internal  bool             `json:"internal"` // every comment begins INTERNAL
	Relations []ExpectRelation `json:"relations"`
	Macros    []string         `json:"macros"`
	Queries   []string         `json:"queries"` // statements that must bind
}

// ExpectRelation is one table or view of a DuckDB file.
type ExpectRelation struct {
	Name    string        `json:"name"`
	Kind    manifest.Kind `json:"kind"`
	Rows    int64         `json:"rows"`    // of a table
	Columns []string      `json:"columns"` // name and type, in order
}

// expect is what the tier's DuckDB file must contain. Named queries have to
// bind.
func expect(m *manifest.Manifest, folder string) (Expect, error) {
	expect := Expect{Internal: m.Place != manifest.OpenPlace}
	for _, record := range m.Datasets {
		relation := ExpectRelation{Name: record.Name, Kind: record.Kind}
		for _, column := range record.Columns {
			relation.Columns = append(relation.Columns, column.Name+" "+column.Type)
		}
		for _, file := range m.All() {
			if file.Dataset == record.Name && file.Rows != nil && path.Ext(file.Path) == ".parquet" {
				relation.Rows += *file.Rows
			}
		}
		expect.Relations = append(expect.Relations, relation)
	}
	for _, macro := range m.Macros {
		expect.Macros = append(expect.Macros, macro.Name)
	}
	for _, query := range m.Queries {
		if query.Missing {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(manifest.QueryPath(query.Name))))
		if err != nil {
			return Expect{}, err
		}
		expect.Queries = append(expect.Queries, string(text))
	}
	return expect, nil
}

// runReader has a DuckDB file verified by another process.
func runReader(ctx context.Context, reader []string, file string, expect Expect) error {
	if len(reader) == 0 {
		return DuckDB(ctx, file, expect)
	}
	data, err := json.Marshal(expect)
	if err != nil {
		return fmt.Errorf("say what the file should contain: %w", err)
	}
	arguments := append(append([]string{}, reader[1:]...), file)
	command := exec.CommandContext(ctx, reader[0], arguments...) //nolint:gosec // the command is this program itself
	command.Stdin = bytes.NewReader(data)
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Run(); err != nil {
		return fmt.Errorf("a second process could not verify it: %s (%w)", strings.TrimSpace(said.String()), err)
	}
	return nil
}
