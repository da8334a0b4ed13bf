//go:build duckdb_arrow

package report_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"socialvalue/internal/query"
	"socialvalue/internal/report"
)

// element is an element of the page with what stands in it.
type element struct {
	name   string
	attrs  map[string]string
	parent *element
	inside []any // *element or string
}

// text is all text in an element.
func (e *element) text() string {
	var all strings.Builder
	for _, item := range e.inside {
		switch item := item.(type) {
		case string:
			all.WriteString(item)
		case *element:
			all.WriteString(item.text())
		}
	}
	return all.String()
}

// elements are those of the page in its order.
func elements(t *testing.T, page string) []*element {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	at := &element{}
	var all []*element
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			next := &element{name: token.Name.Local, attrs: map[string]string{}, parent: at}
			for _, attr := range token.Attr {
				next.attrs[attr.Name.Local] = attr.Value
			}
			at.inside = append(at.inside, next)
			all, at = append(all, next), next
		case xml.EndElement:
			at = at.parent
		case xml.CharData:
			at.inside = append(at.inside, string(token))
		}
	}
}

// keyOf is the row that an element speaks of: that of the nearest element with one.
func keyOf(e *element) string {
	for ; e != nil; e = e.parent {
		if text, has := e.attrs["data-key"]; has {
			return text
		}
	}
	return ""
}

// wrongNumbers looks every cell of the page up in the datasets, and says what is not as they have it.
func wrongNumbers(t *testing.T, known *datasets, page string) (wrong []string, looked int) {
	t.Helper()
	for _, e := range elements(t, page) {
		if of, has := e.attrs["data-cell"]; has {
			looked++
			if want, is := known.cell(t, of, keyOf(e), e.name == "text"), strings.TrimSpace(e.text()); want != is {
				wrong = append(wrong, fmt.Sprintf("%s of %s is %q, the page has %q", of, keyOf(e), want, is))
			}
		}
		if count, has := e.attrs["data-count"]; has {
			looked++
			if want := known.counted(t, count, e.parent.attrs["data-role"]); want != e.text() {
				wrong = append(wrong, fmt.Sprintf("%s %s are %s, the page has %s", count, e.parent.attrs["data-role"], want, e.text()))
			}
			continue
		}
		if e.name == "td" || e.name == "dd" || e.name == "text" {
			if loose := looseText(e); strings.ContainsAny(loose, "0123456789") && loose != "0" {
				wrong = append(wrong, "a number from nowhere: "+loose)
			}
		}
	}
	return wrong, looked
}

// looseText is what stands in a cell of the page and is of no dataset; files and the day of the page are no figures.
func looseText(e *element) string {
	if _, has := e.attrs["data-cell"]; has || e.name == "code" || e.name == "time" {
		return ""
	}
	var all strings.Builder
	for _, item := range e.inside {
		switch item := item.(type) {
		case string:
			all.WriteString(item)
		case *element:
			all.WriteString(looseText(item))
		}
	}
	return all.String()
}

// datasets answers from an open file, each question once.
type datasets struct {
	file     *query.File
	answered map[string][][]query.Value
}

func (d *datasets) ask(t *testing.T, question string) [][]query.Value {
	t.Helper()
	rows, has := d.answered[question]
	if has {
		return rows
	}
	answer, err := d.file.Ask(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	d.answered[question] = answer.Rows
	return answer.Rows
}

// cell is a cell as the datasets have it, written by DuckDB and the macro of the scorecard's sentences.
func (d *datasets) cell(t *testing.T, of, row string, isBare bool) string {
	t.Helper()
	table, column, _ := strings.Cut(of, "#")
	schema, name, _ := strings.Cut(table, ".")
	keys, err := url.ParseQuery(row)
	if err != nil || len(keys) == 0 {
		t.Fatalf("%s: key %q: %v", of, row, err)
	}
	conditions := []string{"true"}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		conditions = append(conditions, "cast("+key+" as varchar) = '"+strings.ReplaceAll(keys.Get(key), "'", "''")+"'")
	}
	if (name == "measurements" || name == "comparison") && !keys.Has("iod_edition") {
		conditions = append(conditions, "iod_edition is null")
	}
	types := d.ask(t, fmt.Sprintf("select data_type from information_schema.columns where table_schema = '%s' and table_name = '%s' and column_name = '%s'", schema, name, column))
	if len(types) != 1 {
		t.Fatalf("%s: %v", of, types)
	}
	shown := column
	switch kind := types[0][0].Text; {
	case column == "completeness_share":
		shown = "figure_text(" + column + ", 'share')"
	case kind == "DOUBLE" || strings.HasPrefix(kind, "DECIMAL"):
		shown = "figure_text(" + column + ", unit)"
		if isBare {
			shown = "rtrim(" + shown + ", ' ' || unit)"
			if !keys.Has("breakdown") {
				t.Fatalf("%s of %s: a chart draws the whole", of, row)
			}
		}
	case kind == "DATE" || strings.HasPrefix(kind, "TIMESTAMP"):
		shown = "strftime(" + column + ", '%-d %B %Y')"
	case kind == "BIGINT" || kind == "INTEGER":
		shown = "format('{:,d}', " + column + ")"
	}
	values := d.ask(t, "select distinct "+shown+" from "+table+" where "+strings.Join(conditions, " and "))
	if len(values) != 1 {
		t.Fatalf("%s of %s is not one cell: %v", of, row, values)
	}
	return minus(values[0][0].Text)
}

// minus writes the sign of a figure as the page does; what rounds to nought has none.
func minus(text string) string {
	rest, negative := strings.CutPrefix(text, "-")
	number, _, _ := strings.Cut(rest, " ")
	switch {
	case !negative:
		return text
	case strings.Trim(number, "0.%") == "":
		return rest
	}
	return "−" + rest
}

// counted counts again what the page has counted.
func (d *datasets) counted(t *testing.T, what, role string) string {
	t.Helper()
	measures := "indicators.scorecard as s inner join indicators.definitions as d using (indicator_id) where d.kind = 'framework' and d.role = '" + role + "'"
	parts := `indicators.measurements as m left join indicators.comparison as c
		on m.indicator_id = c.indicator_id and m.financial_year = c.financial_year and m.breakdown = c.breakdown
			and m.breakdown_value = c.breakdown_value and m.iod_edition is not distinct from c.iod_edition
		where (m.breakdown <> 'all' or m.iod_edition is not null) and m.financial_year = (select max(financial_year) from indicators.scorecard)
			and m.indicator_id = '` + role + "'"
	from, known := map[string]string{
		"measures": measures, "figure": measures + " and s.measured_value is not null",
		"parts": measures + " and s.null_reason = 'not_added'", "withheld": measures + " and s.null_reason = 'withheld'",
		"missing":   measures + " and s.null_reason in ('not_supplied', 'partly_supplied', 'no_source', 'not_computed', 'not_collected')",
		"no":        measures + " and s.null_reason in ('zero_base', 'unknown_above_limit')",
		"better":    measures + " and s.measured_value is not null and s.significance = 'better'",
		"worse":     measures + " and s.measured_value is not null and s.significance = 'worse'",
		"level":     measures + " and s.measured_value is not null and s.significance in ('about_the_same', 'no_clear_change')",
		"parts_all": parts, "parts_told": parts + " and m.measured_value is not null",
		"parts_better": parts + " and m.measured_value is not null and c.significance = 'better'",
		"parts_worse":  parts + " and m.measured_value is not null and c.significance = 'worse'",
		"parts_level":  parts + " and m.measured_value is not null and c.significance in ('about_the_same', 'no_clear_change')",
		"sources":      "meta.sources", "supplied": "meta.sources where supplied", "quarantined": "meta.sources where rows_quarantined > 0",
		"late": "meta.sources where supplied and stale_after < timestamptz '" + made().Format("2006-01-02 15:04:05+00") + "'",
	}[what]
	if !known {
		t.Fatalf("nobody knows what %q counts", what)
	}
	return d.ask(t, "select count(*) from "+from)[0][0].Text
}

// Every number of the page is in the datasets (issue 10, "What must be seen").
func TestEveryNumberIsInTheDatasets(t *testing.T) {
	t.Parallel()
	file := openFile(t, madeUp)
	page := pageOf(t, file)
	known := &datasets{file, map[string][][]query.Value{}}
	wrong, looked := wrongNumbers(t, known, page)
	for _, what := range wrong {
		t.Error(what)
	}
	if looked < 150 {
		t.Errorf("only %d cells were looked up", looked)
	}
	// The test can fail: one digit more, one digit else, one number from nowhere.
	for _, change := range [][2]string{{">62.1%<", ">62.2%<"}, {">1,234<", ">1,235<"}, {">6,861 tCO2e<", ">6,860 tCO2e<"}, {"not assigned</td>", "not assigned 7</td>"}, {`data-count="late">1`, `data-count="late">2`}} {
		changed := strings.Replace(page, change[0], change[1], 1)
		if changed == page {
			t.Errorf("the page has no %s", change[0])
			continue
		}
		if wrong, _ := wrongNumbers(t, known, changed); len(wrong) == 0 {
			t.Errorf("nobody noticed %s", change[1])
		}
	}
}

// The page and the scorecard's sentences write a figure alike (sql/macros/figure_text.sql).
func TestFiguresAreWrittenAsInTheSentences(t *testing.T) {
	t.Parallel()
	file := openFile(t, madeUp)
	for _, unit := range []string{"share", "percent", "GBP", "ratio", "", "people", "tCO2e"} {
		for _, value := range []float64{0, -0.0004, 0.0005, 0.4153, 0.25, 1, -1, 2.5, -7.96, 99.95, 999.5, 1000, 12345.678, -20404.5, 999999.4, 999999.6, 1e6, -2500000, 123456789} {
			text := "null"
			if unit != "" {
				text = "'" + unit + "'"
			}
			answer, err := file.Ask(t.Context(), fmt.Sprintf("select figure_text(%g::double, %s)", value, text))
			if err != nil {
				t.Fatal(err)
			}
			want := minus(answer.Rows[0][0].Text)
			if want == "−£0" { // the macro keeps the sign of pence
				want = "£0"
			}
			if is := report.FigureText(value, unit); is != want {
				t.Errorf("%g %s: %q, want %q", value, unit, is, want)
			}
		}
	}
}
