package workbook

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The kinds of cells.
const (
	text = iota
	number
	boolean
	failed       // a formula that gave an error
	uncalculated // a formula of which no result is stored
	isoDate      // a day or time as ISO text, which strict workbooks have
)

// Cell is a cell that holds something.
type Cell struct {
	Row, Column int // the first is 1

	turned   bool // they are those of the turned sheet
	kind     int
	text     string
	format   format
	date1904 bool
}

// Ref is the cell's name, as BC17.
func (c *Cell) Ref() string {
	if c.turned {
		return Ref(c.Row, c.Column)
	}
	return Ref(c.Column, c.Row)
}

// Want says what the text of a cell is wanted for.
type Want int

// What cells are read as. All but these are wanted as they read.
const (
	AsText Want = iota
	AsNumber
	AsDecimal // a number with up to ten decimals
	AsMoney   // a number with pence
	AsDate
	AsTimestamp
	AsMonth // 202404
)

// The rules by which a cell has no text that may be taken for its value.
const (
	FormulaError   = "formula_error"
	NotCalculated  = "formula_not_calculated"
	DigitsLost     = "digits_lost"
	RoundedDecimal = "decimals_rounded"
	RoundedDust    = "digits_beyond_15"
)

// Text is a cell's value as text. A rule is given when that text must not pass
// for a value; a note when something was rounded off that is of no account.
func (c *Cell) Text(want Want) (value, rule, note string) {
	switch c.kind {
	case boolean:
		if isTrue(c.text) {
			return "TRUE", "", ""
		}
		return "FALSE", "", ""
	case failed:
		return c.text, FormulaError, ""
	case uncalculated:
		return "no result", NotCalculated, ""
	case isoDate:
		return c.isoText(want), "", ""
	case number:
		v, ok := parseNumber(c.text)
		if !ok {
			return c.text, "", ""
		}
		if c.format.date || c.format.time || c.format.elapsed {
			return c.moment(v, want), "", ""
		}
		return c.decimal(v, want)
	}
	return c.text, "", ""
}

// parseNumber reads a stored number; words such as NaN and hex are none.
func parseNumber(text string) (float64, bool) {
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

const (
	exactInteger = 1 << 53 // whole numbers below it are stored as they are
	lostDigits   = 1e15    // Excel keeps 15 digits of what is typed
	mostDecimals = 10      // of a decimal of a contract
)

// decimal is a number without exponent. A whole number is taken as stored; any
// other to 15 significant digits, which is all that Excel keeps and shows: so
// 12.340000000000002 is 12.34, and what a sum of doubles left behind is gone,
// while 12.345 stays and is no money.
func (c *Cell) decimal(v float64, want Want) (value, rule, note string) {
	if v == math.Trunc(v) && math.Abs(v) < exactInteger {
		value = strconv.FormatFloat(v+0, 'f', 0, 64)
		if value == "-0" {
			value = "0"
		}
	} else {
		rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 14, 64), 64)
		if err != nil {
			return c.text, "", ""
		}
		if rounded != v {
			note = RoundedDust
		}
		value = strconv.FormatFloat(rounded, 'f', -1, 64)
	}
	switch want {
	case AsText:
		if math.Abs(v) >= lostDigits {
			return value, DigitsLost, note
		}
		if n := c.format.zeros - len(value); n > 0 && v >= 0 && v == math.Trunc(v) {
			value = strings.Repeat("0", n) + value
		}
	case AsMoney:
		value = pence(value)
	case AsDecimal:
		if _, decimals, _ := strings.Cut(value, "."); len(decimals) > mostDecimals {
			note = RoundedDecimal
			value = strconv.FormatFloat(v, 'f', mostDecimals, 64)
		}
	case AsNumber, AsDate, AsTimestamp, AsMonth:
	}
	return value, "", note
}

// pence fills an amount up to two decimals. It takes none away.
func pence(value string) string {
	whole, decimals, _ := strings.Cut(value, ".")
	if len(decimals) >= 2 {
		return value
	}
	return whole + "." + (decimals + "00")[:2]
}

// moment is a number that shows as day, time or both, as ISO text. A day that
// Excel makes up, as 29 February 1900, comes out as such and is no date.
func (c *Cell) moment(serial float64, want Want) string {
	const daySeconds = 24 * 60 * 60
	millis := math.Round(serial * daySeconds * 1000)
	if serial < 0 || serial >= 2958466 { // 31 December 9999 is the last
		return strconv.FormatFloat(serial, 'f', -1, 64)
	}
	days := int(millis) / (daySeconds * 1000)
	rest := time.Duration(int(millis)%(daySeconds*1000)) * time.Millisecond
	if c.format.elapsed {
		return clock(time.Duration(days)*24*time.Hour + rest)
	}
	if !c.format.date && want != AsDate && want != AsTimestamp && days == 0 {
		return clock(rest)
	}
	return c.dayAndTime(c.day(days), rest, want)
}

// day is the ISO date of a day's number.
func (c *Cell) day(n int) string {
	switch {
	case c.date1904:
		return time.Date(1904, 1, 1+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case n == 0:
		return "1900-01-00"
	case n == 60:
		return "1900-02-29"
	case n < 60:
		return time.Date(1899, 12, 31+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	return time.Date(1899, 12, 30+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// dayAndTime writes a moment as a column of its type has it. A time that the
// sheet does not show is no part of a date.
func (c *Cell) dayAndTime(day string, rest time.Duration, want Want) string {
	switch {
	case want == AsTimestamp:
		return day + " " + clock(rest)
	case want == AsMonth && strings.HasSuffix(day, "-01") && rest == 0:
		return strings.ReplaceAll(day[:7], "-", "")
	case rest == 0 || !c.format.time:
		return day
	}
	return day + " " + clock(rest)
}

// clock is a time of day, or a span of hours.
func clock(d time.Duration) string {
	text := fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	if millis := d.Milliseconds() % 1000; millis != 0 {
		text += fmt.Sprintf(".%03d", millis)
	}
	return text
}

// isoText is a day or time that is stored as ISO text.
func (c *Cell) isoText(want Want) string {
	for _, layout := range []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateOnly} {
		t, err := time.Parse(layout, c.text)
		if err != nil {
			continue
		}
		shows := *c
		shows.format.time = shows.format.time || !shows.format.date
		return shows.dayAndTime(t.Format(time.DateOnly), t.Sub(t.Truncate(24*time.Hour)), want)
	}
	return c.text
}
