package layout

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"socialvalue/internal/nearest"
)

// Binding says where in a file each column of a contract is.
type Binding struct {
	Columns []Bound // one for each contract column, in the contract's order
	Blank   []int   // positions of unnamed trailing columns that must be empty in every row
	Ignored []int   // positions of the other columns left aside
}

// Bound is one contract column in one file.
type Bound struct {
	Name       string
	Index      int    // position in the file, from 0; -1 when the file does not carry the column
	Header     string // as the file spells it, trimmed
	Vintage    string // what ? and * stood for, as 25 in lad25cd for lad??cd
	Constant   string // its value in every row, where IsConstant
	IsConstant bool
}

// Bind finds the columns of a contract in a file of this layout: by map, then, for columns the map does not name, by name
// and alias. Constants are those the source gives beside the layout's own set, for instance claimed by the file's name;
// the source's word comes first. Whatever does not fit is a *BindError.
func (l *Layout) Bind(header []string, columns []Column, constants map[string]string) (*Binding, error) {
	header = CleanAll(l.Header(header))
	b := &binder{layout: l, header: header, columns: columns, claims: make([][]claim, len(columns)), constants: make(map[string]string)}
	maps.Copy(b.constants, l.Set)
	maps.Copy(b.constants, constants)
	left := b.byMap()
	left = b.ignore(left)
	left = b.byAlias(left)
	return b.finish(left)
}

// claim is one header that says it is a column.
type claim struct {
	index   int
	vintage string
}

type binder struct {
	layout    *Layout
	header    []string
	columns   []Column
	claims    [][]claim // for each column
	constants map[string]string
	binding   Binding
}

// byMap follows the layout's map, exact names before globs, and returns the positions left over.
func (b *binder) byMap() (left []int) {
	var globs []pattern
	for _, name := range slices.Sorted(maps.Keys(b.layout.Map)) {
		if p := newPattern(name, false); p.isGlob() {
			globs = append(globs, p)
		}
	}
	exact := make(map[string]string, len(b.layout.Map))
	for name, column := range b.layout.Map {
		exact[Clean(name)] = column
	}
	for i, name := range b.header {
		if column, ok := exact[name]; ok {
			b.claim(column, claim{index: i})
			continue
		}
		found := false
		for _, g := range globs {
			if vintage, ok := g.match(name); ok && name != "" {
				b.claim(exact[g.text], claim{i, vintage})
				found = true
				break
			}
		}
		if !found {
			left = append(left, i)
		}
	}
	return left
}

func (b *binder) claim(column string, c claim) {
	for i := range b.columns {
		if b.columns[i].Name == column {
			b.claims[i] = append(b.claims[i], c)
		}
	}
}

// ignore sets aside the columns that the layout lists by name.
func (b *binder) ignore(positions []int) (left []int) {
	named := len(b.header)
	for named > 0 && b.header[named-1] == "" {
		named--
	}
	for _, i := range positions {
		switch {
		case b.header[i] == "":
			if i >= named && slices.Contains(b.layout.Ignore.Names, "") {
				b.binding.Blank = append(b.binding.Blank, i)
				continue
			}
		case slices.ContainsFunc(b.layout.Ignore.Names, func(n string) bool {
			_, ok := newPattern(n, false).match(b.header[i])
			return ok
		}):
			b.binding.Ignored = append(b.binding.Ignored, i)
			continue
		}
		left = append(left, i)
	}
	return left
}

// byAlias finds the columns that the map does not name; a plain alias comes before a glob.
func (b *binder) byAlias(positions []int) (left []int) {
	mapped := slices.Collect(maps.Values(b.layout.Map))
	type alias struct {
		pattern
		column string
	}
	var aliases []alias
	for _, c := range b.columns {
		if slices.Contains(mapped, c.Name) {
			continue
		}
		for _, text := range append([]string{c.Name}, c.Aliases...) {
			aliases = append(aliases, alias{newPattern(text, true), c.Name})
		}
	}
	slices.SortStableFunc(aliases, func(x, y alias) int {
		switch {
		case x.isGlob() == y.isGlob():
			return 0
		case y.isGlob():
			return -1
		}
		return 1
	})
	for _, i := range positions {
		found := false
		for _, a := range aliases {
			if vintage, ok := a.match(b.header[i]); ok && b.header[i] != "" {
				b.claim(a.column, claim{i, vintage})
				found = true
				break
			}
		}
		if !found {
			left = append(left, i)
		}
	}
	return left
}

func (b *binder) finish(left []int) (*Binding, error) {
	problem := &BindError{Layout: b.layout.Name, Header: b.header, columns: b.columns, taken: make(map[string]bool)}
	for i, c := range b.columns {
		bound := Bound{Name: c.Name, Index: -1}
		value, constant := b.constants[c.Name]
		claims := b.claims[i]
		switch {
		case len(claims) > 0 && constant:
			problem.Conflicts = append(problem.Conflicts, Conflict{c.Name, b.names(claims)})
		case len(claims) > 1:
			problem.Duplicates = append(problem.Duplicates, Conflict{c.Name, b.names(claims)})
		case len(claims) == 1:
			bound.Index, bound.Header, bound.Vintage = claims[0].index, b.header[claims[0].index], claims[0].vintage
		case constant:
			bound.Constant, bound.IsConstant = value, true
		case c.Required:
			problem.Missing = append(problem.Missing, c.Name)
		}
		problem.taken[c.Name] = len(claims) > 0 || constant
		b.binding.Columns = append(b.binding.Columns, bound)
	}
	for _, name := range slices.Sorted(maps.Keys(b.constants)) {
		if !slices.Contains(Names(b.columns), name) {
			problem.NoSuchColumn = append(problem.NoSuchColumn, name)
		}
	}
	if b.layout.Ignore.All {
		b.binding.Ignored = append(b.binding.Ignored, left...)
		slices.Sort(b.binding.Ignored)
	} else {
		for _, i := range left {
			problem.Unknown = append(problem.Unknown, Unknown{i, b.header[i]})
		}
	}
	if problem.any() {
		return nil, problem
	}
	return &b.binding, nil
}

func (b *binder) names(claims []claim) []string {
	names := make([]string, len(claims))
	for i, c := range claims {
		names[i] = fmt.Sprintf("%q (column %d)", b.header[c.index], c.index+1)
	}
	return names
}

// BindError says everything that keeps a file's columns from being those of the contract.
type BindError struct {
	Layout       string
	Header       []string
	Unknown      []Unknown
	Missing      []string   // required columns that the file does not carry
	Duplicates   []Conflict // columns that several headers claim
	Conflicts    []Conflict // columns that are both constant and in the file
	NoSuchColumn []string   // constants for columns that the contract does not have

	columns []Column
	taken   map[string]bool
}

// Unknown is a column of a file that is none of the contract's.
type Unknown struct {
	Index  int // from 0
	Header string
}

// Conflict is a contract column and the headers that claim it, each with its position.
type Conflict struct {
	Column  string
	Headers []string
}

func (e *BindError) any() bool {
	return len(e.Unknown)+len(e.Missing)+len(e.Duplicates)+len(e.Conflicts)+len(e.NoSuchColumn) > 0
}

// Error tells the differences of the file, for a message.
func (e *BindError) Error() string {
	var b strings.Builder
	add := func(format string, args ...any) { fmt.Fprintf(&b, "\n  "+format, args...) }
	fmt.Fprintf(&b, "its columns do not fit layout %q:", e.Layout)
	var ignore []string
	if len(e.Missing) > 0 {
		add("missing, and required: %s; map a column to it, or ask the sender for the file with it", strings.Join(e.Missing, ", "))
	}
	for _, d := range e.Differences() {
		switch d.Kind {
		case Several:
			add("several columns are %s: %s; %s", d.Column, d.Found, d.Remedy)
		case Constant:
			if d.Column == "" {
				add("a constant is set for %s, which is no column of the contract: %s", d.Found, d.Remedy)
				continue
			}
			add("%s is set to a constant and is in the file too, as %s: %s", d.Column, d.Found, d.Remedy)
		case Extra:
			switch {
			case e.hidden():
				add("none of its %d column names is known, so they may be a row of personal data and are not shown: is the header missing?",
					len(e.Header))
				continue
			case d.Header == "":
				add("column %d has no name: %s", d.Position, d.Remedy)
				continue
			case d.Expected != "":
				add("unknown column %q; %s", d.Header, d.Remedy)
			default:
				add("unknown column %q", d.Header)
			}
			ignore = append(ignore, quote(d.Header))
		case Missing, Type, Order:
		}
	}
	if len(ignore) > 0 {
		add("to leave unknown columns aside, add ignore: [%s]", strings.Join(ignore, ", "))
	}
	return b.String()
}

// hidden says whether the file's names may be a row of personal data.
func (e *BindError) hidden() bool { return hide(e.columns, e.Header, spellings(e.columns)) }

// meant names the column that a constant was probably for.
func (e *BindError) meant(name string) string {
	if meant := nearest.Of(name, Names(e.columns)); meant != "" {
		return "did you mean " + meant + "?"
	}
	return "remove it"
}

// Suggest guesses which unknown header is which column that nothing claimed, by likeness.
func (e *BindError) Suggest() map[string]string {
	headers := make([]string, 0, len(e.Unknown))
	for _, u := range e.Unknown {
		headers = append(headers, u.Header)
	}
	return suggest(headers, spellings(e.columns), e.taken)
}
