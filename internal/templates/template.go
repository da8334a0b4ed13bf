// Package templates makes the workbooks that the authority sends out to be filled in: a template is data
// (pipelines/<pipeline>/templates/<name>.yaml), which says which sheets there are, in which layout of which contract each
// comes back, and what stands in it already. Headings, choices and hints are those of the contracts, so that what is
// asked and what is read cannot differ.
package templates

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/layout"
	"socialvalue/internal/strictyaml"
)

// Template is one workbook to send out.
type Template struct {
	Name     string `yaml:"-"`
	Pipeline string `yaml:"-"`

	Title       string            `yaml:"title"`
	For         string            `yaml:"for"`     // who fills it in, and when
	Minutes     int               `yaml:"minutes"` // that it takes
	Description string            `yaml:"description"`
	File        string            `yaml:"file"` // where it is dropped when it comes back
	About       []Paragraph       `yaml:"about"`
	Sources     string            `yaml:"sources"`   // the lines of svw.yaml by which it is read
	Questions   map[string]string `yaml:"questions"` // to the open file of the current release, by name
	Sheets      []Sheet           `yaml:"sheets"`
}

// Paragraph is a part of what the workbook says about itself.
type Paragraph struct {
	Heading string `yaml:"heading"`
	Text    string `yaml:"text"`
}

// Sheet is a sheet, which one layout of a contract reads.
type Sheet struct {
	Name     string   `yaml:"name"`
	Contract string   `yaml:"contract"`
	Layout   string   `yaml:"layout"`
	Help     string   `yaml:"help"`
	Rows     string   `yaml:"rows"`      // the question whose answer stands there already; empty: nothing does
	Answers  int      `yaml:"answers"`   // of a form: how many columns there are to answer in
	FromName []string `yaml:"from_name"` // columns that the file's name says
	Columns  []Column `yaml:"columns"`

	contract *contract.Contract
	layout   *layout.Layout
}

// Column is a column of a sheet, or a question of a form.
type Column struct {
	Column  string  `yaml:"column"` // of the contract
	Show    string  `yaml:"show"`   // or the heading of one that is only shown, and ignored when it comes back
	From    string  `yaml:"from"`   // the column of the answer that fills it, if it is named otherwise
	Help    string  `yaml:"help"`   // in place of the contract's description
	Width   float64 `yaml:"width"`
	Number  string  `yaml:"number"` // of a question
	Once    bool    `yaml:"once"`   // of a form: answered once, for all columns
	Tall    bool    `yaml:"tall"`   // of a form: room for some lines
	Choices Choices `yaml:"choices"`
}

// Choices are what a cell offers; without any, those that the contract allows.
type Choices struct {
	Values []string `yaml:"values"`
	Ref    string   `yaml:"ref"`    // reference data (sql/ref), all values
	Column string   `yaml:"column"` // of one of its columns
}

// ErrUnknown says that there is no template of that name.
var ErrUnknown = errors.New("there is no such template")

// Load reads all templates of a site's files by their names. Those of a disabled pipeline are left out.
func Load(files fs.FS, contracts map[string]*contract.Contract) (map[string]*Template, error) {
	paths, err := fs.Glob(files, "pipelines/*/templates/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	all := map[string]*Template{}
	var problems []error
	for _, file := range paths {
		t, err := parse(files, file, contracts)
		switch {
		case err != nil:
			problems = append(problems, err)
		case t != nil:
			all[t.Name] = t
		}
	}
	return all, errors.Join(problems...)
}

func parse(files fs.FS, file string, contracts map[string]*contract.Contract) (*Template, error) {
	data, err := fs.ReadFile(files, file)
	if err != nil {
		return nil, fmt.Errorf("read template %s: %w", file, err)
	}
	t := &Template{Name: strings.TrimSuffix(path.Base(file), ".yaml"), Pipeline: strings.Split(file, "/")[1]}
	doc, err := strictyaml.Decode(file, data, t)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(t.Sheets, func(s Sheet) bool { return contracts[s.Contract] != nil }) && doc.Err() == nil {
		return nil, nil // the pipeline is switched off
	}
	if t.Title == "" || t.For == "" || t.File == "" || len(t.Sheets) == 0 {
		doc.At().Report("a template needs title, for, file and sheets")
	}
	for i := range t.Sheets {
		t.Sheets[i].resolve(doc.At("sheets", i), contracts, t.Questions)
	}
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return t, nil
}

// resolve finds the contract and layout of a sheet, and reports what could not come back.
func (s *Sheet) resolve(at strictyaml.Spot, contracts map[string]*contract.Contract, questions map[string]string) {
	s.contract = contracts[s.Contract]
	if s.contract == nil {
		at.At("contract").Report("there is no contract %s", s.Contract)
		return
	}
	i := slices.IndexFunc(s.contract.Layouts, func(l layout.Layout) bool { return l.Name == s.Layout })
	if i < 0 {
		at.At("layout").Report("contract %s has no layout %s", s.Contract, s.Layout)
		return
	}
	s.layout = &s.contract.Layouts[i]
	if s.Rows != "" && questions[s.Rows] == "" {
		at.At("rows").Report("there is no question %s", s.Rows)
	}
	if s.layout.Format.Turned != (s.Answers > 0) {
		at.At("answers").Report("a form needs a layout that is turned, and a number of answers; other sheets neither")
	}
	if !regexp.MustCompile(`^[^:\\/?*\[\]']{1,31}$`).MatchString(s.Name) {
		at.At("name").Report("a sheet's name has up to 31 characters, none of : \\ / ? * [ ] '")
	}
	for j, column := range s.Columns {
		here := at.At("columns", j)
		switch {
		case (column.Column == "") == (column.Show == ""):
			here.Report("a column names either a column of the contract or, with show, the heading of one that is only shown")
		case column.Show != "" && !slices.Contains(s.layout.Ignore.Names, column.Show):
			here.At("show").Report("layout %s does not ignore %q: what is only shown must be ignored when it comes back", s.Layout, column.Show)
		case column.Column != "" && s.contract.Column(column.Column) == nil:
			here.At("column").Report("contract %s has no column %s", s.Contract, column.Column)
		case s.layout.Set[column.Column] != "":
			here.At("column").Report("layout %s sets %s: leave it out", s.Layout, column.Column)
		}
	}
	for _, column := range s.contract.Columns {
		asked := slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Column == column.Name })
		if column.Required && !asked && s.layout.Set[column.Name] == "" && !slices.Contains(s.FromName, column.Name) {
			at.At("columns").Report("%s is required by contract %s and not asked for", column.Name, s.Contract)
		}
	}
}

// heading is what stands above a column, or what a form asks.
func (s *Sheet) heading(column Column) string {
	if column.Show != "" {
		return column.Show
	}
	for name, mapped := range s.layout.Map {
		if mapped == column.Column {
			return name
		}
	}
	if aliases := s.contract.Column(column.Column).Aliases; len(aliases) > 0 {
		return aliases[0]
	}
	return column.Column
}

// hint is what is said of a column to whoever fills it in.
func (s *Sheet) hint(column Column) string {
	if column.Show != "" {
		return "Shown for comparison. It is not read."
	}
	c := s.contract.Column(column.Column)
	text := c.Description
	if column.Help != "" {
		text = column.Help
	}
	if c.Example != "" {
		text = strings.TrimSuffix(text, ".") + ". Example: " + c.Example + "."
	}
	if c.Required {
		text = "Needed. " + text
	}
	return text
}
