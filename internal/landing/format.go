package landing

import (
	"fmt"
	"strings"

	"socialvalue/internal/csvscan"
)

// Format says how the text of a document is written.
type Format struct {
	Encoding  string   // UTF8 (also ""), Windows1252, ISO88591 or UTF16
	Delimiter string   // one ASCII character; "" = ","
	Quote     string   // one ASCII character; "" = `"`; NoQuote = fields are never quoted
	HeaderRow int      // physical line on which the header begins, the first line is 1; 0 = no header
	Columns   []string // the columns in order, for documents without a header
}

// NoQuote is the Quote of texts in which quotes are ordinary characters.
const NoQuote = "none"

// dialect checks the delimiter and quote and returns them.
func (f Format) dialect() (csvscan.Dialect, error) {
	d := csvscan.Dialect{Delimiter: ',', Quote: '"'}
	if f.Delimiter != "" {
		if !oneASCII(f.Delimiter) {
			return d, fmt.Errorf("format.delimiter %q: it must be one ASCII character, neither a newline nor a space", f.Delimiter)
		}
		d.Delimiter = f.Delimiter[0]
	}
	switch {
	case f.Quote == NoQuote:
		d.Quote = 0
	case f.Quote != "":
		if !oneASCII(f.Quote) || f.Quote == "\t" {
			return d, fmt.Errorf("format.quote %q: it must be one ASCII character, neither white space nor a newline, or none", f.Quote)
		}
		d.Quote = f.Quote[0]
	}
	if d.Quote == d.Delimiter {
		return d, fmt.Errorf("format.quote %q: it is also the delimiter: choose another", f.Quote)
	}
	return d, nil
}

func oneASCII(s string) bool {
	return len(s) == 1 && s[0] < 0x80 && !strings.ContainsAny(s, "\x00\r\n ")
}

// check returns the dialect and the declared encoding of a whole format.
func (f Format) check() (csvscan.Dialect, string, error) {
	d, err := f.dialect()
	if err != nil {
		return d, "", err
	}
	encoding := f.Encoding
	if encoding == "" {
		encoding = UTF8
	}
	if err := checkEncoding(encoding); err != nil {
		return d, "", err
	}
	switch {
	case f.HeaderRow < 0:
		return d, "", fmt.Errorf("format.header_row %d: write the line number of the header, or 0 if there is none", f.HeaderRow)
	case f.HeaderRow == 0 && len(f.Columns) == 0:
		return d, "", fmt.Errorf("format.columns: they must be listed when header_row is 0")
	}
	return d, encoding, nil
}
