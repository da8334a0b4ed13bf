//go:build duckdb_arrow

package proposal

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
)

//go:embed page.html
var page string

// Page writes the assessment as one HTML page that needs nothing else.
func (a *Assessment) Page(out io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"pounds": Pounds, "quantity": Quantity, "share": Share, "text": Text, "grade": Grade, "bar": bar, "headline": func(p Project, level, system string) bool {
			return p.HeadlineLevel == level && p.HeadlineSystem == system
		},
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	if err := t.Execute(out, a); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

const unknown = "–"

// Pounds are whole pounds with commas; a dash where there are none.
func Pounds(v *float64) string {
	if v == nil {
		return unknown
	}
	whole := math.Round(*v)
	sign := ""
	if whole < 0 {
		sign = "−"
	}
	return sign + "£" + commas(strconv.FormatFloat(math.Abs(whole), 'f', 0, 64))
}

// Quantity has one decimal.
func Quantity(v *float64) string {
	if v == nil {
		return unknown
	}
	rounded := math.Round(*v*10) / 10
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(math.Abs(rounded), 'f', 1, 64), ".")
	sign := ""
	if rounded < 0 {
		sign = "−"
	}
	return sign + commas(whole) + "." + fraction
}

// Share is per cent.
func Share(v *float64) string {
	if v == nil {
		return unknown
	}
	return strconv.FormatFloat(*v*100, 'f', 1, 64) + "%"
}

// Text is a dash where there is none.
func Text(v *string) string {
	if v == nil {
		return unknown
	}
	return *v
}

// Grade is the grade of evidence.
func Grade(v *int) string {
	if v == nil {
		return "not known"
	}
	return strconv.Itoa(*v) + " of 5"
}

func commas(digits string) string {
	var out strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(digit)
	}
	return out.String()
}

// bar is the width of a bar, in per cent of the gross.
func bar(part, whole *float64) string {
	if part == nil || whole == nil || *whole == 0 {
		return "0"
	}
	return strconv.FormatFloat(math.Min(100, math.Abs(*part / *whole)*100), 'f', 1, 64)
}
