package govuk

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"socialvalue/internal/stats"
)

// Columns are those of the file: the employer, and the fourteen figures.
func Columns() []string {
	columns := []string{"EmployerName", "EmployerId"}
	for _, f := range All() {
		columns = append(columns, f.Column())
	}
	return columns
}

// InvalidError says that a return would be refused.
type InvalidError struct {
	Employer string
	Problems []Problem
}

func (e *InvalidError) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.Error()
	}
	return fmt.Sprintf("the return of %s would be refused: %s", e.Employer, strings.Join(texts, "; "))
}

// WriteCSV writes returns as the file, a row each. A return that the service would refuse is an InvalidError, and nothing
// is written.
func WriteCSV(to io.Writer, returns ...Return) error {
	rows := [][]string{Columns()}
	for _, r := range returns {
		if problems := Validate(r); len(problems) > 0 {
			return &InvalidError{r.EmployerName, problems}
		}
		row := []string{r.EmployerName, r.EmployerID}
		for _, value := range r.Values {
			row = append(row, written(value))
		}
		rows = append(rows, row)
	}
	w := csv.NewWriter(to)
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("write the return: %w", err)
	}
	return nil
}

// written is a figure as the service shows it: one decimal, and none where it is nought.
func written(value *float64) string {
	if value == nil {
		return ""
	}
	return strconv.FormatFloat(stats.RoundHalfAway(*value, 1), 'f', -1, 64)
}

// ErrNotReturns says that a file is no download of the service.
var ErrNotReturns = errors.New("it is no download of the gender pay gap service")

// Published is a return as the service published it.
type Published struct {
	Return
	EmployerSize string // its band, such as "500 to 999"; blank where the file has none
}

// ReadPublished reads a download of the service, or a file of ours, which has no sizes. Blanks and tabs around figures, which some years have, are passed over;
// a figure that is no number is an error with its line.
func ReadPublished(from io.Reader) ([]Published, error) {
	r := csv.NewReader(from)
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotReturns, err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	at := map[string]int{}
	for i, name := range header {
		at[strings.TrimSpace(name)] = i
	}
	for _, column := range Columns() {
		if _, ok := at[column]; !ok {
			return nil, fmt.Errorf("%w: it has no column %s", ErrNotReturns, column)
		}
	}
	var all []Published
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read returns: %w", err)
		}
		text := func(column string) string {
			if i, ok := at[column]; ok {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		p := Published{EmployerSize: text("EmployerSize")}
		p.EmployerName, p.EmployerID = text("EmployerName"), text("EmployerId")
		for _, f := range All() {
			if text(f.Column()) == "" {
				continue
			}
			value, err := strconv.ParseFloat(text(f.Column()), 64)
			if err != nil {
				line, _ := r.FieldPos(at[f.Column()])
				return nil, fmt.Errorf("line %d: %s is no number", line, f.Column())
			}
			p.Values[f] = &value
		}
		p.OptedOutOfQuarters = !slices.ContainsFunc(p.Values[MaleLower:], func(v *float64) bool { return v != nil })
		all = append(all, p)
	}
}

// Difference is a figure of ours that is another than the published one; nil is blank.
type Difference struct {
	Figure          Figure
	Ours, Published *float64
}

// Compare finds the figures that differ, in their order. Where a published figure is a whole per cent it may have been
// rounded to one: half a per cent is then no difference.
func Compare(ours, published Return) []Difference {
	var all []Difference
	whole := wholePercents(published)
	for _, f := range All() {
		a, b := ours.Of(f), published.Of(f)
		switch {
		case a == nil && b == nil:
		case a == nil || b == nil:
			all = append(all, Difference{f, a, b})
		case whole && tenths(stats.RoundHalfAway(*a, 0)) == tenths(*b):
		case tenths(*a) != tenths(*b):
			all = append(all, Difference{f, a, b})
		}
	}
	return all
}

// wholePercents reports whether a return was given in whole per cents: the guidance lets an employer choose.
func wholePercents(r Return) bool {
	for _, value := range r.Values {
		if value != nil && tenths(*value)%10 != 0 {
			return false
		}
	}
	return true
}
