// Package csvscan finds where the records of a delimited text begin and end.
//
// The engine hands files to DuckDB's strict reader, but must know by itself how
// many records a file holds, on which physical line each begins and which of
// them are not well formed. The grammar is that reader's:
//
//   - a record ends at \n, \r\n or a lone \r outside quotes;
//   - a quote opens a quoted field only as the first byte of a field, or as the
//     second after a single space; anywhere else in an unquoted field it is an
//     ordinary character (5" pipe);
//   - inside quotes a doubled quote stands for one; after the closing quote only
//     spaces may come before the delimiter or the end of the record.
//
// In one point it is stricter: the reader takes "a" "b" for the value `a b`;
// here that record is malformed, because nobody wrote that value.
//
// The text is expected to be UTF-8 without a byte order mark.
package csvscan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// MaxRecord is the longest record accepted, in bytes without its terminator.
// It is the reader's own limit; a record beyond it is nearly always a quote
// that was never closed.
const MaxRecord = 1_999_999

// Dialect says how a text separates and quotes its fields.
type Dialect struct {
	Delimiter byte
	Quote     byte // 0 = fields are never quoted
}

// Record is one record as it stands in the text.
type Record struct {
	Line      int64  // physical line on which it begins; the first line is 1
	LastLine  int64  // physical line on which it ends
	Raw       []byte // its bytes without the terminator, valid until the next call of Next
	Fields    int    // number of fields; of a malformed record, the field at fault
	Filled    int    // number of fields up to the last one that holds any byte
	Blank     bool   // no field holds anything but white space
	Quoted    bool   // at least one field is quoted
	Malformed bool   // text stands after a closing quote
	NUL       bool   // it holds a NUL byte
}

// UnclosedQuoteError says that the text ended inside quotes.
type UnclosedQuoteError struct {
	Line  int64 // physical line of the quote that was never closed
	Field int   // number of its field in the record
}

func (e *UnclosedQuoteError) Error() string {
	return fmt.Sprintf("line %d, field %d: the quote opened here is never closed", e.Line, e.Field)
}

// TooLongError says that a record is longer than MaxRecord.
type TooLongError struct {
	Line      int64 // physical line on which the record begins
	QuoteLine int64 // physical line of the quote still open, 0 if none is
}

func (e *TooLongError) Error() string {
	if e.QuoteLine > 0 {
		return fmt.Sprintf("line %d: the quote opened here is not closed within %d bytes", e.QuoteLine, MaxRecord)
	}
	return fmt.Sprintf("line %d: the record that begins here is longer than %d bytes", e.Line, MaxRecord)
}

// ReadError is an error of the underlying reader with the place the scan had
// reached; every byte delivered before the error has been scanned.
type ReadError struct {
	Line  int64
	Field int
	Err   error
}

func (e *ReadError) Error() string {
	return fmt.Sprintf("line %d, field %d: %v", e.Line, e.Field, e.Err)
}

func (e *ReadError) Unwrap() error { return e.Err }

// What a byte means to the scan; 0 is an ordinary byte.
const (
	classDelimiter = 1 << iota
	classQuote
	classNewline
	classReturn
	classSpace
)

type state uint8

const (
	fieldStart  state = iota
	afterSpace        // one space at the start of a field
	unquoted          // inside an unquoted field
	quoted            // inside quotes
	quoteInside       // after a quote inside quotes: it closes the field or begins ""
	afterClose        // spaces after the closing quote
	malformed         // text after the closing quote: wait for the end of the line
)

const (
	chunkSize     = 256 << 10
	minRead       = 4 << 10 // room worth reading into: less of it and the buffer grows
	maxEmptyReads = 100
)

// Scanner reads records one after another.
type Scanner struct {
	r     io.Reader
	class [256]uint8

	buf     []byte
	start   int // where the current record begins in buf
	end     int // end of the bytes held in buf
	line    int64
	sawNUL  bool // any NUL so far: only then are records searched for it
	readErr error
}

// New returns a Scanner that reads from r.
func New(r io.Reader, d Dialect) *Scanner {
	s := &Scanner{r: r, buf: make([]byte, chunkSize), line: 1}
	s.class[' '] = classSpace
	s.class['\n'] = classNewline
	s.class['\r'] = classReturn
	s.class[d.Delimiter] = classDelimiter
	if d.Quote != 0 {
		s.class[d.Quote] = classQuote
	}
	return s
}

// Next returns the next record, or io.EOF after the last one. With an
// UnclosedQuoteError, a TooLongError or a ReadError it also returns what was
// read of the record at fault, for display only.
func (s *Scanner) Next() (Record, error) {
	var (
		rec        = Record{Line: s.line, Blank: true}
		st         = fieldStart
		fields     = 1
		quoteLine  int64
		quoteField int
	)
	i := s.start // next byte to look at
	field := i   // first byte of the content of the current field
	stopAt := s.stopAt()
scan:
	for {
		if i == stopAt {
			if i-s.start > MaxRecord {
				return s.tooLong(rec, i, st == quoted, quoteLine)
			}
			shift, err := s.fill()
			i, field, stopAt = i-shift, field-shift, s.stopAt()
			if err != nil {
				rec.Raw, rec.LastLine, rec.Fields = s.buf[s.start:i], s.line, fields
				switch {
				case !errors.Is(err, io.EOF):
					return rec, &ReadError{Line: s.line, Field: fields, Err: err}
				case st == quoted:
					return rec, &UnclosedQuoteError{Line: quoteLine, Field: quoteField}
				case i == s.start:
					return Record{}, io.EOF
				}
				s.closeField(&rec, st, fields, s.buf[field:i])
				return s.finish(rec, st, fields, i, i), nil
			}
		}
		class := s.class[s.buf[i]]

		switch st {
		case unquoted:
			// Nearly every byte of a file passes here: run over ordinary ones.
			for class&(classDelimiter|classNewline|classReturn) == 0 {
				i++
				if i == stopAt {
					continue scan
				}
				class = s.class[s.buf[i]]
			}
		case quoted:
			for class&(classQuote|classNewline|classReturn) == 0 {
				i++
				if i == stopAt {
					continue scan
				}
				class = s.class[s.buf[i]]
			}
			switch class {
			case classQuote:
				st = quoteInside
			case classReturn:
				s.line++
			case classNewline:
				if s.buf[i-1] != '\r' {
					s.line++
				}
			}
			i++
			continue
		case fieldStart, afterSpace:
			switch class {
			case classQuote:
				st, rec.Quoted = quoted, true
				quoteLine, quoteField = s.line, fields
				i++
				field = i
				continue
			case classSpace:
				if st == fieldStart {
					st = afterSpace
				} else {
					st = unquoted
				}
				i++
				continue
			case 0:
				st = unquoted
				i++
				continue
			}
		case quoteInside, afterClose:
			switch {
			case class == classQuote && st == quoteInside:
				rec.Blank = false // an escaped quote is content
				st = quoted
				i++
				continue
			case class == classSpace:
				if st == quoteInside {
					s.closeField(&rec, quoteInside, fields, s.buf[field:i])
				}
				st = afterClose
				i++
				continue
			case class == classQuote, class == 0:
				st, rec.Malformed, rec.Blank = malformed, true, false
				rec.Fields = fields
				i++
				continue
			}
		case malformed:
			if class&(classNewline|classReturn) == 0 {
				i++
				continue
			}
		}

		// A delimiter or the end of the record.
		s.closeField(&rec, st, fields, s.buf[field:i])
		i++
		if class == classDelimiter {
			fields++
			field = i
			st = fieldStart
			continue
		}
		stop := i - 1
		if class == classReturn {
			if i == s.end {
				// An error here belongs to the next record: this one is whole.
				shift, _ := s.fill()
				i, stop = i-shift, stop-shift
			}
			if i < s.end && s.buf[i] == '\n' {
				i++
			}
		}
		return s.finish(rec, st, fields, stop, i), nil
	}
}

// stopAt is where the scan must pause: at the end of the bytes held, or one
// byte past the longest record, whichever comes first, so that a record too
// long is found at the same byte however the text is cut into reads.
func (s *Scanner) stopAt() int { return min(s.end, s.start+MaxRecord+1) }

// closeField notes what the record must know of a field that has ended.
// For a quoted field, content runs up to and with its closing quote.
func (s *Scanner) closeField(rec *Record, st state, fields int, content []byte) {
	switch st {
	case malformed, afterClose: // noted already, or past caring
		return
	case quoteInside:
		content = content[:len(content)-1]
	default:
	}
	if len(content) == 0 {
		return
	}
	rec.Filled = fields
	if rec.Blank && len(bytes.TrimSpace(content)) > 0 {
		rec.Blank = false
	}
}

// finish completes the record whose content ends at stop and whose terminator
// ends at next.
func (s *Scanner) finish(rec Record, st state, fields, stop, next int) Record {
	rec.Raw = s.buf[s.start:stop]
	rec.LastLine = s.line
	if st != malformed {
		rec.Fields = fields
	}
	rec.NUL = s.sawNUL && bytes.IndexByte(rec.Raw, 0) >= 0
	if next > stop {
		s.line++
	}
	s.start = next
	return rec
}

func (s *Scanner) tooLong(rec Record, stop int, open bool, quoteLine int64) (Record, error) {
	rec.Raw, rec.LastLine = s.buf[s.start:stop], s.line
	if !open {
		quoteLine = 0
	}
	return rec, &TooLongError{Line: rec.Line, QuoteLine: quoteLine}
}

// fill reads more bytes behind those held, first moving the current record to
// the front of the buffer. It reports by how much everything moved.
func (s *Scanner) fill() (shift int, err error) {
	if s.readErr != nil {
		return 0, s.readErr
	}
	if s.start > 0 {
		shift = s.start
		copy(s.buf, s.buf[s.start:s.end])
		s.end -= shift
		s.start = 0
	}
	if len(s.buf)-s.end < minRead {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range maxEmptyReads {
		n, err := s.r.Read(s.buf[s.end:])
		if n > 0 {
			s.sawNUL = s.sawNUL || bytes.IndexByte(s.buf[s.end:s.end+n], 0) >= 0
			s.end += n
			s.readErr = err // delivered when these bytes have been scanned
			return shift, nil
		}
		if err != nil {
			s.readErr = err
			return shift, s.readErr
		}
	}
	s.readErr = io.ErrNoProgress
	return shift, s.readErr
}
