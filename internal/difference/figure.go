//go:build duckdb_arrow

package difference

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"socialvalue/internal/figure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

// Figure is a headline figure that changed.
type Figure struct {
	Dataset  string  `json:"dataset"`
	Measure  string  `json:"measure"`
	Label    string  `json:"label"`
	Name     string  `json:"name"` // which figure it is
	Before   *string `json:"before"`
	After    *string `json:"after"`
	Sentence string  `json:"sentence"`
	Causes   []Cause `json:"causes"`
	Note     string  `json:"note,omitempty"` // why causes are not told
}

// Cause is one kind of change of the rows behind a figure.
type Cause struct {
	Text  string `json:"text"`
	Count int64  `json:"count"`
	Rows  []Row  `json:"rows,omitempty"` // a few, where the tier was asked for
}

// Row is where a row behind a figure came from.
type Row struct {
	File   string `json:"file"`
	Line   string `json:"line"`
	Amount string `json:"amount,omitempty"`
	Text   string `json:"text,omitempty"` // what changed, from and to
}

// headline tells of the changes of one headline measure.
func (c *comparison) headline(ctx context.Context, after manifest.DatasetRecord, headline figure.Headline) ([]Figure, error) {
	before, was := c.from.Dataset(after.Name)
	if !was || !c.told(after) {
		return nil, nil
	}
	both := shared(before, after)
	needed := append(slices.Clone(after.Key), headline.Measure)
	if slices.ContainsFunc(needed, func(name string) bool { return !both[name] }) {
		return nil, nil // the datasets' list says that its columns are others now
	}
	old, oldProblem := c.file(c.from, before)
	current, newProblem := c.file(c.to, after)
	if slices.Equal(hashes(c.from, before), hashes(c.to, after)) || oldProblem+newProblem != "" {
		return nil, nil
	}
	condition := headline.When
	if condition == "" {
		condition = "true"
	}
	measure := warehouse.Ident(headline.Measure)
	name := make([]string, len(headline.Names))
	for i, column := range headline.Names {
		name[i] = "coalesce(cast(coalesce(b." + warehouse.Ident(column) + ", a." + warehouse.Ident(column) + ") as varchar), '-')"
	}
	match := "[]::varchar[]"
	if headline.Rows != nil {
		parts := make([]string, 0, len(headline.Rows.Match))
		for _, column := range matched(headline.Rows) {
			parts = append(parts, "cast(coalesce(b."+warehouse.Ident(column)+", a."+warehouse.Ident(column)+") as varchar)")
		}
		match = "[" + strings.Join(parts, ", ") + "]::varchar[]"
	}
	query := "select " + strings.Join(name, " || ', ' || ") + ", cast(a." + measure + " as varchar), cast(b." + measure + " as varchar), cast(b." + measure + " - a." + measure + " as varchar), to_json(" + match + ")::varchar" +
		" from (select * from " + old + " where " + condition + ") as a full join (select * from " + current + " where " + condition + ") as b on " + sameKey(after.Key) +
		" where a." + measure + " is distinct from b." + measure + " order by 1, 5"
	found, err := c.table(ctx, query, 5)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	tracer, note, err := c.tracer(ctx, after, headline.Rows)
	if err != nil {
		return nil, err
	}
	figures := make([]Figure, 0, len(found))
	for _, row := range found {
		one := Figure{
			Dataset: after.Name, Measure: headline.Measure, Label: headline.Label, Name: text(row[0]), Before: row[1], After: row[2],
			Causes: []Cause{}, Note: note,
		}
		if tracer != nil {
			if one.Causes, err = tracer.causes(ctx, text(row[4])); err != nil {
				return nil, err
			}
		}
		one.Sentence = sentence(one, headline.Unit, text(row[3]))
		figures = append(figures, one)
	}
	return figures, nil
}

// sentence says what a figure did and why.
func sentence(f Figure, unit, delta string) string {
	said := f.Label
	switch {
	case f.Before == nil:
		said += " is given now: " + value(text(f.After), unit)
	case f.After == nil:
		said += " is no longer given; it was " + value(text(f.Before), unit)
	default:
		said += " " + step(delta, unit) + " (" + value(text(f.Before), unit) + " → " + value(text(f.After), unit) + ")"
	}
	var causes []string
	for _, cause := range f.Causes {
		causes = append(causes, cause.Text)
	}
	switch {
	case len(causes) > 0:
		said += ": " + strings.Join(causes, ", ")
	case f.Note != "":
		said += " (" + f.Note + ")"
	}
	return said
}

// value writes a figure for people.
func value(text, unit string) string {
	number, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return text
	case unit == "share":
		return strconv.FormatFloat(number*100, 'f', 1, 64) + "%"
	case unit == "GBP":
		return pounds(text)
	case unit == "":
		return text
	}
	return text + " " + unit
}

// step writes by how much a figure changed.
func step(delta, unit string) string {
	number, err := strconv.ParseFloat(delta, 64)
	if err != nil {
		return "changed"
	}
	sign := "+"
	if number < 0 {
		sign = "−"
	}
	size := strings.TrimPrefix(delta, "-")
	switch unit {
	case "share":
		points := math.Abs(number) * 100
		digits := 1
		for digits < 4 && points < 0.5*math.Pow10(-digits) {
			digits++
		}
		return sign + strconv.FormatFloat(points, 'f', digits, 64) + " points"
	case "GBP":
		return sign + pounds(size)
	case "":
		return sign + size
	}
	return sign + size + " " + unit
}

// pounds writes money with its thousands apart.
func pounds(text string) string {
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "−", text[1:]
	}
	whole, pence, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + "£" + strings.TrimSuffix(whole+"."+pence, ".")
}

// matched are the columns of a figure by which its rows are found, in order.
func matched(rows *figure.Rows) []string {
	var columns []string
	for column := range rows.Match {
		columns = append(columns, column)
	}
	slices.Sort(columns)
	return columns
}

// table reads the rows of a query of texts.
func (c *comparison) table(ctx context.Context, query string, width int) (table [][]*string, err error) {
	rows, err := c.db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		row, into := make([]*string, width), make([]any, width)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		table = append(table, row)
	}
	return table, rows.Err()
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
