package landing

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"
)

// document lands content and returns the one document in it.
func document(t testing.TB, content string) Document {
	t.Helper()
	store := NewStore(t.TempDir(), DefaultLimits())
	landed, err := store.Land(t.Context(), "leeds", dropped(t, "drop/a.csv", []byte(content)))
	if err != nil {
		t.Fatal(err)
	}
	contents, err := store.Open(t.Context(), landed)
	if err != nil {
		t.Fatal(err)
	}
	return contents.Documents[0]
}

// utf16Bytes returns text as UTF-16.
func utf16Bytes(t testing.TB, text string, order unicode.Endianness, bom unicode.BOMPolicy) string {
	t.Helper()
	out, err := unicode.UTF16(order, bom).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPrepareAsItLies(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		text   string
		format Format
		want   Prepared
	}{
		{
			"header", "a,b\n1,2\n3,\"4,5\"\n",
			Format{HeaderRow: 1},
			Prepared{SkipLines: 1, NewLine: "\n", Header: []string{"a", "b"}, Records: 2, Lines: LineMap{[]Break{{0, 2}}}, OnlySpaces: true},
		},
		{
			"byte order mark and CRLF", "\ufeff\"a, x\",b\r\n1,é\r\n3,4",
			Format{HeaderRow: 1},
			Prepared{SkipLines: 1, Header: []string{"a, x", "b"}, Records: 2, Lines: LineMap{[]Break{{0, 2}}}},
		},
		{
			"headerless", "1;2\n3;4\n",
			Format{Delimiter: ";", Columns: []string{"a", "b"}},
			Prepared{NewLine: "\n", Header: []string{"a", "b"}, Records: 2, Lines: LineMap{[]Break{{0, 1}}}, OnlySpaces: true},
		},
		{
			"header alone", "a,b",
			Format{HeaderRow: 1},
			Prepared{SkipLines: 1, NewLine: "\n", Header: []string{"a", "b"}, Lines: LineMap{[]Break{{0, 2}}}, OnlySpaces: true},
		},
		{
			"a tab", "a,b\n1\t,2\n",
			Format{HeaderRow: 1},
			Prepared{SkipLines: 1, NewLine: "\n", Header: []string{"a", "b"}, Records: 1, Lines: LineMap{[]Break{{0, 2}}}},
		},
		{
			"a no-break space, far in", "a,b\n1234567890,12345678\u00a0\n",
			Format{HeaderRow: 1},
			Prepared{SkipLines: 1, NewLine: "\n", Header: []string{"a", "b"}, Records: 1, Lines: LineMap{[]Break{{0, 2}}}},
		},
		{
			"a row of nulls", "a,b\n,\n",
			Format{HeaderRow: 1},
			Prepared{SkipLines: 1, NewLine: "\n", Header: []string{"a", "b"}, Records: 1, Lines: LineMap{[]Break{{0, 2}}}, OnlySpaces: true},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			doc := document(t, tc.text)
			tc.want.Path, tc.want.Size, tc.want.Rows, tc.want.Encoding = doc.path, int64(len(tc.text)), tc.want.Records, UTF8
			for _, looked := range []*survey{doc.survey, nil} { // landed now, or by an earlier run
				doc.survey = looked
				got, err := Prepare(t.Context(), doc, tc.format, t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(LineMap{})); diff != "" {
					t.Errorf("prepared (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestPrepareExactly(t *testing.T) {
	t.Parallel()
	header1 := Format{HeaderRow: 1}
	for _, tc := range []struct {
		name   string
		text   string
		format Format
		want   Prepared // Path, Size, Rows, NewLine and Exact are filled in
		clean  string
	}{
		{
			"blank lines", "a,b\n\n1,2\n \t\n3,4\n,\n\n", header1,
			Prepared{Header: []string{"a", "b"}, Records: 6, Rows: 3, Blanks: 3, Lines: LineMap{[]Break{{0, 3}, {1, 4}}}},
			"1,2\n3,4\n,\n",
		},
		{
			"ragged rows", "a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,2,3,,\"\"\n,\n,,,\n\n", header1,
			Prepared{
				Header: []string{"a", "b", "c"}, Records: 7, Rows: 3, Blanks: 2, Lines: LineMap{[]Break{{0, 3}, {1, 4}, {2, 5}}},
				Rejects: []Reject{
					{Line: 2, LastLine: 2, Fields: 2, Rule: TooFewFields, Raw: []byte("1,2")},
					{Line: 4, LastLine: 4, Fields: 4, Rule: TooManyFields, Raw: []byte("1,2,3,4")},
				},
			},
			"1,2,3\n1,2,3,,\"\"\n,,,\n",
		},
		{
			"quotes and NUL", "a,b\n5\" pipe,x\n\"q\"z,y\n\"p\nq\",\"r\"\"\"\nn\x00,z\nlast,1", header1,
			Prepared{
				Header: []string{"a", "b"}, Records: 5, Rows: 3, Lines: LineMap{[]Break{{0, 2}, {1, 3}, {2, 5}}},
				Rejects: []Reject{
					{Line: 3, LastLine: 3, Fields: 1, Rule: MalformedQuote, Raw: []byte(`"q"z,y`)},
					{Line: 6, LastLine: 6, Fields: 2, Rule: NULByte, Raw: []byte("n\x00,z")},
				},
			},
			"5\" pipe,x\n\"p\nq\",\"r\"\"\"\nlast,1\n",
		},
		{
			"a quote, a space and a quote", "a,b\n\"x\" \"y\",1\n\"x\" ,2\n", header1,
			Prepared{
				Header: []string{"a", "b"}, Records: 2, Rows: 1, Lines: LineMap{[]Break{{0, 3}}},
				Rejects: []Reject{{Line: 2, LastLine: 2, Fields: 1, Rule: MalformedQuote, Raw: []byte(`"x" "y",1`)}},
			},
			"\"x\" ,2\n",
		},
		{
			"header further down", "Payments over £500\r\n\"to\r\nJune\"\r\n\r\nDate,Amount\r\n1,2\r\n",
			Format{HeaderRow: 5},
			Prepared{Header: []string{"Date", "Amount"}, Records: 1, Rows: 1, Titles: 3, Lines: LineMap{[]Break{{0, 6}}}},
			"1,2\n",
		},
		{
			"headerless with a blank line", "1,2\n\n3,4",
			Format{Columns: []string{"a", "b"}},
			Prepared{Header: []string{"a", "b"}, Records: 3, Rows: 2, Blanks: 1, Lines: LineMap{[]Break{{0, 1}, {1, 2}}}},
			"1,2\n3,4\n",
		},
		{
			"lone carriage returns", "a,b\r1,2\r3,\"x\ry\"\r", header1,
			Prepared{Header: []string{"a", "b"}, Records: 2, Rows: 2, Lines: LineMap{[]Break{{0, 2}}}},
			"1,2\n3,\"x\ry\"\n",
		},
		{
			"mixed newlines", "a,b\r\n1,2\n3,4\r\n", header1,
			Prepared{Header: []string{"a", "b"}, Records: 2, Rows: 2, Lines: LineMap{[]Break{{0, 2}}}},
			"1,2\n3,4\n",
		},
		{
			"one column", "a\n1\n  \n\"\"\n2\n", header1,
			Prepared{Header: []string{"a"}, Records: 4, Rows: 3, Blanks: 1, Lines: LineMap{[]Break{{0, 2}, {1, 3}}}},
			"1\n\"\"\n2\n",
		},
		{
			"tabs", "a\tb\n\t\n\t\t\t\n1\t2\n",
			Format{HeaderRow: 1, Delimiter: "\t"},
			Prepared{Header: []string{"a", "b"}, Records: 3, Rows: 3, Lines: LineMap{[]Break{{0, 2}}}},
			"\t\n\t\t\t\n1\t2\n",
		},
		{
			"another quote", "a;b\n'x;y';\"z\n",
			Format{HeaderRow: 1, Delimiter: ";", Quote: "'"},
			Prepared{Header: []string{"a", "b"}, Records: 1, Rows: 1, Lines: LineMap{[]Break{{0, 2}}}},
			"'x;y';\"z\n",
		},
		{
			"no quote", "a,b\n\"x,1\n",
			Format{HeaderRow: 1, Quote: NoQuote},
			Prepared{Header: []string{"a", "b"}, Records: 1, Rows: 1, Lines: LineMap{[]Break{{0, 2}}}},
			"\"x,1\n",
		},
		{
			"windows-1252", "a,b\nCaf\xe9 \x93x\x94,\x80 5\n",
			Format{HeaderRow: 1, Encoding: Windows1252},
			Prepared{Encoding: Windows1252, Header: []string{"a", "b"}, Records: 1, Rows: 1, Lines: LineMap{[]Break{{0, 2}}}},
			"Café “x”,€ 5\n",
		},
		{
			"iso-8859-1", "a,b\nCaf\xe9,\x93\n",
			Format{HeaderRow: 1, Encoding: ISO88591},
			Prepared{Encoding: ISO88591, Header: []string{"a", "b"}, Records: 1, Rows: 1, Lines: LineMap{[]Break{{0, 2}}}},
			"Café,\u0093\n",
		},
		{
			"a byte order mark overrules the format", "\ufeffa,b\né,1\n",
			Format{HeaderRow: 1, Encoding: Windows1252},
			Prepared{Encoding: UTF8, Header: []string{"a", "b"}, Records: 1, Rows: 1, Lines: LineMap{[]Break{{0, 2}}}},
			"é,1\n",
		},
		{
			"utf-16 little endian", utf16Bytes(t, "a,b\r\né,𝄞\r\n", unicode.LittleEndian, unicode.UseBOM),
			Format{HeaderRow: 1, Encoding: UTF16},
			Prepared{Encoding: UTF16, Header: []string{"a", "b"}, Records: 1, Rows: 1, Lines: LineMap{[]Break{{0, 2}}}},
			"é,𝄞\n",
		},
		{
			"utf-16 big endian declared utf-8", utf16Bytes(t, "a,b\né,1\n", unicode.BigEndian, unicode.UseBOM), header1,
			Prepared{Encoding: UTF16, Header: []string{"a", "b"}, Records: 1, Rows: 1, Lines: LineMap{[]Break{{0, 2}}}},
			"é,1\n",
		},
		{
			"utf-16 big endian without mark", utf16Bytes(t, "a,b\né,1\n", unicode.BigEndian, unicode.IgnoreBOM),
			Format{HeaderRow: 1, Encoding: UTF16},
			Prepared{Encoding: UTF16, Header: []string{"a", "b"}, Records: 1, Rows: 1, Lines: LineMap{[]Break{{0, 2}}}},
			"é,1\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			work := t.TempDir()
			got, err := Prepare(t.Context(), document(t, tc.text), tc.format, work)
			if err != nil {
				t.Fatal(err)
			}
			clean, err := os.ReadFile(got.Path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.clean, string(clean)); diff != "" {
				t.Errorf("clean copy (-want +got):\n%s", diff)
			}
			if tc.want.Encoding == "" {
				tc.want.Encoding = UTF8
			}
			tc.want.Path, tc.want.Size, tc.want.NewLine, tc.want.Exact = got.Path, int64(len(tc.clean)), "\n", true
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(LineMap{})); diff != "" {
				t.Errorf("prepared (-want +got):\n%s", diff)
			}
			if !strings.HasPrefix(got.Path, work+"/") {
				t.Errorf("clean copy at %s, outside the work folder", got.Path)
			}
		})
	}
}

func TestPrepareRefuses(t *testing.T) {
	t.Parallel()
	header1 := Format{HeaderRow: 1}
	for _, tc := range []struct {
		name   string
		text   string
		format Format
		want   string
		is     error
	}{
		{
			"unclosed quote", "a,b\n1,2\n3,\"4\n5,6\n", header1,
			`prepare drop/a.csv: line 3, field 2: the quote opened here is never closed: close it in the file, or set format.quote: none if quotes are ordinary characters`, nil,
		},
		{
			"unclosed quote in a very long text", "a,b\n3,\"4\n" + strings.Repeat("5,6\n", 600_000), header1,
			`prepare drop/a.csv: line 2: the quote opened here is not closed within 1999999 bytes: close it in the file, or set format.quote: none if quotes are ordinary characters`, nil,
		},
		{
			"very long record", "a,b\n" + strings.Repeat("x", 2_000_000) + ",\n", header1,
			`prepare drop/a.csv: line 2: the record that begins here is longer than 1999999 bytes: check that the file is a CSV and that its quotes are closed`, nil,
		},
		{
			"windows-1252 declared utf-8", "a,b\n1,2\n3,Caf\xe9\n", header1,
			`prepare drop/a.csv: line 3, field 2: byte 0xE9 at offset 13 is no text in utf-8: set format.encoding: windows-1252`, nil,
		},
		{
			"utf-8 cut short", "\ufeffa,b\n3,Caf\xc3", header1,
			`prepare drop/a.csv: line 2, field 2: byte 0xC3 at offset 12 is no text in utf-8: set format.encoding: windows-1252`, nil,
		},
		{
			"undefined in windows-1252", "a,b\n\"x\ny\",\x81\n",
			Format{HeaderRow: 1, Encoding: Windows1252},
			`prepare drop/a.csv: line 3, field 2: byte 0x81 at offset 10 is no text in windows-1252: set format.encoding to what the file was written in (iso-8859-1, utf-16), or ask for it as UTF-8`, nil,
		},
		{
			"half a surrogate pair", utf16Bytes(t, "a,b\n1,", unicode.LittleEndian, unicode.UseBOM) + "\x00\xd8x\x00",
			Format{HeaderRow: 1, Encoding: UTF16},
			`prepare drop/a.csv: line 2, field 2: byte 0x00D8 at offset 14 is no text in utf-16: ask for the file again, as UTF-8`, nil,
		},
		{
			"odd byte of utf-16", utf16Bytes(t, "a,b\n1,", unicode.BigEndian, unicode.UseBOM) + "\x00",
			Format{HeaderRow: 1, Encoding: UTF16},
			`prepare drop/a.csv: line 2, field 2: byte 0x00 at offset 14 is no text in utf-16: ask for the file again, as UTF-8`, nil,
		},
		{
			"byte order mark alone", "\ufeff", header1,
			`prepare drop/a.csv: it is empty (no text in it): ask the sender for the file again`, ErrEmpty,
		},
		{
			"byte order mark alone, headerless", "\ufeff",
			Format{Columns: []string{"a", "b"}},
			`prepare drop/a.csv: it is empty (no text in it): ask the sender for the file again`, ErrEmpty,
		},
		{
			"header beyond the end", "a,b\n1,2\n",
			Format{HeaderRow: 5},
			`prepare drop/a.csv: line 5: no header here: the text ends before this line: set format.header_row to the line that holds the column names, or 0 and format.columns if there is none`, ErrNoHeader,
		},
		{
			"blank header", "\na,b\n", header1,
			`prepare drop/a.csv: line 1: no header here: this line is blank: set format.header_row to the line that holds the column names, or 0 and format.columns if there is none`, ErrNoHeader,
		},
		{
			"header of delimiters", ",,\n1,2,3\n", header1,
			`prepare drop/a.csv: line 1: no header here: this line is blank: set format.header_row to the line that holds the column names, or 0 and format.columns if there is none`, ErrNoHeader,
		},
		{
			"header inside a record", "\"a\nb\"\nc,d\n",
			Format{HeaderRow: 2},
			`prepare drop/a.csv: line 2: no header here: this line lies inside the record that begins on line 1: set format.header_row to the line that holds the column names, or 0 and format.columns if there is none`, ErrNoHeader,
		},
		{
			"malformed header", "\"a\"x,b\n1,2\n", header1,
			`prepare drop/a.csv: line 1: no header here: this line is not well formed: set format.header_row to the line that holds the column names, or 0 and format.columns if there is none`, ErrNoHeader,
		},
		{
			"another delimiter", "a,b;c\n" + strings.Repeat("1;2;3\n", maxRejects+1), header1,
			`prepare drop/a.csv: line 2: this is the first of 100001 records among 100001 that are not well formed (too_few_fields: it has 1 fields, the header 2): check format.delimiter and format.header_row of the layout`, nil,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			work := t.TempDir()
			// Prepare may leave it to DuckDB to find out first.
			_, err := Diagnose(t.Context(), document(t, tc.text), tc.format, work)
			var refusal *Refusal
			if !errors.As(err, &refusal) || tc.is != nil && !errors.Is(err, tc.is) {
				t.Fatalf("error %v (%T), want a refusal", err, err)
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if left, _ := os.ReadDir(work); len(left) > 0 {
				t.Errorf("%d files left in the work folder", len(left))
			}
		})
	}
}

func TestFormatErrors(t *testing.T) {
	t.Parallel()
	doc := document(t, "a,b\n1,2\n")
	for _, tc := range []struct {
		format Format
		want   string
	}{
		{Format{}, "format.columns: they must be listed when header_row is 0"},
		{Format{HeaderRow: -1}, "format.header_row -1: write the line number of the header, or 0 if there is none"},
		{Format{HeaderRow: 1, Encoding: "latin1"}, `format.encoding "latin1": use utf-8, windows-1252, iso-8859-1 or utf-16`},
		{Format{HeaderRow: 1, Delimiter: "||"}, `format.delimiter "||": it must be one ASCII character, neither a newline nor a space`},
		{Format{HeaderRow: 1, Delimiter: "\n"}, `format.delimiter "\n": it must be one ASCII character, neither a newline nor a space`},
		{Format{HeaderRow: 1, Quote: "“"}, `format.quote "“": it must be one ASCII character, neither white space nor a newline, or none`},
		{Format{HeaderRow: 1, Delimiter: "'", Quote: "'"}, `format.quote "'": it is also the delimiter: choose another`},
	} {
		_, err := Prepare(t.Context(), doc, tc.format, t.TempDir())
		var refusal *Refusal
		if err == nil || errors.As(err, &refusal) || err.Error() != "prepare drop/a.csv: "+tc.want {
			t.Errorf("format %+v: error %v, want %s", tc.format, err, tc.want)
		}
	}
}

// A line too long for a reject is shortened to whole characters.
func TestRejectIsBounded(t *testing.T) {
	t.Parallel()
	text := "a,b\nx" + strings.Repeat("é", 4000) + "\n"
	got, err := Diagnose(t.Context(), document(t, text), Format{HeaderRow: 1}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if want := "x" + strings.Repeat("é", 2047); len(got.Rejects) != 1 || string(got.Rejects[0].Raw) != want {
		t.Errorf("rejects %d, raw of %d bytes", len(got.Rejects), len(got.Rejects[0].Raw))
	}
}

func TestPrepareWithoutAWorkFolder(t *testing.T) {
	t.Parallel()
	_, err := Diagnose(t.Context(), document(t, "a,b\n1,2\n"), Format{HeaderRow: 1}, t.TempDir()+"/gone")
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "prepare drop/a.csv: ") {
		t.Errorf("error %v, want not exist", err)
	}
}

func TestPrepareCancelled(t *testing.T) {
	t.Parallel()
	doc := document(t, "a,b\n\n1,2\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	work := t.TempDir()
	if _, err := Prepare(ctx, doc, Format{HeaderRow: 1}, work); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled", err)
	}
	if left, _ := os.ReadDir(work); len(left) > 0 {
		t.Errorf("%d files left in the work folder", len(left))
	}
}

// The landed bytes are the record: nothing may write to them.
func TestPrepareLeavesTheLandedFileAlone(t *testing.T) {
	t.Parallel()
	text := "a,b\n\n1,2\n"
	doc := document(t, text)
	if _, err := Diagnose(t.Context(), doc, Format{HeaderRow: 1}, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(doc.path); err != nil || !bytes.Equal(got, []byte(text)) {
		t.Errorf("landed file %q, %v", got, err)
	}
}
