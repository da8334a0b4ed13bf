package contract

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Band says which bands a number, or the age of a person, is put into.
type Band struct {
	Edges []float64 `yaml:"edges" json:"edges"` // where each band begins, ascending; the last has no end
	AgeAt string    `yaml:"age_at" json:"age_at,omitempty"`
	// YearEnd (MM-DD) takes the age on the first such day that is not before the
	// day of AgeAt, as 03-31 for the end of the financial year.
	YearEnd string `yaml:"year_end" json:"year_end,omitempty"`
}

// Place says how a postcode of a person is placed.
type Place struct {
	At     string  `yaml:"at" json:"at"`                   // the date column that says when the person lived there
	Prefix *string `yaml:"prefix" json:"prefix,omitempty"` // what the names of the areas begin with
	// Deciles are the editions of the Indices of Deprivation whose decile is stored,
	// with the district, in place of the LSOAs.
	Deciles []string `yaml:"deciles" json:"deciles,omitempty"`
}

func (column *Column) validateBand(problem func(string, ...any)) {
	band := column.Band
	if band == nil || len(band.Edges) == 0 {
		problem("band needs edges, where each band begins, as band: {edges: [16, 25, 60], age_at: issued_on}")
		return
	}
	for i, edge := range band.Edges {
		switch {
		case i > 0 && edge <= band.Edges[i-1]:
			problem("the edges of a band ascend")
			return
		case column.wholeBands() && edge != math.Trunc(edge):
			problem("an edge is a whole number, as what it divides is")
			return
		}
	}
	switch column.Type {
	case TypeInteger, TypeDecimal, TypeMoney:
		if band.AgeAt != "" || band.YearEnd != "" {
			problem("age_at and year_end are for a date of birth (type date)")
		}
	case TypeDate:
		if band.AgeAt == "" {
			problem("band of a date is of the age on a day: name the column that says which, as age_at: issued_on")
		}
		if band.YearEnd != "" && !isMonthDay(band.YearEnd) {
			problem("year_end is a month and a day that every year has, as 03-31")
		}
		if band.Edges[0] < 0 {
			problem("nobody is younger than 0")
		}
	default:
		problem("band needs a number or a date of birth: type integer, decimal, money or date")
	}
	column.asksNothing(problem, "a band has an end of its own", true)
}

func isMonthDay(text string) bool {
	_, err := time.Parse("2006-01-02", "2023-"+text) // not a leap year
	return err == nil
}

// wholeBands says whether what is banded is a whole number.
func (column *Column) wholeBands() bool { return column.Type == TypeInteger || column.Type == TypeDate }

// Labels are the names of the bands, the one below the first edge first.
func (column *Column) Labels() []string {
	edges := column.Band.Edges
	labels := make([]string, 0, len(edges)+1)
	labels = append(labels, "under "+number(edges[0]))
	for i := range edges[1:] {
		if column.wholeBands() {
			last := edges[i+1] - 1
			if last == edges[i] {
				labels = append(labels, number(last))
				continue
			}
			labels = append(labels, number(edges[i])+"-"+number(last))
			continue
		}
		labels = append(labels, number(edges[i])+" to under "+number(edges[i+1]))
	}
	return append(labels, number(edges[len(edges)-1])+"+")
}

// bandSQL gives the band of a typed value; null of null.
func (column *Column) bandSQL(value string) string {
	labels := column.Labels()
	var b strings.Builder
	b.WriteString("case when " + value + " is null then null")
	for i, edge := range column.Band.Edges {
		fmt.Fprintf(&b, " when %s < %s then '%s'", value, number(edge), labels[i])
	}
	fmt.Fprintf(&b, " else '%s' end", labels[len(labels)-1])
	return b.String()
}

// ageSQL gives the age in whole years of who was born on one day, on another. It
// compares month and day, so that who was born on 29 February is a year older on
// 1 March, as in law.
func ageSQL(born, day string) string {
	return "(year(" + day + ") - year(" + born + ") - case when month(" + day + ") * 100 + day(" + day + ") < month(" + born + ") * 100 + day(" + born +
		") then 1 else 0 end)"
}

// yearEndSQL gives the first day of that month and day that is not before a day.
func yearEndSQL(day, monthDay string) string {
	month, dayOfMonth, _ := strings.Cut(monthDay, "-")
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(dayOfMonth)
	return fmt.Sprintf("make_date(year(%s) + case when month(%s) * 100 + day(%s) > %d then 1 else 0 end, %d, %d)", day, day, day, m*100+d, m, d)
}

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
