package layout

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"socialvalue/internal/nearest"
)

// Match chooses the one layout that fits a file by its header and the number of fields of its first record; without
// layouts that is Default. None or two fitting is a *MatchError; columns, where given, help it to suggest a map.
func Match(layouts []Layout, header []string, fields int, columns ...Column) (*Layout, error) {
	return MatchEach(layouts, func(*Layout) ([]string, int, error) { return header, fields, nil }, columns...)
}

// MatchEach is Match for layouts that differ in encoding, delimiter or header row: open reads the header (the record in
// row HeaderRow; any or none for a layout without header) and the number of fields of the first record as that layout
// would. Open is asked once for each layout.
func MatchEach(layouts []Layout, open func(*Layout) (header []string, fields int, err error), columns ...Column) (*Layout, error) {
	if len(layouts) == 0 {
		l := Default()
		return &l, nil
	}
	problem := &MatchError{columns: columns, layouts: layouts}
	var fits []*Layout
	for i := range layouts {
		l := &layouts[i]
		header, fields, err := open(l)
		if err != nil {
			return nil, fmt.Errorf("read the header as layout %q: %w", l.Name, err)
		}
		header = CleanAll(header)
		if i == 0 || len(header) > len(problem.Header) {
			problem.Header, problem.Fields = header, fields
		}
		misfits := l.misfits(header, fields)
		problem.Candidates = append(problem.Candidates, Candidate{Layout: l.Name, Misfits: misfits})
		if len(misfits) == 0 {
			fits = append(fits, l)
		}
	}
	if len(fits) == 1 {
		return fits[0], nil
	}
	return nil, problem
}

// CountKnown says how many fields of a record are names by which a header calls one of the columns, by themselves or by
// a layout.
func CountKnown(fields []string, layouts []Layout, columns []Column) int {
	known := (&MatchError{columns: columns, layouts: layouts}).spellings()
	n := 0
	for _, field := range CleanAll(fields) {
		for spelling := range known {
			if field != "" && newPattern(spelling, true).matchAny([]string{field}) {
				n++
				break
			}
		}
	}
	return n
}

// misfits lists what keeps a file from having this layout.
func (l *Layout) misfits(header []string, fields int) []string {
	var why []string
	if l.Format.HeaderRow == 0 {
		header = nil
		if fields != len(l.Format.Columns) {
			why = append(why, fmt.Sprintf("has no header and %d columns, the file's first record %d", len(l.Format.Columns), fields))
		}
	}
	if l.When.Fields > 0 && fields != l.When.Fields {
		why = append(why, fmt.Sprintf("wants %d fields, the first record has %d", l.When.Fields, fields))
	}
	if l.Format.HeaderRow == 0 {
		return why
	}
	var lacking, extra []string
	for _, name := range l.When.HeaderHas {
		if !newPattern(name, false).matchAny(header) {
			lacking = append(lacking, quote(name))
		}
	}
	for _, name := range l.When.HeaderLacks {
		if newPattern(name, false).matchAny(header) {
			extra = append(extra, quote(name))
		}
	}
	if len(lacking) > 0 {
		why = append(why, "wants "+strings.Join(lacking, ", "))
	}
	if len(extra) > 0 {
		why = append(why, "does not want "+strings.Join(extra, ", "))
	}
	return why
}

// MatchError says why not exactly one layout fits a file.
type MatchError struct {
	Header     []string // as the file has it
	Fields     int
	Candidates []Candidate

	layouts []Layout
	columns []Column
}

// Candidate is one layout and what keeps the file from having it; nothing when it fits.
type Candidate struct {
	Layout  string
	Misfits []string
}

func (e *MatchError) Error() string {
	var fit []string
	for _, c := range e.Candidates {
		if len(c.Misfits) == 0 {
			fit = append(fit, c.Layout)
		}
	}
	if len(fit) > 0 {
		return fmt.Sprintf("%d layouts fit its header (%s): add header_has or header_lacks to their when, so that one does",
			len(fit), strings.Join(fit, ", "))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "no layout fits its header of %d columns:", len(e.Header))
	for _, c := range e.Candidates {
		fmt.Fprintf(&b, "\n  %s %s", c.Layout, strings.Join(c.Misfits, "; "))
	}
	if hide(e.columns, e.Header, e.spellings()) {
		b.WriteString("\nnone of its names is known, so it may be a row of personal data and is not shown: is the header missing?")
		return b.String()
	}
	b.WriteString("\nthe header is: " + quoteAll(e.Header))
	suggested := e.Suggest()
	if len(suggested) == 0 {
		b.WriteString("\nadd a layout for it to the source in svw.yaml")
		return b.String()
	}
	b.WriteString("\nadd a layout for it to the source in svw.yaml, after checking this map:\n  - when: {header_has: [" +
		quote(e.mostTelling(suggested)) + "]}\n    map:")
	for _, header := range e.Header {
		if column, ok := suggested[header]; ok {
			fmt.Fprintf(&b, "\n      %s: %s", quote(header), column)
		}
	}
	return b.String()
}

// Suggest guesses which header is which column, by likeness to the names and aliases of columns and to the headers that
// the layouts map. Each column is suggested for one header at most.
func (e *MatchError) Suggest() map[string]string {
	return suggest(e.Header, e.spellings(), nil)
}

// Likely guesses which header is which column by likeness to the columns' names
// and aliases and to the headers that layouts map.
func Likely(header []string, columns []Column, layouts []Layout) map[string]string {
	e := &MatchError{Header: CleanAll(header), columns: columns, layouts: layouts}
	return e.Suggest()
}

// MustHide says whether a header must not be shown: there are personal columns and
// no name in it is known.
func MustHide(header []string, columns []Column, layouts []Layout) bool {
	e := &MatchError{Header: CleanAll(header), columns: columns, layouts: layouts}
	return hide(columns, e.Header, e.spellings())
}

// Differences lists how the file's columns differ from the contract's, each
// taken for the column that its name is most like.
func (e *MatchError) Differences() []Difference {
	l := Default()
	l.Map = e.Suggest()
	return l.Compare(e.Header, e.columns)
}

// spellings maps every header name known so far to its column.
func (e *MatchError) spellings() map[string]string {
	known := spellings(e.columns)
	for i := range e.layouts {
		maps.Copy(known, e.layouts[i].Map)
	}
	return known
}

func spellings(columns []Column) map[string]string {
	known := make(map[string]string)
	for _, c := range columns {
		for _, alias := range c.Aliases {
			known[alias] = c.Name
		}
		known[c.Name] = c.Name
	}
	return known
}

// hide says whether a header must not be shown: columns are personal and no name in it is known, so it may well be a row
// of data in a file whose header is missing.
func hide(columns []Column, header []string, known map[string]string) bool {
	if !slices.ContainsFunc(columns, func(c Column) bool { return c.Personal }) {
		return false
	}
	for spelling := range known {
		if newPattern(spelling, true).matchAny(header) {
			return false
		}
	}
	return true
}

// suggest pairs headers with columns by the likeness of spellings, the best pair first.
func suggest(header []string, known map[string]string, taken map[string]bool) map[string]string {
	type pair struct {
		header, column string
		score          float64
	}
	var pairs []pair
	spellings := slices.Sorted(maps.Keys(known))
	for _, h := range header {
		if h == "" {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(spellings), func(s string) bool { return taken[known[s]] })
		if s := nearest.Of(h, left); s != "" {
			pairs = append(pairs, pair{h, known[s], nearest.Score(h, s)})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	result := make(map[string]string)
	used := make(map[string]bool)
	for _, p := range pairs {
		if !used[p.column] && result[p.header] == "" {
			result[p.header] = p.column
			used[p.column] = true
		}
	}
	return result
}

// mostTelling picks the header that the fewest layouts ask for, the first of several.
func (e *MatchError) mostTelling(suggested map[string]string) string {
	best, fewest := "", len(e.layouts)+1
	for _, h := range e.Header {
		if suggested[h] == "" {
			continue
		}
		n := 0
		for i := range e.layouts {
			if slices.Contains(e.layouts[i].When.HeaderHas, h) || e.layouts[i].Map[h] != "" {
				n++
			}
		}
		if n < fewest {
			best, fewest = h, n
		}
	}
	return best
}

func quote(s string) string { return fmt.Sprintf("%q", s) }

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return strings.Join(quoted, ", ")
}

// Knows says whether a header is a name or an alias of a column, or is mapped by
// a layout.
func Knows(header string, columns []Column, layouts []Layout) bool {
	name, _ := Find(header, columns, layouts)
	return name != ""
}

// Find returns the column that a header stands for and how that is known: by
// its name, its alias or a layout's map. Nothing is guessed.
func Find(header string, columns []Column, layouts []Layout) (column, because string) {
	header = Clean(header)
	if header == "" {
		return "", ""
	}
	for _, c := range columns {
		if strings.EqualFold(c.Name, header) {
			return c.Name, "name"
		}
	}
	for i := range layouts {
		if name := layouts[i].Map[header]; name != "" {
			return name, "layout"
		}
	}
	for _, c := range columns {
		for _, alias := range c.Aliases {
			if _, ok := newPattern(alias, true).match(header); ok {
				return c.Name, "alias"
			}
		}
	}
	return "", ""
}

// Compare lists how a file with this header differs from columns under the
// layout.
func (l *Layout) Compare(header []string, columns []Column) []Difference {
	binding, err := l.Bind(header, columns, nil)
	var problem *BindError
	if errors.As(err, &problem) {
		return problem.Differences()
	}
	return binding.OrderDifferences()
}
