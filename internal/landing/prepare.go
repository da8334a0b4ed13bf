package landing

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"socialvalue/internal/csvscan"
)

// Prepared is a document as DuckDB is to read it: strict mode, no sniffing, no
// header, every column as text, after skipping SkipLines lines.
type Prepared struct {
	Path      string // the landed file itself, or a clean UTF-8 copy in the work folder
	SkipLines int
	// NewLine is to be passed as new_line when it is not empty. Otherwise leave
	// the option out: given '\r\n', DuckDB 1.5.5 loses rows without a word.
	NewLine string
	Size    int64 // bytes of the file at Path

	Encoding string   // the encoding read, which a byte order mark decides before the format
	Header   []string // as it stands in the document, or the format's columns
	Records  int64    // data records, blank ones included; titles and header are not
	Rows     int64    // of them handed to DuckDB
	Blanks   int64    // of them blank: no field holds anything
	Titles   int64    // records before the header
	Rejects  []Reject // of them not well formed, in order of their lines
	Faults   []Fault  // fields of rows whose text must not pass for a value, in order of their rows
	Lines    LineMap
	Notes    map[string]int64 // what is odd about the document and hinders nothing, counted by name

	// OnlySpaces says that no field holds a blank other than the space: no tab,
	// no line end, none beyond ASCII.
	OnlySpaces bool

	// Exact says that every record was looked at. If not, Records counts lines
	// and the claim is DuckDB's to confirm: when it refuses the file or finds
	// another number of rows, call Diagnose.
	Exact bool

	// Cells says where the fields of a row stand in a sheet; nil for a document
	// that has no cells.
	Cells *Cells
}

// Cells places the fields of rows in a sheet.
type Cells struct {
	First  int  // the column of the first field; the first is 1
	Turned bool // the sheet was read column by column: a row's number is that of its column
}

// The rules by which a record is rejected.
const (
	TooFewFields   = "too_few_fields"
	TooManyFields  = "too_many_fields"
	MalformedQuote = "malformed_quote"
	NULByte        = "nul_byte"
)

// Reject is a record that is not well formed.
type Reject struct {
	Line     int64  // physical line on which it begins
	LastLine int64  // physical line on which it ends
	Fields   int    // number of its fields; for MalformedQuote the field at fault
	Rule     string // TooFewFields, TooManyFields, MalformedQuote or NULByte
	Raw      []byte // its text as UTF-8, at most 4 KiB of it
}

// Fault is a field that has text, and not that of a value: what a workbook shows
// in a cell whose formula failed, or what is wrong with a release of contracts.
type Fault struct {
	Row   int64 // among the rows handed to DuckDB, from 0
	Field int   // from 0
	Rule  string
	Text  string // what is shown, and where; never a value
	// Alone says that by this field the row itself tells that it is broken: what its other fields lack or break follows from
	// that, and is no reason of its own.
	Alone bool
}

const (
	maxRaw     = 4 << 10
	maxRejects = 100_000  // beyond it the format is wrong, not the records …
	maxRawHeld = 64 << 20 // … as it is beyond so many bytes of them
)

// Prepare makes a document readable for DuckDB. A plain UTF-8 text whose lines
// are surely records is read where it lies; any other is scanned exactly, and
// its well-formed records copied to a file in workDir, which the caller removes.
func Prepare(ctx context.Context, doc Document, format Format, workDir string) (Prepared, error) {
	prepared, ok, err := asItLies(ctx, doc, format)
	if err != nil {
		return Prepared{}, fmt.Errorf("prepare %w", err)
	}
	if ok {
		return prepared, nil
	}
	return Diagnose(ctx, doc, format, workDir)
}

// Diagnose prepares a document by looking at every record, whatever it is.
func Diagnose(ctx context.Context, doc Document, format Format, workDir string) (Prepared, error) {
	prepared, err := exact(ctx, doc, format, workDir)
	if err != nil {
		return Prepared{}, fmt.Errorf("prepare %w", err)
	}
	return prepared, nil
}

// asItLies prepares a document without a copy, if that is possible.
func asItLies(ctx context.Context, doc Document, format Format) (Prepared, bool, error) {
	dialect, encoding, err := format.check()
	if err != nil {
		return Prepared{}, false, fmt.Errorf("%s: %w", doc.Name, err)
	}
	if doc.kind != plain || doc.Size == 0 || encoding != UTF8 || dialect.Quote != '"' || format.HeaderRow > 1 {
		return Prepared{}, false, nil
	}
	seen := doc.survey
	if seen == nil {
		if seen, err = surveyAgain(ctx, doc); err != nil {
			return Prepared{}, false, err
		}
	}
	if seen.doubt != "" || seen.lines == 0 {
		return Prepared{}, false, nil
	}
	prepared := Prepared{
		Path: doc.path, Size: doc.Size, Encoding: UTF8, Header: format.Columns,
		Records: seen.lines, Lines: LineMap{[]Break{{FromRow: 0, Shift: 1}}},
		OnlySpaces: !seen.blanks,
	}
	if seen.returns == 0 {
		prepared.NewLine = "\n"
	}
	if format.HeaderRow == 1 {
		header, err := csvscan.New(bytes.NewReader(seen.header), dialect).Next()
		if err != nil || header.Malformed || header.Blank {
			return Prepared{}, false, nil // the exact scan will say what is wrong
		}
		prepared.Header = csvscan.Split(header.Raw, dialect)
		prepared.SkipLines = 1
		prepared.Records--
		prepared.Lines = LineMap{[]Break{{FromRow: 0, Shift: 2}}}
	}
	prepared.Rows = prepared.Records
	// In a text of one column DuckDB takes a line of spaces for a value.
	return prepared, len(prepared.Header) > 1, nil
}

// surveyAgain surveys a document landed by an earlier run.
func surveyAgain(ctx context.Context, doc Document) (*survey, error) {
	r, err := doc.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	seen := &survey{}
	if err := copyWhole(ctx, seen, r, doc.Size); err != nil {
		return nil, fmt.Errorf("%s: %w", doc.Name, err)
	}
	seen.finish()
	return seen, nil
}

// exact scans a document record by record and writes its clean copy.
func exact(ctx context.Context, doc Document, format Format, workDir string) (Prepared, error) {
	dialect, encoding, err := format.check()
	if err != nil {
		return Prepared{}, fmt.Errorf("%s: %w", doc.Name, err)
	}
	r, err := doc.Open()
	if err != nil {
		return Prepared{}, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	text, used, err := decode(r, encoding)
	if err != nil {
		return Prepared{}, err
	}

	out, err := os.CreateTemp(workDir, doc.stem()+"-*.csv")
	if err != nil {
		return Prepared{}, fmt.Errorf("%s: %w", doc.Name, err)
	}
	s := sorter{
		doc: doc, format: format, dialect: dialect,
		scanner: csvscan.New(text, dialect), out: bufio.NewWriterSize(out, 256<<10),
		result: Prepared{Path: out.Name(), NewLine: "\n", Encoding: used, Header: format.Columns, Exact: true},
	}
	err = s.run(ctx)
	if err == nil {
		err = s.out.Flush()
	}
	if err == nil {
		var info os.FileInfo
		if info, err = out.Stat(); err == nil {
			s.result.Size = info.Size()
		}
	}
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		err = errors.Join(err, os.Remove(out.Name()))
		var refusal *Refusal
		if !errors.As(err, &refusal) {
			err = fmt.Errorf("%s: %w", doc.Name, withRemedy(err, workDir))
		}
		return Prepared{}, err
	}
	return s.result, nil
}

// sorter parts the records of a document into rows, blanks and rejects.
type sorter struct {
	doc     Document
	format  Format
	dialect csvscan.Dialect
	scanner *csvscan.Scanner
	out     *bufio.Writer
	result  Prepared
	rawHeld int // bytes of the rejects' texts
}

func (s *sorter) run(ctx context.Context) error {
	if s.format.HeaderRow > 0 {
		if err := s.header(); err != nil {
			return err
		}
	}
	const recordsBetweenLooks = 4096 // at whether to stop
	for n := 0; ; n++ {
		if n%recordsBetweenLooks == 0 {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("scan: %w", err)
			}
		}
		rec, err := s.scanner.Next()
		if errors.Is(err, io.EOF) {
			if n == 0 && s.format.HeaderRow == 0 {
				return s.empty()
			}
			return nil
		}
		if err != nil {
			return refuse(s.doc.Name, err)
		}
		if err := s.record(rec); err != nil {
			return err
		}
	}
}

// record puts a data record where it belongs.
func (s *sorter) record(rec csvscan.Record) error {
	p := &s.result
	p.Records++
	want := len(p.Header)
	rule := ""
	switch {
	case rec.Malformed:
		rule = MalformedQuote
	case rec.NUL:
		rule = NULByte
	// A line of delimiters alone is a row of nulls if it has enough of them;
	// otherwise it is as blank as an empty one.
	case rec.Blank && (rec.Fields < want || rec.Fields == 1 && !rec.Quoted):
		p.Blanks++
		return nil
	case rec.Fields < want:
		rule = TooFewFields
	case rec.Filled > want: // empty fields too many lose nothing, and DuckDB passes over them
		rule = TooManyFields
	default:
		p.Lines.Add(p.Rows, rec.Line)
		p.Rows++
		if _, err := s.out.Write(rec.Raw); err != nil {
			return fmt.Errorf("write the clean copy: %w", err)
		}
		if err := s.out.WriteByte('\n'); err != nil {
			return fmt.Errorf("write the clean copy: %w", err)
		}
		return nil
	}

	if rec.LastLine > rec.Line {
		// One quote too many pairs with the next of the file, and what lies between
		// looks like one record: quarantined, its lines would be lost uncounted.
		return &Refusal{
			File: s.doc.Name, Line: rec.Line,
			Reason: fmt.Sprintf("the record that begins here ends on line %d and is not well formed (%s): a quote in it is opened and not closed where it should be", rec.LastLine, rule),
			Remedy: "close or remove the quote, or ask the sender for the file again",
		}
	}
	reject := Reject{Line: rec.Line, LastLine: rec.LastLine, Fields: rec.Fields, Rule: rule, Raw: shorten(rec.Raw)}
	p.Rejects = append(p.Rejects, reject)
	s.rawHeld += len(reject.Raw)
	if len(p.Rejects) > maxRejects || s.rawHeld > maxRawHeld {
		first := p.Rejects[0]
		return &Refusal{
			File: s.doc.Name, Line: first.Line,
			Reason: fmt.Sprintf("this is the first of %d records among %d that are not well formed (%s: it has %d fields, the header %d)",
				len(p.Rejects), p.Records, first.Rule, first.Fields, want),
			Remedy: "check format.delimiter and format.header_row of the layout",
		}
	}
	return nil
}

// header reads up to and with the header.
func (s *sorter) header() error {
	want := int64(s.format.HeaderRow)
	for {
		rec, err := s.scanner.Next()
		switch {
		case errors.Is(err, io.EOF) && s.result.Titles == 0:
			return s.empty()
		case errors.Is(err, io.EOF):
			return s.noHeader(want, "the text ends before this line")
		case err != nil:
			return refuse(s.doc.Name, err)
		case rec.LastLine < want:
			s.result.Titles++
		case rec.Line < want:
			return s.noHeader(want, fmt.Sprintf("this line lies inside the record that begins on line %d", rec.Line))
		case rec.Malformed, rec.NUL:
			return s.noHeader(want, "this line is not well formed")
		case rec.Blank:
			return s.noHeader(want, "this line is blank")
		default:
			s.result.Header = csvscan.Split(rec.Raw, s.dialect)
			return nil
		}
	}
}

func (s *sorter) noHeader(line int64, reason string) error {
	return &Refusal{
		File: s.doc.Name, Line: line, Reason: "no header here: " + reason,
		Remedy: "set format.header_row to the line that holds the column names, or 0 and format.columns if there is none",
		Err:    ErrNoHeader,
	}
}

func (s *sorter) empty() error {
	return &Refusal{
		File: s.doc.Name, Reason: "it is empty (no text in it)", Err: ErrEmpty, Remedy: "ask the sender for the file again",
	}
}

// refuse turns what ended a scan into a refusal if the document is at fault.
func refuse(name string, err error) error {
	var (
		line     int64
		field    int
		read     *csvscan.ReadError
		unclosed *csvscan.UnclosedQuoteError
		long     *csvscan.TooLongError
		bad      *badText
		refusal  *Refusal
	)
	if errors.As(err, &read) {
		line, field = read.Line, read.Field
	}
	switch {
	case errors.As(err, &unclosed):
		return &Refusal{
			File: name, Line: unclosed.Line, Field: unclosed.Field, Reason: "the quote opened here is never closed",
			Remedy: "close it in the file, or set format.quote: none if quotes are ordinary characters",
		}
	case errors.As(err, &long) && long.QuoteLine > 0:
		return &Refusal{
			File: name, Line: long.QuoteLine, Reason: fmt.Sprintf("the quote opened here is not closed within %d bytes", csvscan.MaxRecord),
			Remedy: "close it in the file, or set format.quote: none if quotes are ordinary characters",
		}
	case errors.As(err, &long):
		return &Refusal{
			File: name, Line: long.Line, Reason: fmt.Sprintf("the record that begins here is longer than %d bytes", csvscan.MaxRecord),
			Remedy: "check that the file is a CSV and that its quotes are closed",
		}
	case errors.As(err, &bad):
		return &Refusal{File: name, Line: line, Field: field, Reason: bad.Error(), Remedy: bad.remedy()}
	case errors.As(err, &refusal):
		placed := *refusal
		placed.Line, placed.Field = line, field
		return &placed
	}
	return err
}

// shorten returns a copy of the first part of raw, whole characters only.
func shorten(raw []byte) []byte {
	if len(raw) > maxRaw {
		n := maxRaw
		for n > maxRaw-utf8.UTFMax && !utf8.RuneStart(raw[n]) {
			n--
		}
		raw = raw[:n]
	}
	return bytes.Clone(raw)
}
