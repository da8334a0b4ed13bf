package layout

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Date is how a file writes dates, as DD/MM/YYYY.
type Date struct {
	Format string
	parts  []datePart
}

// datePart is one token, or a literal when pattern is empty.
type datePart struct {
	token    string
	pattern  string // RE2
	strptime string
	shapes   []string // every text it can have: 0 for any digit, small letters for words
	unit     byte     // y, m, d
}

var errNoToken = fmt.Errorf("a date format is made of YYYY YY Month Mon MM M DD D and the signs between them, as DD/MM/YYYY")

// ParseDate reads a date format. Its tokens: YYYY, YY (69–99 are 1969–1999, 00–68 are 2000–2068), MM and DD (two digits),
// M and D (one or two), Mon (Jan) and Month (January) in any case. Signs, blanks, digits and the letter T stand for themselves.
func ParseDate(format string) (Date, error) {
	d := Date{Format: format}
	have := make(map[byte]int)
	for rest := format; rest != ""; {
		part, ok := nextPart(rest)
		if !ok {
			return Date{}, fmt.Errorf("%q is not a date format: %w", format, errNoToken)
		}
		if part.unit != 0 {
			have[part.unit]++
		}
		d.parts = append(d.parts, part)
		rest = rest[len(part.token):]
	}
	for _, unit := range []struct {
		letter byte
		name   string
	}{{'y', "year"}, {'m', "month"}, {'d', "day"}} {
		if have[unit.letter] != 1 {
			return Date{}, fmt.Errorf("%q needs one %s: %w", format, unit.name, errNoToken)
		}
	}
	return d, nil
}

// ISODate is the format that needs no layout to be understood.
const ISODate = "YYYY-MM-DD"

// WithISO adds ISO dates to what a layout's dates read. It is an error when one of them would read such a text as another
// day.
func WithISO(dates []string) ([]string, error) {
	iso, err := ParseDate(ISODate)
	if err != nil {
		return nil, err
	}
	for _, text := range dates {
		date, err := ParseDate(text)
		if err != nil {
			return nil, err
		}
		if _, both := date.overlap(iso); !both {
			continue
		}
		if date.order() != iso.order() {
			return nil, fmt.Errorf("the layout's dates %q would read the day 2024-05-06 of a cell as another: remove it", text)
		}
		return dates, nil
	}
	return append(slices.Clone(dates), ISODate), nil
}

// order is the order of year, month and day.
func (d Date) order() string {
	var b strings.Builder
	for _, p := range d.parts {
		if p.unit != 0 {
			b.WriteByte(p.unit)
		}
	}
	return b.String()
}

// Pattern is an RE2 pattern, anchored at both ends, that every text of this format matches. Days are checked against
// 1–31 only; 31 February is found when the text is read.
func (d Date) Pattern() string {
	var b strings.Builder
	b.WriteString("^")
	for _, p := range d.parts {
		b.WriteString(p.pattern)
	}
	b.WriteString("$")
	return b.String()
}

// Strptime is the format as DuckDB's strptime takes it.
func (d Date) Strptime() string {
	var b strings.Builder
	for _, p := range d.parts {
		b.WriteString(p.strptime)
	}
	return b.String()
}

// overlap says whether some text fits both formats, with an example of one.
func (d Date) overlap(other Date) (string, bool) {
	shapes := other.shapes()
	for _, a := range d.shapes() {
		for _, b := range shapes {
			if alike(a, b) {
				return strings.ReplaceAll(a, "0", "1"), true
			}
		}
	}
	return "", false
}

func (d Date) shapes() []string {
	all := []string{""}
	for _, p := range d.parts {
		var next []string
		for _, head := range all {
			for _, tail := range p.shapes {
				next = append(next, head+tail)
			}
		}
		all = next
	}
	return all
}

// alike compares two shapes; a literal digit may meet any digit.
func alike(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && (!isDigit(a[i]) || !isDigit(b[i])) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func nextPart(rest string) (datePart, bool) {
	for _, p := range dateParts() { // the longer token comes first
		if strings.HasPrefix(rest, p.token) {
			return p, true
		}
	}
	c := rest[0]
	if c < ' ' || c > '~' || c != 'T' && ('A' <= c && c <= 'Z' || 'a' <= c && c <= 'z') {
		return datePart{}, false
	}
	text := string(c)
	return datePart{
		token: text, pattern: regexp.QuoteMeta(text), strptime: strings.ReplaceAll(text, "%", "%%"),
		shapes: []string{strings.ToLower(text)},
	}, true
}

func dateParts() []datePart {
	long := []string{
		"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
	}
	short := make([]string, len(long))
	for i, m := range long {
		short[i] = m[:3]
	}
	return []datePart{
		{"YYYY", `\d{4}`, "%Y", []string{"0000"}, 'y'},
		{"YY", `\d{2}`, "%y", []string{"00"}, 'y'},
		{"Month", "(?i:" + strings.Join(long, "|") + ")", "%B", long, 'm'},
		{"Mon", "(?i:" + strings.Join(short, "|") + ")", "%b", short, 'm'},
		{"MM", `(?:0[1-9]|1[0-2])`, "%m", []string{"00"}, 'm'},
		{"M", `(?:0?[1-9]|1[0-2])`, "%-m", []string{"0", "00"}, 'm'},
		{"DD", `(?:0[1-9]|[12]\d|3[01])`, "%d", []string{"00"}, 'd'},
		{"D", `(?:0?[1-9]|[12]\d|3[01])`, "%-d", []string{"0", "00"}, 'd'},
	}
}
