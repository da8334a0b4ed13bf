package preview

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
)

// Preview is what a file seems to hold, and the layout proposed for it.
type Preview struct {
	File        string              `json:"file"`
	Encoding    string              `json:"encoding"`
	Assumed     bool                `json:"encoding_assumed"` // judged by the bytes alone
	Delimiter   string              `json:"delimiter"`
	HeaderRow   int                 `json:"header_row"` // line of the header; 0: none was found
	Records     int                 `json:"records_seen"`
	Contract    string              `json:"contract,omitempty"`
	Guessed     bool                `json:"contract_guessed"` // nobody named it: its columns fit best
	Fits        string              `json:"fits_layout,omitempty"`
	Columns     []Column            `json:"columns"`
	Differences []layout.Difference `json:"differences"`
	Layout      string              `json:"layout,omitempty"` // YAML to paste under layouts: of the source
	Notes       []string            `json:"notes,omitempty"`
}

// Column is one column of the file.
type Column struct {
	Position int      `json:"position"` // from 1
	Header   string   `json:"header"`
	Type     string   `json:"type"`            // what its values look like
	Dates    string   `json:"dates,omitempty"` // how its days are written
	Empty    int      `json:"empty"`           // of the records seen
	Examples []string `json:"examples"`        // their shape, where they are or may be personal
	Masked   bool     `json:"examples_masked"`
	Column   string   `json:"column,omitempty"`  // of the contract
	Because  string   `json:"because,omitempty"` // name, alias, layout, spelling or content

	values []string
	guess  Guess
}

// Request says what a file is held against.
type Request struct {
	File      string
	Contract  *contract.Contract            // nil: the best fitting of Contracts
	Contracts map[string]*contract.Contract // all there are
	Layouts   []layout.Layout               // of the source; empty: those of the contract
}

// examplesShown is how many values of a column are shown.
const examplesShown = 3

// Look looks at the beginning of a file.
func Look(ctx context.Context, open Open, r Request) (*Preview, error) {
	glimpse, delimiter, err := dialect(ctx, open)
	if err != nil {
		return nil, err
	}
	p := &Preview{
		File: r.File, Encoding: glimpse.Encoding, Assumed: glimpse.Assumed, Delimiter: delimiter, Records: len(glimpse.Records),
		Columns: []Column{}, Differences: []layout.Difference{},
	}
	c := r.Contract
	if c == nil {
		c, p.Guessed = likeliest(glimpse.Records, r.Contracts), true
	}
	var columns []layout.Column
	layouts := r.Layouts
	if c == nil {
		p.Guessed = false
		p.Notes = append(p.Notes, "no contract's columns are like these: name one with --contract, or write one (docs/new-pipeline.md)")
	} else {
		p.Contract, columns = c.Ref(), c.LayoutColumns()
		if len(layouts) == 0 {
			layouts = c.Layouts
		}
	}
	at := header(glimpse.Records, known(columns, layouts))
	if at >= 0 {
		p.HeaderRow = int(glimpse.Records[at].Line)
	} else {
		p.Notes = append(p.Notes, "no header was found: every record looks like data; name the fields with header_row: 0 and columns")
	}
	p.describe(glimpse.Records, at)
	if c != nil {
		p.match(c, layouts)
		p.compare(c)
		if p.HeaderRow > 0 {
			p.Layout = p.propose(c)
		}
		p.fit(ctx, open, layouts, columns)
	}
	p.mask(c, columns, layouts)
	return p, nil
}

// known says whether a name is one of a contract's columns, its aliases or the
// headers that layouts map.
func known(columns []layout.Column, layouts []layout.Layout) func(name string) bool {
	return func(name string) bool {
		name = layout.Clean(name)
		return name != "" && layout.Knows(name, columns, layouts)
	}
}

// likeliest is the contract that knows the most names of one record, nil when
// none knows two.
func likeliest(records []landing.GlimpsedRecord, contracts map[string]*contract.Contract) *contract.Contract {
	var best *contract.Contract
	most := 1
	for _, ref := range slices.Sorted(maps.Keys(contracts)) {
		c := contracts[ref]
		is := known(c.LayoutColumns(), c.Layouts)
		for _, record := range records[:min(headerAmong, len(records))] {
			n := 0
			for _, field := range record.Fields {
				if is(field) {
					n++
				}
			}
			if n > most {
				best, most = c, n
			}
		}
	}
	return best
}

// describe says what each column holds, below the header.
func (p *Preview) describe(records []landing.GlimpsedRecord, at int) {
	width, _ := usualWidth(records)
	if at >= 0 {
		width = len(records[at].Fields)
	}
	for i := range width {
		column := Column{Position: i + 1, Examples: []string{}}
		if at >= 0 {
			column.Header = layout.Clean(records[at].Fields[i])
		}
		for _, record := range records[at+1:] {
			if len(record.Fields) != width {
				continue // a title or a total tells nothing of the columns
			}
			value := strings.TrimSpace(record.Fields[i])
			if value == "" {
				column.Empty++
				continue
			}
			column.values = append(column.values, value)
		}
		column.guess = guess(column.values)
		column.Type, column.Dates = string(column.guess.Type), column.guess.Date
		if column.guess.Also != "" {
			p.Notes = append(p.Notes, fmt.Sprintf("the days of column %d could be %s or %s: look at the file", column.Position, column.guess.Date, column.guess.Also))
		}
		p.Columns = append(p.Columns, column)
	}
}

// match says which column of the contract each column of the file is.
func (p *Preview) match(c *contract.Contract, layouts []layout.Layout) {
	columns := c.LayoutColumns()
	taken := map[string]bool{}
	take := func(i int, name, because string) {
		if name != "" && p.Columns[i].Column == "" && !taken[name] {
			p.Columns[i].Column, p.Columns[i].Because = name, because
			taken[name] = true
		}
	}
	for i := range p.Columns {
		name, because := layout.Find(p.Columns[i].Header, columns, layouts)
		take(i, name, because)
	}
	var left []string
	for _, column := range p.Columns {
		if column.Column == "" {
			left = append(left, column.Header)
		}
	}
	free := slices.DeleteFunc(slices.Clone(columns), func(column layout.Column) bool { return taken[column.Name] })
	likely := layout.Likely(left, free, nil)
	for i := range p.Columns {
		if name := likely[p.Columns[i].Header]; name != "" && p.Columns[i].takes(c.Column(name)) {
			take(i, name, "spelling")
		}
	}
	p.byContent(c, taken, take)
}

// byContent pairs a required column that no name led to with the one column of
// the file left whose values it takes, if its form tells it from others.
func (p *Preview) byContent(c *contract.Contract, taken map[string]bool, take func(i int, name, because string)) {
	for k := range c.Columns {
		column := &c.Columns[k]
		telling := column.Pattern != "" || len(column.Values) > 0
		if taken[column.Name] || !column.Required || column.Type == contract.TypeText && !telling {
			continue
		}
		found := -1
		for i := range p.Columns {
			left := &p.Columns[i]
			if left.Column != "" || len(left.values) == 0 || !left.takes(column) || !telling && left.guess.Type != column.Type {
				continue // a number may be an amount, or a reference, or anything
			}
			if found >= 0 {
				found = -1
				break
			}
			found = i
		}
		if found >= 0 {
			take(found, column.Name, "content")
		}
	}
}

// mostlyFits is the share of values that must fit for a likeness of names to
// count: a few wrong ones are what the quarantine is for.
const mostlyFits = 0.9

// takes says whether a column of the contract takes the values seen.
func (c *Column) takes(column *contract.Column) bool {
	if len(c.values) == 0 {
		return true
	}
	return float64(c.fitting(column)) >= mostlyFits*float64(len(c.values))
}

// fitting counts the values that a column of the contract takes, days being
// written as they seem to be.
func (c *Column) fitting(column *contract.Column) int {
	var dates []layout.Date
	if date, err := layout.ParseDate(cmp.Or(c.guess.Date, "YYYY-MM-DD")); err == nil {
		dates = append(dates, date)
	}
	fits, n := column.Matcher(dates...), 0
	for _, value := range c.values {
		if fits(value) {
			n++
		}
	}
	return n
}

// mask shows examples: as they are in columns that the contract says are not
// personal, otherwise by their shape. Names that may be a row of personal data
// are not shown either.
func (p *Preview) mask(c *contract.Contract, columns []layout.Column, layouts []layout.Layout) {
	var header []string
	for _, column := range p.Columns {
		header = append(header, column.Header)
	}
	hideNames := layout.MustHide(header, columns, layouts)
	for i := range p.Columns {
		column := &p.Columns[i]
		column.Masked = c == nil || column.Column == "" && c.HasPersonal() || column.Column != "" && c.Column(column.Column).IsPersonal()
		for _, value := range column.values {
			if column.Masked {
				value = shape(value)
			}
			value = string([]rune(value)[:min(40, len([]rune(value)))])
			if len(column.Examples) < examplesShown && !slices.Contains(column.Examples, value) {
				column.Examples = append(column.Examples, value)
			}
		}
		if hideNames {
			column.Header = shape(column.Header)
		}
	}
	if hideNames {
		p.Layout, p.Differences = "", []layout.Difference{}
		p.Notes = append(p.Notes, "none of the names is known, so the header may be a row of personal data: names are shown by their shape")
	}
}
