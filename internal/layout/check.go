package layout

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"socialvalue/internal/nearest"
	"socialvalue/internal/strictyaml"
)

// Complete fills in the defaults of layouts that were just decoded from the list at this place, and reports at its line
// whatever is wrong with them.
func Complete(at strictyaml.Spot, layouts []Layout) {
	names := make(map[string]bool)
	for i := range layouts {
		l, here := &layouts[i], at.At(i)
		if l.Name == "" {
			l.Name = fmt.Sprintf("layout_%d", i+1)
		}
		if names[l.Name] {
			here.At("name").Report("two layouts are named %q: give each its own name", l.Name)
		}
		names[l.Name] = true
		if len(layouts) > 1 && len(l.When.HeaderHas)+len(l.When.HeaderLacks)+l.When.Fields == 0 && l.Format.headerless(here) == nil {
			here.Report("layout %q fits every file, and there are %d layouts: say when it applies, "+
				"as in when: {header_has: [Date paid]}", l.Name, len(layouts))
		}
		if l.When.Fields < 0 {
			here.At("when", "fields").Report("fields counts the fields of the first record: use a whole number above 0")
		}
		l.Format.complete(here)
		for name, column := range l.Map {
			if column == "" {
				here.At("map", name).Report("header %q is mapped to nothing: name a contract column, "+
					"or move the header to ignore", name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(l.Map)) {
			if slices.Contains(l.Ignore.Names, name) {
				here.At("ignore").Report("header %q is both mapped and ignored: keep one", name)
			}
		}
	}
}

// headerless returns the column names of a layout for files without header, nil for files with one.
func (f *Format) headerless(at strictyaml.Spot) []string {
	if at.Has("format", "header_row") && f.HeaderRow == 0 {
		return f.Columns
	}
	return nil
}

func (f *Format) complete(layout strictyaml.Spot) {
	at, standard := layout.At("format"), DefaultFormat()
	if f.Encoding == "" {
		f.Encoding = standard.Encoding
	}
	encodings := []string{UTF8, Windows1252, Latin1, UTF16}
	if !slices.Contains(encodings, f.Encoding) {
		at.At("encoding").Report("unknown encoding: use one of %s", strings.Join(encodings, ", "))
	}
	switch f.Delimiter {
	case "":
		f.Delimiter = standard.Delimiter
	case "tab":
		f.Delimiter = "\t"
	}
	if d := []rune(f.Delimiter); len(d) != 1 || d[0] > unicode.MaxASCII || unicode.IsLetter(d[0]) || unicode.IsDigit(d[0]) ||
		strings.ContainsRune("\"\r\n\x00", d[0]) {
		at.At("delimiter").Report(`delimiter is one character between the fields: "," ";" "|" or tab`)
	}
	if !layout.Has("format", "header_row") {
		f.HeaderRow = standard.HeaderRow
	}
	switch {
	case f.HeaderRow < 0:
		at.At("header_row").Report("header_row counts from 1; 0 means that the file has no header")
	case f.HeaderRow == 0 && len(f.Columns) == 0:
		at.Report("a file without header (header_row: 0) needs columns: [...] with a name for each of its fields")
	case f.HeaderRow > 0 && len(f.Columns) > 0:
		at.At("columns").Report("columns names the fields of a file without header: add header_row: 0, or remove columns")
	}
	for i, name := range f.Columns {
		if slices.Contains(f.Columns[:i], name) && name != "" {
			at.At("columns", i).Report("two fields are named %q: give each its own name", name)
		}
	}
	if len(f.Dates) == 0 {
		f.Dates = standard.Dates
	}
	f.checkDates(at.At("dates"))
	if len(f.Nulls) == 0 {
		f.Nulls = standard.Nulls
	}
}

func (f *Format) checkDates(at strictyaml.Spot) {
	var parsed []Date
	for i, text := range f.Dates {
		d, err := ParseDate(text)
		if err != nil {
			at.At(i).Report("%s", err)
			return
		}
		for _, other := range parsed {
			if example, both := d.overlap(other); both {
				at.At(i).Report("%q and %q can both read a text like %q: keep one, or put the files in two layouts",
					other.Format, d.Format, example)
				return
			}
		}
		parsed = append(parsed, d)
	}
}

// CheckColumns reports every column that the layouts at this place name and the contract does not have.
func CheckColumns(at strictyaml.Spot, layouts []Layout, contract string, columns []Column) {
	names := Names(columns)
	for i := range layouts {
		here := at.At(i)
		for _, header := range slices.Sorted(maps.Keys(layouts[i].Map)) {
			if column := layouts[i].Map[header]; column != "" && !slices.Contains(names, column) {
				here.At("map", header).Report("%s", NoSuchColumn(contract, column, names))
			}
			if hidden := hiddenBehind(columns, header); hidden != "" && !IsHidden(columns, layouts[i].Map[header]) {
				here.At("map", header).Report("contract %s knows header %q as %s, of which no value may be kept as it is: map it to %s",
					contract, header, hidden, hidden)
			}
		}
		for _, column := range slices.Sorted(maps.Keys(layouts[i].Set)) {
			if !slices.Contains(names, column) {
				here.At("set").Key(column).Report("%s", NoSuchColumn(contract, column, names))
			}
			if IsHidden(columns, column) {
				here.At("set").Key(column).Report("%s", NoConstant(column))
			}
		}
	}
}

// hiddenBehind is the column that must not leave the landed file and that the
// contract knows by this header, or empty.
func hiddenBehind(columns []Column, header string) string {
	i := slices.IndexFunc(columns, func(c Column) bool {
		return c.Hidden && slices.ContainsFunc(append([]string{c.Name}, c.Aliases...), func(name string) bool { return strings.EqualFold(name, strings.TrimSpace(header)) })
	})
	if i < 0 {
		return ""
	}
	return columns[i].Name
}

// NoSuchColumn says that a contract lacks a column, with the one that was probably meant.
func NoSuchColumn(contract, column string, names []string) string {
	if meant := nearest.Of(column, names); meant != "" {
		return fmt.Sprintf("contract %s has no column %q: did you mean %q?", contract, column, meant)
	}
	return fmt.Sprintf("contract %s has no column %q: it has %s", contract, column, strings.Join(names, ", "))
}

// IsHidden says whether a column's values must not leave the landed file.
func IsHidden(columns []Column, name string) bool {
	return slices.ContainsFunc(columns, func(c Column) bool { return c.Name == name && c.Hidden })
}

// NoConstant says that a column cannot be given a constant.
func NoConstant(column string) string {
	return column + " is about a person: its values may stand in files alone, never in a name or a setting"
}

// Names lists the names of columns in their order.
func Names(columns []Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}
