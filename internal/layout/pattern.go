package layout

import (
	"regexp"
	"strings"
	"unicode"
)

// Clean trims a header name: blanks of every kind, a byte order mark, zero-width blanks. Bytes that are not UTF-8 become
// the replacement character.
func Clean(name string) string {
	return strings.TrimFunc(strings.ToValidUTF8(name, "\uFFFD"), func(r rune) bool { return unicode.IsSpace(r) || r == '\uFEFF' || r == '\u200B' })
}

// CleanAll trims every name of a header.
func CleanAll(header []string) []string {
	clean := make([]string, len(header))
	for i, name := range header {
		clean[i] = Clean(name)
	}
	return clean
}

// pattern is a header name in which ? stands for one character and * for any number of them.
type pattern struct {
	text string
	fold bool           // case does not count
	glob *regexp.Regexp // nil for a plain name
}

func newPattern(text string, fold bool) pattern {
	p := pattern{text: Clean(text), fold: fold}
	if !strings.ContainsAny(p.text, "?*") {
		return p
	}
	var b strings.Builder
	b.WriteString("(?s")
	if fold {
		b.WriteString("i")
	}
	b.WriteString(")^")
	runs := regexp.MustCompile(`[?*]+|[^?*]+`).FindAllString(p.text, -1)
	for _, run := range runs {
		if strings.ContainsAny(run, "?*") {
			b.WriteString("(" + strings.NewReplacer("?", ".", "*", ".*").Replace(run) + ")")
		} else {
			b.WriteString(regexp.QuoteMeta(run))
		}
	}
	b.WriteString("$")
	p.glob = regexp.MustCompile(b.String())
	return p
}

func (p pattern) isGlob() bool { return p.glob != nil }

// match returns the text that the wildcards stand for, the parts joined by "-" where they stand apart.
func (p pattern) match(name string) (vintage string, ok bool) {
	if p.glob == nil {
		if p.fold {
			return "", strings.EqualFold(p.text, name)
		}
		return "", p.text == name
	}
	m := p.glob.FindStringSubmatch(name)
	if m == nil {
		return "", false
	}
	return strings.Join(m[1:], "-"), true
}

func (p pattern) matchAny(header []string) bool {
	for _, name := range header {
		if _, ok := p.match(name); ok {
			return true
		}
	}
	return false
}
