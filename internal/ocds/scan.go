package ocds

import (
	"bufio"
	"bytes"
	"errors"
)

// largest is how many bytes one release may have. The largest published ones have about a hundredth of it.
const largest = 32 << 20

// scanner cuts JSON into values by its brackets and quotes. It does not judge them: a value that is broken inside still ends
// where its bracket closes, so that what follows can be read.
type scanner struct {
	r     *bufio.Reader
	at    int64  // bytes read
	again []byte // bytes read too far, to be read again
}

func (s *scanner) read() (byte, error) {
	if len(s.again) > 0 {
		c := s.again[0]
		s.again = s.again[1:]
		s.at++
		return c, nil
	}
	c, err := s.r.ReadByte()
	if err == nil {
		s.at++
	}
	return c, err //nolint:wrapcheck // callers say where
}

// skipMark passes over a byte order mark.
func (s *scanner) skipMark() {
	if head, _ := s.r.Peek(3); bytes.Equal(head, []byte("\xef\xbb\xbf")) { // a shorter text has none
		_, _ = s.r.Discard(3) // they were just seen
		s.at += 3
	}
}

// nextSolid is the next byte that is no blank.
func (s *scanner) nextSolid() (byte, error) {
	for {
		c, err := s.read()
		if err != nil || c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c, err
		}
	}
}

// line is the rest of the line without its end. What is too long is passed over.
func (s *scanner) line() (line []byte, tooLong bool, err error) {
	for {
		part, err := s.r.ReadSlice('\n')
		s.at += int64(len(part))
		if len(line)+len(part) > largest {
			tooLong = true
		}
		if !tooLong {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err //nolint:wrapcheck // callers say where
		}
	}
}

// text is a string whose opening quote was read, with its quotes. A line end ends one that lacks its quote.
func (s *scanner) text() ([]byte, error) {
	text := []byte{'"'}
	for escaped := false; ; {
		c, err := s.read()
		if err != nil {
			return nil, err
		}
		text = append(text, c)
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"', c == '\n':
			return text, nil
		}
		if len(text) > largest {
			return nil, errors.New("a text is " + tooLarge())
		}
	}
}

// value is a value whose first byte was read.
func (s *scanner) value(first byte) (raw []byte, tooLong bool, err error) {
	if first != '{' && first != '[' && first != '"' {
		return s.plain(first)
	}
	cut := cutter{}
	for c := first; ; {
		if len(raw) < largest {
			raw = append(raw, c)
		} else {
			raw, tooLong = raw[:largest], true
		}
		if end, early := cut.ends(c); end {
			early = min(early, len(raw))
			s.again = append(bytes.Clone(raw[len(raw)-early:]), s.again...)
			s.at -= int64(early)
			return raw[:len(raw)-early], tooLong, nil
		}
		if c, err = s.read(); err != nil {
			return raw, tooLong, err
		}
	}
}

// peek is the next byte, which stays to be read.
func (s *scanner) peek() ([]byte, error) {
	if len(s.again) > 0 {
		return s.again[:1], nil
	}
	return s.r.Peek(1) //nolint:wrapcheck // callers say where
}

// plain is a number or a word, up to what cannot be of it.
func (s *scanner) plain(first byte) ([]byte, bool, error) {
	raw := []byte{first}
	for {
		next, err := s.peek()
		if err != nil || bytes.ContainsAny(next, " \t\r\n,]}:\"[{") || len(raw) >= largest {
			return raw, false, nil // the end of the document is for the next read to meet
		}
		c, err := s.read()
		if err != nil {
			return raw, false, err
		}
		raw = append(raw, c)
	}
}

// cutter follows brackets and quotes.
type cutter struct {
	open            []byte // the closing brackets that are awaited
	inText, escaped bool
	text            []byte // the text so far, without its opening quote
}

// ends takes the next byte of a value and says whether the value has ended, with it or so many bytes before it. A closing
// bracket closes what was opened within and left open; one that nothing awaits is passed over. A text holds no line end: one
// that meets it lacks its quote, and the brackets in it are brackets.
func (c *cutter) ends(b byte) (end bool, early int) {
	if !c.inText {
		return c.bracket(b), 0
	}
	switch {
	case b == '\n':
		c.inText = false
		for i, swallowed := range c.text {
			if swallowed != '"' && c.bracket(swallowed) {
				return true, len(c.text) - i
			}
		}
		return len(c.open) == 0, 0
	case c.escaped:
		c.escaped = false
	case b == '\\':
		c.escaped = true
	case b == '"':
		c.inText = false
		return len(c.open) == 0, 0
	}
	if len(c.text) < largest { // what is longer is refused anyhow
		c.text = append(c.text, b)
	}
	return false, 0
}

// bracket takes a byte outside of texts and says whether the value ends with it.
func (c *cutter) bracket(b byte) bool {
	switch b {
	case '"':
		c.inText, c.text = true, c.text[:0]
		return false
	case '{':
		c.open = append(c.open, '}')
	case '[':
		c.open = append(c.open, ']')
	case '}', ']':
		if i := bytes.LastIndexByte(c.open, b); i >= 0 {
			c.open = c.open[:i]
			return i == 0
		}
	}
	return false
}
