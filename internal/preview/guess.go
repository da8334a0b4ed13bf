package preview

import (
	"strings"
	"unicode"

	"socialvalue/internal/contract"
	"socialvalue/internal/layout"
)

// dateFormats are those looked for, the likelier first. Where the day and the
// month could change places, the day comes first.
func dateFormats() []string {
	return []string{
		"YYYY-MM-DD", "DD/MM/YYYY", "D/M/YYYY", "DD-MM-YYYY", "DD.MM.YYYY", "DD/MM/YY", "DD-Mon-YYYY", "DD-Mon-YY", "DD Mon YYYY",
		"D Mon YYYY", "D Month YYYY", "DD Month YYYY", "YYYY/MM/DD", "YYYYMMDD", "MM/DD/YYYY", "M/D/YYYY",
	}
}

// Guess is what the values of a column look like.
type Guess struct {
	Type contract.Type
	Date string // how days are written, for a date or a timestamp
	Also string // another way in which they could be written
}

// guess says what all of some values are; text when they are nothing else, or
// there are none.
func guess(values []string) Guess {
	if len(values) == 0 {
		return Guess{Type: contract.TypeText}
	}
	if all(values, isYesNo) {
		return Guess{Type: contract.TypeBoolean}
	}
	for _, t := range []contract.Type{contract.TypeUUID, contract.TypeTime} {
		if all(values, t.Matcher()) {
			return Guess{Type: t}
		}
	}
	for _, t := range []contract.Type{contract.TypeDate, contract.TypeTimestamp} {
		var fit []string
		for _, format := range dateFormats() {
			if date, err := layout.ParseDate(format); err == nil && all(values, t.Matcher(date)) {
				fit = append(fit, format)
			}
		}
		if len(fit) > 0 {
			g := Guess{Type: t, Date: fit[0]}
			for _, other := range fit[1:] {
				if strings.HasPrefix(other, "M") {
					g.Also = other
				}
			}
			return g
		}
	}
	switch {
	case all(values, contract.TypeInteger.Matcher()):
		return Guess{Type: contract.TypeInteger}
	case all(values, contract.TypeMoney.Matcher()):
		return Guess{Type: contract.TypeMoney}
	case all(values, contract.TypeDecimal.Matcher()):
		return Guess{Type: contract.TypeDecimal}
	case all(values, contract.TypePercent.Matcher()):
		return Guess{Type: contract.TypePercent}
	}
	return Guess{Type: contract.TypeText}
}

// isValue says whether one text is a number, a date or the like.
func isValue(text string) bool { return guess([]string{text}).Type != contract.TypeText }

func isYesNo(text string) bool {
	switch strings.ToLower(text) {
	case "yes", "no", "y", "n", "true", "false":
		return true
	}
	return false
}

func all(values []string, fits func(string) bool) bool {
	for _, value := range values {
		if !fits(value) {
			return false
		}
	}
	return true
}

// shape is a text of which only the form may be seen: a letter stands for any
// letter, 9 for any digit.
func shape(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '9'
		case unicode.IsUpper(r):
			return 'A'
		case unicode.IsLetter(r):
			return 'a'
		case r > unicode.MaxASCII:
			return '.'
		}
		return r
	}, text)
}
