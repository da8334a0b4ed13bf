package preview

import (
	"context"
	"fmt"
	"strings"

	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
)

// Open reads the first records of the file in a format; with no encoding it is
// judged by the bytes.
type Open func(ctx context.Context, format landing.Format) (landing.Glimpse, error)

// delimiters are those looked for; the first of equally good ones is taken.
func delimiters() []string { return []string{",", ";", "\t", "|"} }

// dialect finds the delimiter by which most records have the same number of
// fields, more than one.
func dialect(ctx context.Context, open Open) (landing.Glimpse, string, error) {
	var best landing.Glimpse
	var chosen string
	most := -1
	for _, delimiter := range delimiters() {
		glimpse, err := open(ctx, landing.Format{Delimiter: delimiter})
		if err != nil {
			return landing.Glimpse{}, "", fmt.Errorf("look at the file: %w", err)
		}
		width, alike := usualWidth(glimpse.Records)
		score := 0
		if width > 1 {
			score = alike * width
		}
		if score > most {
			best, chosen, most = glimpse, delimiter, score
		}
	}
	return best, chosen, nil
}

// usualWidth is the number of fields that most records have, the greater of two,
// and how many have it.
func usualWidth(records []landing.GlimpsedRecord) (width, alike int) {
	count := map[int]int{}
	for _, record := range records {
		n := len(record.Fields)
		count[n]++
		if count[n] > alike || count[n] == alike && n > width {
			width, alike = n, count[n]
		}
	}
	return width, alike
}

// headerAmong is how many records are looked at for the header.
const headerAmong = 20

// header finds the record that names the columns: among the first, the one with
// the most names that are known, or else the first of the usual width that is
// all text. It returns -1 when every record looks like data.
func header(records []landing.GlimpsedRecord, known func(name string) bool) int {
	width, _ := usualWidth(records)
	best, most := -1, 0
	for i, record := range records[:min(headerAmong, len(records))] {
		names := 0
		for _, field := range record.Fields {
			if known(field) {
				names++
			}
		}
		if names > most {
			best, most = i, names
		}
	}
	if best >= 0 {
		return best
	}
	for i, record := range records[:min(headerAmong, len(records))] {
		if len(record.Fields) == width && namesColumns(record.Fields) {
			return i
		}
	}
	return -1
}

// namesColumns says whether fields could be names: all but trailing ones are
// there, none is a number, a date or the same as another.
func namesColumns(fields []string) bool {
	seen := map[string]bool{}
	fields = layout.CleanAll(fields)
	for len(fields) > 0 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	for _, field := range fields {
		if field == "" || seen[strings.ToLower(field)] || isValue(field) {
			return false
		}
		seen[strings.ToLower(field)] = true
	}
	return len(fields) > 0
}
