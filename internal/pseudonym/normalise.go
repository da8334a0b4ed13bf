package pseudonym

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// What an identifier must look like, as patterns of the whole text that Go and
// DuckDB read alike. A number has digits, and between them nothing but what
// people put there to read it; any other identifier has something to see.
const (
	NumberPattern = `[0-9０-９](?:[\s\p{Z}\p{Pd}\p{Cf}./]*[0-9０-９])*`
	TextPattern   = `(?s).*[^\s\p{Z}\p{C}].*`
)

// Pattern is what identifiers of a domain must look like.
func Pattern(numeric bool) string {
	if numeric {
		return NumberPattern
	}
	return TextPattern
}

// Normaliser brings the spellings of one identifier together, so that each
// person has one key. It is part of what a key means: another way of
// normalising needs another version of every key.
type Normaliser struct {
	numeric bool
	pattern *regexp.Regexp
	upper   cases.Caser
}

// NewNormaliser makes the normaliser of a domain. It is not for use by several
// goroutines at once.
func NewNormaliser(numeric bool) *Normaliser {
	return &Normaliser{
		numeric: numeric, pattern: regexp.MustCompile(`^(?:` + Pattern(numeric) + `)$`), upper: cases.Upper(language.Und),
	}
}

// Normalise gives the one spelling of an identifier: its characters in their
// compatible form, without those that cannot be seen, blanks at the ends gone
// and runs of them one, in capitals; of a number the digits alone, leading zeros
// included. It is false for text that is no identifier: to leave the letters out
// of AB123 and CD123 would make two people one.
func (n *Normaliser) Normalise(text string) (string, bool) {
	if n.numeric && text != "" && strings.Trim(text, "0123456789") == "" {
		return text, true // as most are, and there are many
	}
	if !n.pattern.MatchString(text) {
		return "", false
	}
	if n.numeric {
		return strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, norm.NFKC.String(text)), true
	}
	// Capitals may have a shorter compatible form, and that others: twice is
	// enough for every character there is, see the test.
	for {
		again := n.once(text)
		if again == text {
			return text, text != ""
		}
		text = again
	}
}

func (n *Normaliser) once(text string) string {
	text = norm.NFKC.String(n.upper.String(norm.NFKC.String(text)))
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Z, r):
			return ' '
		case unicode.Is(unicode.C, r):
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}
