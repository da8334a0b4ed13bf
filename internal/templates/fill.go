package templates

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/contract"
)

// Ask answers a question by the open file of a release: names of columns, and rows of texts, nil where there is none.
type Ask func(ctx context.Context, question string) (columns []string, rows [][]*string, err error)

// Request says for which year a workbook is made, and from what.
type Request struct {
	Year    string    // the financial year that is filled in
	Today   time.Time // the day on which it is made
	Site    string    // the authority's name
	Release string    // what the rows come from; empty: there is none yet
	Files   fs.FS     // of the site, with its reference data
	Ask     Ask       // nil: there is no release yet
}

// words are what placeholders in a template stand for.
func (r Request) words(sheet *Sheet) *strings.Replacer {
	pairs := []string{
		"{year}", r.Year, "{last_year}", shift(r.Year, -1), "{next_year}", shift(r.Year, 1),
		"{today}", r.Today.Format(time.DateOnly), "{site}", r.Site,
	}
	if sheet != nil {
		for _, column := range slices.Sorted(maps.Keys(sheet.layout.Set)) {
			pairs = append(pairs, "{"+column+"}", sheet.layout.Set[column])
		}
	}
	return strings.NewReplacer(pairs...)
}

// shift is the financial year some years later.
func shift(year string, by int) string {
	var first int
	if _, err := fmt.Sscanf(year, "%4d-", &first); err != nil {
		return year
	}
	return FinancialYear(first + by)
}

// FinancialYear is the name of the one that begins in a calendar year.
func FinancialYear(first int) string { return fmt.Sprintf("%04d-%02d", first, (first+1)%100) }

// prefilled are the texts that stand in a sheet already, by the order of its columns.
func (r Request) prefilled(ctx context.Context, t *Template, sheet *Sheet) ([][]string, error) {
	if sheet.Rows == "" || r.Ask == nil {
		return nil, nil
	}
	columns, answers, err := r.Ask(ctx, r.words(sheet).Replace(t.Questions[sheet.Rows]))
	if err != nil {
		return nil, fmt.Errorf("fill sheet %s: %w", sheet.Name, err)
	}
	rows := make([][]string, len(answers))
	for i, answer := range answers {
		rows[i] = make([]string, len(sheet.Columns))
		for j, column := range sheet.Columns {
			from := column.From
			if from == "" {
				from = column.Column
			}
			at := slices.Index(columns, from)
			if at < 0 {
				return nil, fmt.Errorf("fill sheet %s: question %s has no column %s", sheet.Name, sheet.Rows, from)
			}
			if answer[at] != nil {
				rows[i][j] = sheet.told(column, *answer[at])
			}
		}
	}
	return rows, nil
}

// told is a value in the words of whoever fills the sheet in: yes for the 1 that a list of yes and no stands for.
func (s *Sheet) told(column Column, value string) string {
	if column.Show != "" || len(column.Choices.Values) == 0 {
		return value
	}
	c := s.contract.Column(column.Column)
	for _, word := range column.Choices.Values {
		if stands, known := c.Recode[word]; known && sameNumber(stands, value) {
			return word
		}
	}
	return value
}

// sameNumber says whether two texts are the same but for noughts behind the point.
func sameNumber(a, b string) bool {
	plain := func(text string) string {
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		return text
	}
	return plain(a) == plain(b)
}

// choices are what a cell offers; none: anything may be written.
func (r Request) choices(sheet *Sheet, column Column) ([]string, error) {
	switch {
	case column.Show != "":
		return nil, nil
	case column.Choices.Ref != "":
		return r.reference(column.Choices)
	case len(column.Choices.Values) > 0:
		words := r.words(sheet)
		list := make([]string, len(column.Choices.Values))
		for i, value := range column.Choices.Values {
			list[i] = words.Replace(value)
		}
		return list, nil
	}
	c := sheet.contract.Column(column.Column)
	if c.Type == contract.TypeBoolean {
		return []string{"yes", "no"}, nil
	}
	return c.Values, nil
}

// reference are the values of a column of reference data.
func (r Request) reference(choices Choices) (list []string, err error) {
	name := "sql/ref/" + choices.Ref + ".csv"
	file, err := r.Files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read choices: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil || len(records) == 0 {
		return nil, errors.Join(fmt.Errorf("read choices: %s cannot be read", name), err)
	}
	at := slices.Index(records[0], choices.Column)
	if at < 0 {
		return nil, fmt.Errorf("read choices: %s has no column %s", name, choices.Column)
	}
	for _, record := range records[1:] {
		if record[at] != "" && !slices.Contains(list, record[at]) {
			list = append(list, record[at])
		}
	}
	return list, nil
}
