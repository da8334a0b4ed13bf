package site

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Claim is what the name of a file says about its content.
type Claim struct {
	PeriodStart time.Time // the first day, at midnight UTC; zero when the name claims no period
	PeriodEnd   time.Time // the day after the last one
	Constants   map[string]string
}

// HasPeriod says whether the name claims a period.
func (c Claim) HasPeriod() bool { return !c.PeriodStart.IsZero() }

// Claim reads a file's name by the source's name_pattern: its path below the site with /, and for a file in an archive the
// archive's path, / and the name inside. Without a pattern a name claims nothing; one that does not fit is an error.
//
// Periods: day (2024-04-30), month (2024-04, apr-2024), quarter of the calendar year (2024-Q1), year (2024),
// financial_year (2022-23) and financial_quarter (2022-23_Q1), which begin with the site's financial year. Blanks, dots,
// underscores and dashes between their parts are alike and may be missing.
func (s *Source) Claim(name string) (Claim, error) {
	claim := Claim{Constants: make(map[string]string)}
	if s.pattern == nil {
		return claim, nil
	}
	m := s.pattern.FindStringSubmatch(name)
	if m == nil {
		return Claim{}, fmt.Errorf("%s: its name does not fit the name_pattern of source %s (%s): rename the file, or change the pattern",
			name, s.Name, s.Where)
	}
	for i, group := range s.pattern.SubexpNames() {
		switch text := m[i]; {
		case group == "" || text == "":
		case periodReader(group) == nil:
			claim.Constants[group] = text
		default:
			start, end, err := periodReader(group)(text, s.year)
			if err != nil {
				return Claim{}, fmt.Errorf("%s: its name says %s %q, %w: rename the file, or change the name_pattern of source %s (%s)",
					name, group, text, err, s.Name, s.Where)
			}
			claim.PeriodStart, claim.PeriodEnd = start, end
		}
	}
	return claim, nil
}

// claimedColumns are the contract columns that names give a value.
func (s *Source) claimedColumns() []string {
	if s.pattern == nil {
		return nil
	}
	var columns []string
	for _, group := range s.pattern.SubexpNames() {
		if group != "" && periodReader(group) == nil {
			columns = append(columns, group)
		}
	}
	return columns
}

// period reads a text as a span of days.
type period func(text string, year MonthDay) (start, end time.Time, err error)

// periodReader returns how a group of this name is read, nil when it says no period.
func periodReader(group string) period {
	switch group {
	case "day":
		return readDay
	case "month":
		return readMonth
	case "quarter":
		return readQuarter
	case "year":
		return readYear
	case "financial_year":
		return readFinancialYear
	case "financial_quarter":
		return readFinancialQuarter
	}
	return nil
}

// earliest and latest bound what a year in a file's name can be, so that 202204 is not taken for a year.
const (
	earliest = 1900
	latest   = 2199
)

func readDay(text string, _ MonthDay) (start, end time.Time, err error) {
	start, err = time.Parse("20060102", plain(text))
	if err != nil || start.Year() < earliest || start.Year() > latest {
		return time.Time{}, time.Time{}, fmt.Errorf("which is no day such as 2024-04-30")
	}
	return start, start.AddDate(0, 0, 1), nil
}

func readMonth(text string, _ MonthDay) (start, end time.Time, err error) {
	for _, form := range []string{"200601", "Jan2006", "January2006", "2006Jan", "2006January"} {
		start, err = time.Parse(form, plain(text))
		if err == nil && start.Year() >= earliest && start.Year() <= latest {
			return start, start.AddDate(0, 1, 0), nil
		}
	}
	return time.Time{}, time.Time{}, fmt.Errorf("which is no month such as 2024-04 or apr-2024")
}

func readQuarter(text string, _ MonthDay) (start, end time.Time, err error) {
	m := regexp.MustCompile(`^(\d{4})q([1-4])$`).FindStringSubmatch(plain(text))
	if m == nil {
		return time.Time{}, time.Time{}, fmt.Errorf("which is no quarter such as 2024-Q1")
	}
	if start, _, err = readYear(m[1], MonthDay{}); err != nil {
		return time.Time{}, time.Time{}, err
	}
	start = start.AddDate(0, 3*int(m[2][0]-'1'), 0)
	return start, start.AddDate(0, 3, 0), nil
}

func readYear(text string, _ MonthDay) (start, end time.Time, err error) {
	year, err := strconv.Atoi(text)
	if err != nil || year < earliest || year > latest {
		return time.Time{}, time.Time{}, fmt.Errorf("which is no year such as 2024")
	}
	start = time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
	return start, start.AddDate(1, 0, 0), nil
}

func readFinancialYear(text string, begins MonthDay) (start, end time.Time, err error) {
	year, err := financialYear(text)
	if err != nil {
		return time.Time{}, time.Time{}, err
	}
	start = time.Date(year, begins.Month, begins.Day, 0, 0, 0, 0, time.UTC)
	return start, start.AddDate(1, 0, 0), nil
}

func readFinancialQuarter(text string, begins MonthDay) (start, end time.Time, err error) {
	lower := strings.ToLower(text)
	at := strings.LastIndexByte(lower, 'q')
	if at < 0 || len(lower) != at+2 || lower[at+1] < '1' || lower[at+1] > '4' {
		return time.Time{}, time.Time{}, fmt.Errorf("which is no quarter of a financial year such as 2022-23_Q1")
	}
	if start, _, err = readFinancialYear(lower[:at], begins); err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("which is no quarter of a financial year such as 2022-23_Q1")
	}
	start = start.AddDate(0, 3*int(lower[at+1]-'1'), 0)
	return start, start.AddDate(0, 3, 0), nil
}

// financialYear reads 2022-23, 2022-2023 or 202223 and returns the year in which it begins.
func financialYear(text string) (int, error) {
	m := regexp.MustCompile(`^(\d{4})(\d{2}|\d{4})$`).FindStringSubmatch(plain(text))
	if m != nil {
		first, _ := strconv.Atoi(m[1])
		second, _ := strconv.Atoi(m[2])
		if first >= earliest && first <= latest && (second == first+1 || len(m[2]) == 2 && second == (first+1)%100) {
			return first, nil
		}
	}
	return 0, fmt.Errorf("which is no financial year such as 2022-23")
}

// plain drops what stands between the parts of a date in a file's name.
func plain(text string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" ._-/", r) {
			return -1
		}
		return r
	}, text))
}

// Naming identifies how names of files are read: the name_pattern as written and, where it says a financial year, the day
// on which that begins. It is empty when names claim nothing.
func (s *Source) Naming() string {
	if s.pattern == nil {
		return ""
	}
	naming := s.pattern.String()
	for _, group := range s.pattern.SubexpNames() {
		if strings.HasPrefix(group, "financial_") && periodReader(group) != nil {
			naming += fmt.Sprintf(" from %02d-%02d", s.year.Month, s.year.Day)
		}
	}
	return naming
}
