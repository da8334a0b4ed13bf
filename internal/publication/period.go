//go:build duckdb_arrow

package publication

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Calendar says when periods end.
type Calendar struct {
	YearStartMonth time.Month // of the financial year
	YearStartDay   int
}

// academicYearEnd is the month at whose end an academic year ends.
const academicYearEnd = time.July

// End is the last day of a period as it is written in a column: 2024-25,
// 2024-25 Q3, 2025-03 or 2025-03-31. Nothing else has an end.
func (c Calendar) End(column, text string) (time.Time, bool) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		if column == "service_month" || column == "month_start" {
			return day.AddDate(0, 1, -day.Day()), true
		}
		return day, true
	}
	if month, err := time.Parse("2006-01", text); err == nil && !c.isYear(text) {
		return month.AddDate(0, 1, -1), true
	}
	parts := regexp.MustCompile(`^(\d{4})-(\d{2})(?: ?Q([1-4]))?$`).FindStringSubmatch(text)
	if parts == nil {
		return time.Time{}, false
	}
	first, _ := strconv.Atoi(parts[1])
	if !c.isYear(parts[1] + "-" + parts[2]) {
		return time.Time{}, false
	}
	if column == "academic_year" {
		return time.Date(first+1, academicYearEnd+1, 0, 0, 0, 0, 0, time.UTC), true
	}
	months := 12
	if parts[3] != "" {
		quarter, _ := strconv.Atoi(parts[3])
		months = 3 * quarter
	}
	return time.Date(first, c.YearStartMonth+time.Month(months), c.YearStartDay-1, 0, 0, 0, 0, time.UTC), true
}

// isYear tells 2011-12, a year, from 2011-05, a month: the second number of a
// year follows the first. 2011-12 is taken for the year.
func (c Calendar) isYear(text string) bool {
	first, errFirst := strconv.Atoi(text[:4])
	second, errSecond := strconv.Atoi(text[5:7])
	return errFirst == nil && errSecond == nil && second == (first+1)%100
}

// Closing reads the period that an edition may reach to, which must be over.
func (c Calendar) Closing(text string, today time.Time) (time.Time, error) {
	end, known := c.End("", text)
	if !known {
		return time.Time{}, fmt.Errorf("%q is no period: write a financial year as 2024-25, a quarter as \"2024-25 Q3\", a month as 2025-03, or a day as 2025-03-31", text)
	}
	if !end.Before(today) {
		return time.Time{}, fmt.Errorf("period %s ends on %s and is not over: publish an earlier one", text, end.Format(time.DateOnly))
	}
	return end, nil
}
