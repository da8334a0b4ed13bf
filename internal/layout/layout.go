// Package layout describes how a file spells a contract: which header it has, how it is encoded, and which of its columns
// is which. Contracts ship layouts and sources of a site add their own, so both use these types. It reads no files; it
// imports internal/strictyaml and internal/nearest only.
package layout

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Layout is one shape that files of a source may have.
type Layout struct {
	Name        string            `yaml:"name"`
	Description string            `yaml:"description" json:"-"` // for people; it decides nothing
	When        When              `yaml:"when"`
	Format      Format            `yaml:"format"`
	Map         map[string]string `yaml:"map"` // header, exact or with ? and *, to contract column
	Set         map[string]string `yaml:"set"` // contract column to the constant the file does not carry
	Ignore      Ignore            `yaml:"ignore"`
}

// When says which files have this layout. All conditions must hold; none at all fits every file.
type When struct {
	HeaderHas   []string `yaml:"header_has"`
	HeaderLacks []string `yaml:"header_lacks"`
	Fields      int      `yaml:"fields"` // number of fields of the first record; 0 = any
}

// Format is the dialect of the file.
type Format struct {
	Sheet     Sheet    `yaml:"sheet" json:",omitzero"`   // of a workbook; a text has none
	Turned    bool     `yaml:"turned" json:",omitempty"` // of a workbook: a form, whose columns are the rows
	Encoding  string   `yaml:"encoding"`
	Delimiter string   `yaml:"delimiter"`
	HeaderRow int      `yaml:"header_row"` // 1 = the first row; 0 = no header, see Columns
	Columns   []string `yaml:"columns"`    // names of the fields of a file without header
	Dates     []string `yaml:"dates"`      // see ParseDate
	Nulls     []string `yaml:"nulls"`      // texts that mean "no value", after trimming
}

// Sheet names the sheet of a workbook that holds the rows; the zero Sheet is the only one that is not hidden.
type Sheet struct {
	Name  string // exact, or a pattern with ? and * that one sheet fits
	Place int    // among the sheets that are not hidden, from 1
}

// UnmarshalYAML reads a name, or a number as it stands without quotes.
func (s *Sheet) UnmarshalYAML(n *yaml.Node) error {
	var err error
	switch {
	case n.Kind != yaml.ScalarNode || n.Value == "":
		err = errSheet
	case n.ShortTag() == "!!int":
		if err = n.Decode(&s.Place); err != nil || s.Place < 1 {
			err = errSheet
		}
	default:
		s.Name = n.Value
	}
	return err
}

var errSheet = errors.New("expects the name of a sheet, in quotes if it is a number, or its place from the left, the first being 1")

// MarshalYAML writes what UnmarshalYAML reads.
func (s Sheet) MarshalYAML() (any, error) {
	if s.Place > 0 {
		return s.Place, nil
	}
	return s.Name, nil
}

// IsZero says that no sheet is named.
func (s Sheet) IsZero() bool { return s == Sheet{} }

// Encodings a file may have. A byte order mark is dropped.
const (
	UTF8        = "utf-8"
	Windows1252 = "windows-1252"
	Latin1      = "iso-8859-1"
	UTF16       = "utf-16"
)

// DefaultFormat is UTF-8, comma, header in the first row, ISO dates, and the empty text for no value.
func DefaultFormat() Format {
	return Format{Encoding: UTF8, Delimiter: ",", HeaderRow: 1, Dates: []string{ISODate}, Nulls: []string{""}}
}

// Default is the layout of a source for which nobody wrote one: the default format, columns found by name and alias.
func Default() Layout {
	return Layout{Name: "default", Format: DefaultFormat()}
}

// Header is the header by which columns are found: the file's own or, where it has none, the names the layout gives.
func (l *Layout) Header(file []string) []string {
	if l.Format.HeaderRow == 0 {
		return l.Format.Columns
	}
	return file
}

// Ignore lists the columns of a file that are left aside; All is every one that no contract column claims. The name ""
// stands for unnamed trailing columns, which must be empty.
type Ignore struct {
	All   bool
	Names []string
}

// UnmarshalYAML reads the word all, or a list of names.
func (i *Ignore) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		if n.Value != "all" {
			return fmt.Errorf("expects a list of column names, or the word all")
		}
		i.All = true
		return nil
	}
	if err := n.Decode(&i.Names); err != nil {
		return fmt.Errorf("expects a list of column names, or the word all")
	}
	return nil
}

// MarshalYAML writes what UnmarshalYAML reads.
func (i Ignore) MarshalYAML() (any, error) {
	if i.All {
		return "all", nil
	}
	return i.Names, nil
}

// Column is what a layout must know of a contract column to find it in a file.
type Column struct {
	Name     string
	Type     string   // for people; it decides nothing here
	Aliases  []string // matched without regard to case; ? and * are globs
	Required bool
	Personal bool // its values must never be shown, not even by mistake for a header
	Hidden   bool // its values must not leave the landed file: no text of the file is shown at all, and it is no constant
}
