package landing

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"socialvalue/internal/csvscan"
)

// survey is what one cheap pass over a text can tell: whether every line is
// surely one record that DuckDB's strict reader sees as we do, and how many
// there are. It looks at whole lines by searching and counting bytes, never by
// walking over them, and gives up its claim at the first doubt; the exact scan
// then decides.
//
// Why lines = records when every line has an even number of quotes: a quote may
// still be literal (a"b,"c), so a record may run on over the next line; but
// then the reader finds fewer records than lines or refuses, never more, and
// the caller diagnoses.
type survey struct {
	lines    int64
	header   []byte // the first line, without its end and byte order mark
	crlf     int64  // lines that end in \r\n
	returns  int64  // \r anywhere
	newlines int64
	notUTF8  bool   // some line is surely not UTF-8
	blanks   bool   // there may be blanks other than the space: a tab, or one beyond ASCII
	doubt    string // why lines may not be records; "" = none so far

	begun bool
	blind bool   // gave up looking altogether
	tail  []byte // a line begun in an earlier chunk
}

// Write takes the next bytes of the text. It never fails.
func (s *survey) Write(p []byte) (int, error) {
	if !s.blind {
		s.take(p)
	}
	return len(p), nil
}

func (s *survey) take(p []byte) {
	if len(s.tail) > 0 {
		end := bytes.IndexByte(p, '\n') + 1
		if end == 0 {
			s.hold(p)
			return
		}
		s.tail = append(s.tail, p[:end]...)
		s.block(s.tail)
		s.tail = s.tail[:0]
		p = p[end:]
	}
	end := bytes.LastIndexByte(p, '\n') + 1
	if end > 0 {
		s.block(p[:end])
	}
	s.hold(p[end:])
}

// hold keeps a line that is not yet whole.
func (s *survey) hold(p []byte) {
	if len(s.tail)+len(p) > csvscan.MaxRecord {
		s.giveUp("a line is too long")
		return
	}
	s.tail = append(s.tail, p...)
}

// finish takes the last line, which may lack its newline.
func (s *survey) finish() {
	if len(s.tail) > 0 && !s.blind {
		s.block(s.tail)
	}
	s.tail = nil
	if s.returns > 0 && (s.returns != s.crlf || s.crlf != s.newlines) {
		s.suspect("line ends differ")
	}
}

func (s *survey) suspect(why string) {
	if s.doubt == "" {
		s.doubt = why
	}
}

func (s *survey) giveUp(why string) {
	s.suspect(why)
	s.blind, s.tail = true, nil
}

// block takes whole lines.
func (s *survey) block(p []byte) {
	if !s.begun {
		s.begun = true
		p = bytes.TrimPrefix(p, []byte(utf8BOM))
		line, _, _ := bytes.Cut(p, []byte{'\n'})
		s.header = bytes.Clone(bytes.TrimSuffix(line, []byte{'\r'}))
	}
	if bytes.IndexByte(p, 0) >= 0 {
		s.giveUp("a byte is NUL") // most likely no text at all
		return
	}
	if !s.notUTF8 && !utf8.Valid(p) {
		s.notUTF8 = true
		s.suspect("a byte is not UTF-8")
	}
	if s.doubt != "" {
		return
	}
	if !s.blanks {
		s.blanks = bytes.IndexByte(p, '\t') >= 0 || beyondASCII(p)
	}
	s.returns += int64(bytes.Count(p, []byte{'\r'}))
	quoted := bytes.IndexByte(p, '"') >= 0
	if quoted && joinsQuotes(p) {
		s.suspect("a quote, spaces and a quote")
		return
	}
	for len(p) > 0 {
		line := p
		if i := bytes.IndexByte(p, '\n'); i >= 0 {
			line, p = p[:i], p[i+1:]
			s.newlines++
		} else {
			p = nil
		}
		s.lines++
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
			s.crlf++
		}
		if len(line) == 0 || line[0] <= ' ' && len(bytes.TrimSpace(line)) == 0 {
			s.suspect("a line is blank")
			return
		}
		if quoted && bytes.Count(line, []byte{'"'})%2 != 0 {
			s.suspect("a line has an odd number of quotes")
			return
		}
	}
}

// beyondASCII reports whether a byte is not ASCII, eight at a time.
func beyondASCII(p []byte) bool {
	const high = 0x8080808080808080
	for ; len(p) >= 8; p = p[8:] {
		if binary.LittleEndian.Uint64(p)&high != 0 {
			return true
		}
	}
	return slices.ContainsFunc(p, func(b byte) bool { return b >= utf8.RuneSelf })
}

// joinsQuotes reports whether a quote is followed by spaces and another quote:
// the one place where DuckDB reads on what the exact scan calls malformed.
func joinsQuotes(p []byte) bool {
	for {
		i := bytes.Index(p, []byte(`" `))
		if i < 0 {
			return false
		}
		p = bytes.TrimLeft(p[i+1:], " ")
		if len(p) > 0 && p[0] == '"' {
			return true
		}
	}
}
