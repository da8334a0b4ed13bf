//go:build duckdb_arrow

// Package rehearsal makes relations of the built-in project from rows that a test gives, protects those that are open, and
// hands on what a reader would see. It is for tests, which draw people by the hundred and need no files for them.
package rehearsal

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/estimators"
	"socialvalue/internal/model"
	"socialvalue/internal/site"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// Rehearsal is a project on a database in memory.
type Rehearsal struct {
	Project *model.Project
	t       testing.TB
	db      *warehouse.DB
}

const settings = `name: Rehearsal
version: 1
bodies: [{code: ours, name: Authority, role: authority}]
area: {name: Area, lad_codes: [E08000012]}
time_zone: Europe/London
baseline_year: 2022-23
`

// New has the relations given, and whatever they read directly: reference data as they are, all else without rows.
func New(t testing.TB, files fs.FS, relations ...string) *Rehearsal {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "svw.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := &Rehearsal{t: t}
	r.Project, err = workspace.Project(t.Context(), workspace.Environment{
		Site: s, Files: files, Estimators: estimators.All(), Version: "test",
		Now: func() time.Time { return time.Date(2025, time.June, 30, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.db, err = warehouse.Open(t.Context(), "", warehouse.Options{Threads: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.db.Close(); err != nil {
			t.Error(err)
		}
	})
	stand := slices.Clone(relations)
	for _, relation := range relations {
		for _, input := range r.Project.Inputs(relation) {
			if !slices.Contains(stand, input) {
				stand = append(stand, input)
			}
		}
	}
	if err := r.Project.Scaffold(t.Context(), r.db, stand); err != nil {
		t.Fatal(err)
	}
	for _, relation := range stand {
		if node := r.Project.Nodes[relation]; node != nil && node.Kind == model.KindReference {
			r.Make(relation)
		}
	}
	return r
}

// Give gives a relation these rows and no others. A column that is not named is null; a value is an int, a float64, a bool, a
// text, or nil.
func (r *Rehearsal) Give(relation string, columns []string, rows [][]any) {
	r.t.Helper()
	declared, known := r.Project.Columns(relation)
	if !known {
		r.t.Fatalf("no relation %s", relation)
	}
	if err := r.exec(model.EmptyTable(relation, declared)); err != nil {
		r.t.Fatal(err)
	}
	names := make([]string, len(columns))
	for i, name := range columns {
		names[i] = warehouse.Ident(name)
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		values := make([]string, len(row))
		for k, value := range row {
			values[k] = literal(value)
		}
		lines[i] = "(" + strings.Join(values, ", ") + ")"
	}
	for chunk := range slices.Chunk(lines, 500) {
		if err := r.exec("insert into " + warehouse.Relation(relation) + " (" + strings.Join(names, ", ") + ") values " + strings.Join(chunk, ", ")); err != nil {
			r.t.Fatalf("rows of %s: %v", relation, err)
		}
	}
}

func literal(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case int:
		return strconv.Itoa(v)
	case string:
		return warehouse.Text(v)
	default:
		return fmt.Sprint(v)
	}
}

func (r *Rehearsal) exec(sql string) error {
	_, err := r.db.Exec(r.t.Context(), sql)
	return err
}

// Make makes relations, in this order.
func (r *Rehearsal) Make(relations ...string) {
	r.t.Helper()
	for _, relation := range relations {
		if _, err := r.Project.Produce(r.t.Context(), r.db, r.Project.Nodes[relation], estimators.All()); err != nil {
			r.t.Fatalf("make %s: %v", relation, err)
		}
	}
}

// Check runs the checks in SQL that a relation has, none of which may find a row.
func (r *Rehearsal) Check(relation string) {
	r.t.Helper()
	for _, check := range r.Project.Nodes[relation].Spec.Checks {
		if found := r.Texts("select count(*)::varchar from (" + check.SQL + ")"); found[0] != "0" {
			r.t.Errorf("%s: %s finds %s rows", relation, check.Name, found[0])
		}
	}
}

// Protect judges open relations together, and says in which relation the open form of each stands.
func (r *Rehearsal) Protect(relations ...string) map[string]string {
	r.t.Helper()
	var open []disclosure.Relation
	for _, name := range relations {
		node := r.Project.Nodes[name]
		columns := make([]disclosure.Column, len(node.Spec.Columns))
		for i, c := range node.Spec.Columns {
			columns[i] = disclosure.Column{Name: c.Name, Type: c.Type, Personal: c.Personal}
		}
		open = append(open, disclosure.Relation{
			Name: name, Source: name, Key: node.Spec.Key, Columns: columns, Rules: node.Spec.Publish.Disclosure, Announced: node.Spec.Publish.Announced,
		})
	}
	result, err := disclosure.Protect(r.t.Context(), r.db, open, disclosure.Floor())
	if err != nil {
		r.t.Fatal(err)
	}
	forms := map[string]string{}
	for name, mask := range result.Masks {
		forms[name] = mask.Relation
	}
	return forms
}

// Texts is the one column of an answer.
func (r *Rehearsal) Texts(sql string) []string {
	r.t.Helper()
	texts, err := r.db.Texts(r.t.Context(), sql)
	if err != nil {
		r.t.Fatalf("%s: %v", sql, err)
	}
	return texts
}

// Row is a row of an answer, by column. What is null is not there.
type Row map[string]string

// Number is a number of it, and whether there is one.
func (r Row) Number(column string) (float64, bool) {
	text, there := r[column]
	number, err := strconv.ParseFloat(text, 64)
	return number, there && err == nil
}

// Rows are the rows of a relation.
func (r *Rehearsal) Rows(relation, condition string, columns ...string) []Row {
	r.t.Helper()
	const separator, null = "\x1f", "\x00"
	cells := make([]string, len(columns))
	for i, name := range columns {
		cells[i] = "coalesce(cast(" + warehouse.Ident(name) + " as varchar), chr(0))"
	}
	texts := r.Texts("select concat_ws(chr(31), " + strings.Join(cells, ", ") + ") from " + warehouse.Relation(relation) + " where " + condition + " order by 1")
	rows := make([]Row, len(texts))
	for i, text := range texts {
		rows[i] = Row{}
		for k, cell := range strings.Split(text, separator) {
			if cell != null {
				rows[i][columns[k]] = cell
			}
		}
	}
	return rows
}
