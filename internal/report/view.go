//go:build duckdb_arrow

package report

import (
	"slices"
	"strings"
)

// Cell is a text on the page and the cell of a dataset that it is (table#column, of the row that data-key names); what
// the page says itself is of none.
type Cell struct{ Text, Of string }

// Figure is a line of a measure's table.
type Figure struct {
	Label, Year, Note string
	Key               string // of the row that it is from, where that is not the measure's
	Low, High         Cell   // both: a range; Low alone: a value
}

// Term is a word of a definition and what it means for a measure.
type Term struct {
	Label string
	Means Cell
}

// Measure is an indicator with everything that the page tells of it.
type Measure struct {
	ID, Key, Role, Kind                      string
	Name, Sentence, Stands, Owner, Source    Cell
	Verdict, Mood, Arrow, Reason             string
	Significance                             string // code of what became of it; "" where it has no value
	Tally                                    *Tally
	Baseline, Prior, Now, Counted, DividedBy Cell
	Figures                                  []Figure
	Terms                                    []Term
	Chart                                    *Chart
	Parts                                    []Part
	Blank                                    []string // breakdowns of which nothing can be told, with the reason
}

// HasValue says whether it has a value in the latest year.
func (m Measure) HasValue() bool { return m.Now.Of != "" }

// Part is a measure cut by one breakdown.
type Part struct {
	Title, Then, Last, Now string // the years of then, last and now
	HasRange               bool
	Rows                   []PartRow
}

// Tally counts the parts of a measure that is told in parts alone by what became of them.
type Tally struct{ Parts, Told, Better, Worse, Level string }

// tallyOf counts parts; nil where none has a figure.
func tallyOf(parts []record) *Tally {
	count := func(is func(record) bool) string { return countOf(parts, is) }
	told := func(r record) bool { return !r.isNull("measured_value") }
	became := func(codes ...string) func(record) bool {
		return func(r record) bool { return told(r) && slices.Contains(codes, r.text("significance")) }
	}
	if !slices.ContainsFunc(parts, told) {
		return nil
	}
	return &Tally{
		Parts: whole(float64(len(parts))), Told: count(told), Better: count(became("better")), Worse: count(became("worse")),
		Level: count(became("about_the_same", "no_clear_change")),
	}
}

// PartRow is one value of a breakdown.
type PartRow struct {
	Key                    string
	Label, Then, Last, Now Cell
	Low, High              Cell
	Verdict                string
}

const (
	scorecardTable   = "indicators.scorecard"
	definitionTable  = "indicators.definitions"
	measurementTable = "indicators.measurements"
	comparisonTable  = "indicators.comparison"
)

// figureCell is a value with its unit; without one it says so.
func figureCell(row record, table, column, unit string) Cell {
	value, known := row.number(column)
	if !known {
		return Cell{Text: "no value"}
	}
	return Cell{FigureText(value, unit), table + "#" + column}
}

// textCell is a text as the dataset has it; without one it says what else.
func textCell(row record, table, column, orElse string) Cell {
	if row.isNull(column) || row.text(column) == "" {
		return Cell{Text: orElse}
	}
	return Cell{row.text(column), table + "#" + column}
}

// dayCell is the day of a date or time.
func dayCell(row record, table, column, orElse string) Cell {
	cell := textCell(row, table, column, orElse)
	if cell.Of != "" {
		cell.Text = dayText(cell.Text)
	}
	return cell
}

// countCell is a number of rows.
func countCell(row record, table, column string) Cell {
	value, known := row.number(column)
	if !known {
		return Cell{Text: "–"}
	}
	return Cell{whole(value), table + "#" + column}
}

// measuresOf puts together what the tables tell of each indicator.
func measuresOf(all contents) []Measure {
	years, parts := byIndicator(all.years), byIndicator(all.parts)
	measures := make([]Measure, 0, len(all.scorecard))
	for _, row := range all.scorecard {
		id := row.text("indicator_id")
		measures = append(measures, measureOf(row, years[id], parts[id]))
	}
	return measures
}

func byIndicator(rows []record) map[string][]record {
	sorted := map[string][]record{}
	for _, row := range rows {
		sorted[row.text("indicator_id")] = append(sorted[row.text("indicator_id")], row)
	}
	return sorted
}

func measureOf(row record, years, parts []record) Measure {
	unit := row.text("unit")
	m := Measure{
		ID: row.text("indicator_id"), Key: key(row, "indicator_id"), Role: row.text("role"), Kind: row.text("kind"),
		Name:     textCell(row, definitionTable, "indicator_name", ""),
		Sentence: textCell(row, definitionTable, "source_sentence", ""),
		Stands:   textCell(row, scorecardTable, "sentence", ""),
		Owner:    textCell(row, definitionTable, "indicator_owner", "not assigned"),
		Source:   textCell(row, definitionTable, "source_dataset", "none defined"),
		Reason:   row.text("null_reason"), Arrow: row.text("arrow"),
		Baseline: figureCell(row, scorecardTable, "baseline_value", unit),
		Prior:    figureCell(row, scorecardTable, "prior_value", unit),
		Now:      figureCell(row, scorecardTable, "measured_value", unit),
		Counted:  textCell(row, definitionTable, "numerator", ""), DividedBy: textCell(row, definitionTable, "denominator", ""),
	}
	m.Verdict, m.Mood = verdict(row.text("significance"), m.Reason, m.HasValue())
	if m.HasValue() {
		m.Significance = row.text("significance")
	} else {
		m.Tally = tallyOf(parts)
	}
	m.Figures = figuresOf(row, years)
	m.Terms = termsOf(row, m)
	if chart, drawn := chartOf(row, years); drawn {
		m.Chart = &chart
	}
	m.Parts, m.Blank = partsOf(row, parts)
	return m
}

// figuresOf are then, last year and now, with the range of now, how complete it is, and the target.
func figuresOf(row record, years []record) []Figure {
	year, unit := row.text("financial_year"), row.text("unit")
	value := func(column string) Cell { return figureCell(row, scorecardTable, column, unit) }
	var figures []Figure
	if then := value("baseline_value"); then.Of != "" {
		figures = append(figures, Figure{Label: "Then (baseline)", Year: row.text("baseline_year"), Low: then})
	}
	if last := value("prior_value"); last.Of != "" {
		figures = append(figures, Figure{Label: "Last year", Year: yearBefore(year), Low: last})
	}
	if now := value("measured_value"); now.Of != "" || len(figures) > 0 {
		figures = append(figures, Figure{Label: "Now", Year: year, Low: now})
	}
	latest := slices.IndexFunc(years, func(r record) bool { return r.text("financial_year") == year })
	if latest >= 0 {
		of := yearKey(years[latest])
		low, high, label := rangeCells(years[latest], unit)
		if low.Of != "" {
			figures = append(figures, Figure{Key: of, Label: label, Low: low, High: high})
		}
		if share := figureCell(years[latest], measurementTable, "completeness_share", "share"); share.Of != "" {
			figures = append(figures, Figure{Key: of, Label: "Known part of what is behind it", Low: share})
		}
	}
	if target := value("target"); target.Of != "" {
		figure := Figure{Label: "Target", Low: target}
		switch row.text("target_met") {
		case "true":
			figure.Note = "met"
		case "false":
			figure.Note = "not met"
		}
		figures = append(figures, figure)
	}
	return figures
}

// rangeCells are the ends of a figure's interval or bounds.
func rangeCells(row record, unit string) (low, high Cell, label string) {
	of, _, _, has := rangeOf(row)
	if !has {
		return Cell{}, Cell{}, ""
	}
	return figureCell(row, measurementTable, of.low, unit), figureCell(row, measurementTable, of.high, unit), of.label
}

func termsOf(row record, m Measure) []Term {
	terms := []Term{
		{"Counted", m.Counted},
		{"Divided by", m.DividedBy},
		{"Unit", textCell(row, scorecardTable, "unit", "")},
		{"Direction", Cell{Text: directionText(row.text("direction"))}},
		{"Target in words", textCell(row, definitionTable, "target_note", "")},
		{"Baseline", textCell(row, definitionTable, "baseline_rule_text", "")},
		{"A change is", Cell{Text: ruleText(row.text("change_rule"))}},
		{"Dataset", m.Source},
		{"Owner", m.Owner},
	}
	return slices.DeleteFunc(terms, func(t Term) bool { return t.Means.Text == "" })
}

// partsOf cuts a measure by its breakdowns. One of which nothing can be told is named with the reason.
func partsOf(measure record, rows []record) (parts []Part, blank []string) {
	year := measure.text("financial_year")
	for len(rows) > 0 {
		end := 1
		for end < len(rows) && rows[end].text("breakdown") == rows[0].text("breakdown") && rows[end].text("iod_edition") == rows[0].text("iod_edition") {
			end++
		}
		part := Part{Title: breakdownText(rows[0].text("breakdown")), Last: yearBefore(year), Now: year}
		if edition := rows[0].text("iod_edition"); edition != "" {
			part.Title += ", Indices of Deprivation " + edition
		}
		told, reasons := false, []string{}
		for _, row := range rows[:end] {
			line := partRow(row)
			part.Rows = append(part.Rows, line)
			part.HasRange = part.HasRange || line.Low.Of != ""
			told = told || line.Now.Of != "" || line.Then.Of != "" || line.Last.Of != "" || line.Low.Of != ""
			if !row.isNull("baseline_year") {
				part.Then = row.text("baseline_year")
			}
			if reason := reasonText(row.text("null_reason")); !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
		}
		if told {
			parts = append(parts, part)
		} else {
			blank = append(blank, part.Title+": "+strings.Join(reasons, ", "))
		}
		rows = rows[end:]
	}
	return parts, blank
}

func partRow(row record) PartRow {
	unit := row.text("unit")
	line := PartRow{
		Key:   key(row, "indicator_id", "financial_year", "breakdown", "breakdown_value", "iod_edition"),
		Label: textCell(row, measurementTable, "breakdown_label", ""),
		Then:  figureCell(row, comparisonTable, "baseline_value", unit),
		Last:  figureCell(row, comparisonTable, "prior_value", unit),
		Now:   figureCell(row, measurementTable, "measured_value", unit),
	}
	if line.Now.Of == "" {
		line.Now.Text = reasonText(row.text("null_reason"))
	}
	line.Low, line.High, _ = rangeCells(row, unit)
	line.Verdict, _ = verdict(row.text("significance"), row.text("null_reason"), line.Now.Of != "")
	if line.Now.Of == "" {
		line.Verdict = "–"
	}
	return line
}
