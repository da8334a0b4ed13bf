package correction

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"socialvalue/internal/contract"
	"socialvalue/internal/model"
	"socialvalue/internal/nearest"
)

// Folder is where a site keeps its corrections.
const Folder = "overrides"

// Known is what corrections may speak of.
type Known struct {
	Contracts map[string]*contract.Contract // by reference
	Project   *model.Project
}

// Read reads the corrections below a site's overrides/, and gives those in force
// on a day. The error is model.Problems when files are at fault: all of them
// together.
func Read(overrides fs.FS, known Known, day time.Time) (*Set, error) {
	r := &reader{known: known, day: day, set: &Set{}, stands: map[string]string{}}
	err := fs.WalkDir(overrides, ".", func(name string, entry fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case name == "." && errors.Is(err, fs.ErrNotExist):
			return fs.SkipAll // a site need not have any
		case err != nil:
			return err
		case name != "." && (strings.HasPrefix(base, ".") || strings.HasSuffix(base, "~")):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir(), path.Ext(base) == ".md":
			return nil
		}
		data, err := fs.ReadFile(overrides, name)
		if err != nil {
			return err
		}
		r.file(path.Join(Folder, name), data)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the corrections: %w", err)
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return r.set, nil
}

type reader struct {
	known    Known
	day      time.Time
	set      *Set
	problems model.Problems
	stands   map[string]string // what is corrected → where
}

func (r *reader) fail(file string, line, column int, format string, args ...any) {
	r.problems = append(r.problems, model.Problem{File: file, Line: line, Column: column, Text: fmt.Sprintf(format, args...)})
}

// sheet is one file of corrections being read.
type sheet struct {
	file     string
	relation string
	column   string // empty: the file's own column `column` says
	contract *contract.Contract
	node     *model.Node
	header   map[string]int
	row      []string
	pos      func(field int) (line, column int)
}

// The columns that every file has, and those that files of raw rows have besides.
const (
	colValue, colReason, colWho, colWhen, colExpires = "value", "reason", "who", "when", "expires"
	colSourceFile, colSourceRow, colSHA, colColumn   = "_source_file", "_source_row", "file_sha256", "column"
	colRule, colProblem, colShown                    = "rule", "problem", "shown_value"
)

// Exported are the columns of a file of corrections to be filled in.
func Exported() []string {
	return []string{colSourceFile, colSourceRow, colSHA, colColumn, colRule, colProblem, colShown, colValue, colReason, colWho, colWhen, colExpires}
}

// FileName is what a file of corrections of a raw relation is called.
func FileName(relation string) string { return relation + ".csv" }

func (r *reader) file(name string, data []byte) {
	s := &sheet{file: name}
	if !r.address(s) {
		return
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		line := 1
		for rest := data; len(rest) > 0; {
			c, size := utf8.DecodeRune(rest)
			if c == utf8.RuneError && size == 1 {
				break
			}
			if c == '\n' {
				line++
			}
			rest = rest[size:]
		}
		r.fail(name, line, 0, "a byte here is no UTF-8: save the file as \"CSV UTF-8\"")
		return
	}
	rows := csv.NewReader(bytes.NewReader(data))
	rows.FieldsPerRecord = -1
	s.pos = rows.FieldPos
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		r.fail(name, 1, 0, "the file is empty: its first line is %s", strings.Join(s.columns(), ","))
		return
	}
	if err != nil {
		r.unreadable(name, err)
		return
	}
	if !r.header(s, header) {
		return
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.unreadable(name, err)
			return
		}
		s.row = row
		if len(row) != len(header) {
			line, _ := s.pos(0)
			r.fail(name, line, 0, "the row has %d fields and the header %d: quote a text that holds a comma", len(row), len(header))
			continue
		}
		r.read(s)
	}
}

// unreadable reports what is no CSV. The library's message quotes nothing.
func (r *reader) unreadable(name string, err error) {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		r.fail(name, parse.Line, parse.Column, "%s: double the quotes inside a text and put it into quotes", parse.Err)
		return
	}
	r.fail(name, 0, 0, "%s", err)
}

// address finds what a file corrects, from its name.
func (r *reader) address(s *sheet) bool {
	base := path.Base(s.file)
	parts := strings.Split(strings.TrimSuffix(base, ".csv"), ".")
	raw := parts[0] == "raw"
	if path.Ext(base) != ".csv" || len(parts) < 2 || len(parts) > 3 || (len(parts) == 2 && !raw) {
		r.fail(s.file, 0, 0, "no file of corrections: name it <schema>.<table>.<column>.csv, as spend.payments.flow_class.csv, "+
			"or raw.<pipeline>_<contract>.csv, and save it as CSV")
		return false
	}
	s.relation = parts[0] + "." + parts[1]
	if len(parts) == 3 {
		s.column = parts[2]
	}
	if !raw {
		if problem := r.known.Project.OverrideProblem(s.relation, s.column); problem != "" {
			r.fail(s.file, 0, 0, "%s", problem)
			return false
		}
		s.node = r.known.Project.Nodes[s.relation]
		return true
	}
	var relations []string
	for _, c := range r.known.Contracts {
		relations = append(relations, c.Relation())
		if c.Relation() == s.relation {
			s.contract = c
		}
	}
	if s.contract == nil {
		slices.Sort(relations)
		if meant := nearest.Of(s.relation, relations); meant != "" {
			r.fail(s.file, 0, 0, "no contract fills %s: did you mean %s?", s.relation, meant)
		} else {
			r.fail(s.file, 0, 0, "no contract fills %s: there are %s", s.relation, strings.Join(relations, ", "))
		}
		return false
	}
	if s.column != "" {
		if problem := cellProblem(s.contract, s.column); problem != "" {
			r.fail(s.file, 0, 0, "%s", problem)
			return false
		}
	}
	return true
}

// cellProblem says why cells of a contract's column cannot be corrected.
func cellProblem(c *contract.Contract, name string) string {
	column := c.Column(name)
	if column == nil {
		names := make([]string, len(c.Columns))
		for i := range c.Columns {
			names[i] = c.Columns[i].Name
		}
		if meant := nearest.Of(name, names); meant != "" {
			return fmt.Sprintf("contract %s has no column %s: did you mean %s?", c.Ref(), name, meant)
		}
		return fmt.Sprintf("contract %s has no column %s: it has %s", c.Ref(), name, strings.Join(names, ", "))
	}
	if column.IsPersonal() {
		return fmt.Sprintf("%s of contract %s is personal data, which no file here may hold: ask the sender to correct it and to send the file again", name, c.Ref())
	}
	return ""
}

// required are the columns that a file must have.
func (s *sheet) required() []string {
	decision := []string{colValue, colReason, colWho, colWhen, colExpires}
	if s.node != nil {
		return append(slices.Clone(s.node.Spec.Key), decision...)
	}
	cell := []string{colSourceFile, colSourceRow, colSHA}
	if s.column == "" {
		cell = append(cell, colColumn)
	}
	return append(cell, decision...)
}

// columns are those that a file may have.
func (s *sheet) columns() []string {
	if s.node != nil {
		return s.required()
	}
	return Exported()
}

func (r *reader) header(s *sheet, names []string) bool {
	s.header = map[string]int{}
	ok := true
	for i, name := range names {
		line, column := s.pos(i)
		name = strings.TrimSpace(name)
		_, twice := s.header[name]
		switch {
		case twice:
			r.fail(s.file, line, column, "column %s stands twice: keep one", name)
		case !slices.Contains(s.columns(), name):
			r.fail(s.file, line, column, "unknown column %q: the columns are %s", name, strings.Join(s.columns(), ", "))
		default:
			s.header[name] = i
			continue
		}
		ok = false
	}
	for _, name := range s.required() {
		if _, there := s.header[name]; !there {
			r.fail(s.file, 1, 0, "no column %s: the columns are %s", name, strings.Join(s.required(), ", "))
			ok = false
		}
	}
	return ok
}

// text is a field of the row.
func (s *sheet) text(name string) string {
	i, ok := s.header[name]
	if !ok {
		return ""
	}
	return strings.TrimSpace(s.row[i])
}

// at reports a mistake in a field of the row.
func (r *reader) at(s *sheet, name, format string, args ...any) {
	line, column := s.pos(s.header[name])
	r.fail(s.file, line, column, format, args...)
}

// read reads one row. One in which nothing is filled in yet is passed over.
func (r *reader) read(s *sheet) {
	if s.text(colValue) == "" && s.text(colReason) == "" && s.text(colWho) == "" && s.text(colWhen) == "" {
		return
	}
	before := len(r.problems)
	line, _ := s.pos(0)
	d := Decision{
		Relation: s.relation, Column: s.column, Value: s.text(colValue), Reason: s.text(colReason), Who: s.text(colWho), File: s.file, Line: line,
	}
	for _, field := range []struct{ name, remedy string }{
		{colReason, "say in a sentence why"}, {colWho, "say who decided it"}, {colWhen, "give the date of the decision"},
	} {
		if s.text(field.name) == "" {
			r.at(s, field.name, "no %s: %s", field.name, field.remedy)
		}
	}
	d.When, d.Expires = r.date(s, colWhen), r.date(s, colExpires)
	if !d.Expires.IsZero() && d.Expires.Before(d.When) {
		r.at(s, colExpires, "it expires before it was decided: correct one of the two dates")
	}
	if s.node != nil {
		r.value(s, d, before)
	} else {
		r.cell(s, d, before)
	}
}

func (r *reader) date(s *sheet, name string) time.Time {
	text := s.text(name)
	if text == "" {
		return time.Time{}
	}
	for _, form := range []string{time.DateOnly, "02/01/2006"} { // the second is what spreadsheets here make of the first
		if day, err := time.Parse(form, text); err == nil {
			return day
		}
	}
	r.at(s, name, "%s is no date: write YYYY-MM-DD", name)
	return time.Time{}
}

func (r *reader) value(s *sheet, d Decision, before int) {
	v := Value{Decision: d}
	for _, name := range s.node.Spec.Key {
		text := s.text(name)
		if problem := s.node.ValueProblem(name, text); problem != "" {
			r.at(s, name, "no value of the key column %s: %s", name, problem)
		}
		v.Key = append(v.Key, text)
	}
	if problem := s.node.ValueProblem(d.Column, d.Value); problem != "" {
		r.at(s, colValue, "no value of %s.%s: %s", d.Relation, d.Column, problem)
	}
	if len(r.problems) > before || r.expired(d) || r.twice(s, d, strings.Join(v.Key, "\x1f")) {
		return
	}
	r.set.Values = append(r.set.Values, v)
}

func (r *reader) cell(s *sheet, d Decision, before int) {
	c := Cell{Decision: d, SourceFile: s.text(colSourceFile), SHA256: strings.ToLower(s.text(colSHA))}
	if named := s.text(colColumn); s.column == "" || named != "" {
		switch problem := cellProblem(s.contract, named); {
		case named == "":
			r.at(s, colColumn, "no column: name the column that is corrected")
		case s.column != "" && named != s.column:
			r.at(s, colColumn, "the file's name says %s: keep corrections of one column in it, or name it %s", s.column, FileName(s.relation))
		case problem != "":
			r.at(s, colColumn, "%s", problem)
		}
		c.Column = named
	}
	if c.SourceFile == "" {
		r.at(s, colSourceFile, "no file: name it as svw quarantine show does")
	}
	row, err := strconv.ParseInt(s.text(colSourceRow), 10, 64)
	if err != nil || row < 1 {
		r.at(s, colSourceRow, "no line of the file: write a whole number from 1")
	}
	c.Row = row
	if sum, err := hex.DecodeString(c.SHA256); err != nil || len(sum) != 32 {
		r.at(s, colSHA, "no SHA-256: copy the 64 digits from svw quarantine export or svw loads show, so that another file of this name is not touched")
	}
	if len(r.problems) > before || r.expired(d) || r.twice(s, c.Decision, fmt.Sprintf("%s %s %d", c.SHA256, member(c.SourceFile), c.Row)) {
		return
	}
	r.set.Cells = append(r.set.Cells, c)
}

// member is the document inside an archive that a document's name tells.
func member(sourceFile string) string {
	_, member, _ := strings.Cut(sourceFile, "!")
	return member
}

// expired says whether a decision holds no more.
func (r *reader) expired(d Decision) bool { return !d.Expires.IsZero() && r.day.After(d.Expires) }

// twice reports two decisions in force about one value.
func (r *reader) twice(s *sheet, d Decision, key string) bool {
	key = strings.Join([]string{d.Relation, d.Column, key}, "\x1f")
	if other, ok := r.stands[key]; ok {
		r.fail(s.file, d.Line, 1, "the same value is corrected in %s: keep one of the two", other)
		return true
	}
	r.stands[key] = fmt.Sprintf("%s:%d", s.file, d.Line)
	return false
}
