package contract

import (
	"regexp"
	"slices"
	"strings"

	"socialvalue/internal/layout"
)

// Matcher returns a test of whether a text has the form of the type, dates being
// written in one of these formats (ISO when there are none). Whether there is
// such a day is not looked at.
func (t Type) Matcher(dates ...layout.Date) func(text string) bool {
	pattern := rules(dates)[t].pattern
	if pattern == "" {
		return func(string) bool { return true }
	}
	form := regexp.MustCompile("^(?:" + pattern + ")$")
	return func(text string) bool { return form.MatchString(strings.Trim(text, trimmed)) }
}

// Matcher returns a test of whether the column takes a text: by its type, its
// values, its recoding and its pattern. Empty text is no value and is taken.
func (c *Column) Matcher(dates ...layout.Date) func(text string) bool {
	ofType := c.Type.Matcher(dates...)
	form := regexp.MustCompile("^(?:" + c.Pattern + ")$")
	return func(text string) bool {
		text = strings.Trim(text, trimmed)
		if now, ok := c.Recode[text]; ok {
			text = now
		}
		if text == "" {
			return true
		}
		if c.Type == TypeCode {
			text = strings.ToUpper(text)
		}
		return ofType(text) && (len(c.Values) == 0 || slices.Contains(c.Values, text)) && (c.Pattern == "" || form.MatchString(text))
	}
}

// Compare lists how a contract differs from an earlier one.
func Compare(before, after *Contract) []layout.Difference {
	return layout.CompareColumns(before.LayoutColumns(), after.LayoutColumns())
}
