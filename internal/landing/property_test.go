package landing

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/csvscan"
)

// texts draws CSV of every degree of disorder, mostly with two or three fields.
func texts(t *rapid.T) string {
	field := rapid.SampledFrom([]string{"", "1", "ab", "é", " ", `5" pipe`, `"q"`, `"a,b"`, "\"p\nq\"", "\"r\r\ns\"", `""`, `"q"z`, `"a" "b"`, ` "s" `, "n\x00", `"`})
	end := rapid.SampledFrom([]string{"\n", "\n", "\n", "\r\n", "\r"})
	mixed := rapid.Bool().Draw(t, "mixed")
	newline := end.Draw(t, "newline")
	well := rapid.SampledFrom([]string{"", "1", "ab", "é", `"a,b"`, "5"})
	disorder := rapid.IntRange(0, 10).Draw(t, "disorder")
	var b strings.Builder
	b.WriteString("h1,h2" + newline)
	for range rapid.IntRange(0, 12).Draw(t, "records") {
		fields, kind := 2, well
		if rapid.IntRange(0, 10).Draw(t, "dice") < disorder {
			fields, kind = rapid.IntRange(1, 4).Draw(t, "fields"), field
		}
		b.WriteString(strings.Join(rapid.SliceOfN(kind, fields, fields).Draw(t, "record"), ","))
		if mixed {
			newline = end.Draw(t, "newline")
		}
		b.WriteString(newline)
	}
	return b.String()
}

// plainDocument writes a text where it can be prepared, without landing it.
func plainDocument(t *rapid.T, dir, text string) Document {
	path := filepath.Join(dir, "doc")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Document{Name: "doc", SHA256: sum([]byte(text)), Size: int64(len(text)), path: path, survey: surveyOf([]byte(text))}
}

// records scans a text and returns its records and where each begins.
func records(t *rapid.T, text string) (raws []string, lines []int64) {
	s := csvscan.New(strings.NewReader(text), csvscan.Dialect{Delimiter: ',', Quote: '"'})
	for {
		rec, err := s.Next()
		if errors.Is(err, io.EOF) {
			return raws, lines
		}
		if err != nil {
			t.Fatal(err)
		}
		raws, lines = append(raws, string(rec.Raw)), append(lines, rec.Line)
	}
}

// No record disappears: each is a row of the clean copy, a blank or a reject;
// the copy holds the rows byte for byte, and the line map leads each of them
// back to the line where counting finds it.
func TestNothingDisappears(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		text := texts(t)
		doc := plainDocument(t, dir, text)
		got, err := Diagnose(t.Context(), doc, Format{HeaderRow: 1}, dir)
		if err != nil {
			var refusal *Refusal
			if !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, "quote") {
				t.Fatal(err)
			}
			return
		}
		defer os.Remove(got.Path) //nolint:errcheck // the folder goes too
		if got.Records != got.Rows+got.Blanks+int64(len(got.Rejects)) {
			t.Fatalf("%d records, but %d rows, %d blanks, %d rejects", got.Records, got.Rows, got.Blanks, len(got.Rejects))
		}
		raws, lines := records(t, text)
		raws, lines = raws[1:], lines[1:] // the header
		if int64(len(raws)) != got.Records {
			t.Fatalf("%d records, %d counted", len(raws), got.Records)
		}
		clean, err := os.ReadFile(got.Path)
		if err != nil {
			t.Fatal(err)
		}
		rows, _ := records(t, string(clean))
		if int64(len(rows)) != got.Rows {
			t.Fatalf("the copy holds %d records, %d rows are told", len(rows), got.Rows)
		}

		// Walk along the document: each record is the next row, the next reject
		// or blank.
		rejects, row, blanks := got.Rejects, int64(0), int64(0)
		for i, raw := range raws {
			switch {
			case row < got.Rows && got.Lines.Line(row) == lines[i]:
				if rows[row] != raw {
					t.Fatalf("row %d is %q, the record on line %d is %q", row, rows[row], lines[i], raw)
				}
				row++
			case len(rejects) > 0 && rejects[0].Line == lines[i]:
				if string(rejects[0].Raw) != raw {
					t.Fatalf("reject %q, the record on line %d is %q", rejects[0].Raw, lines[i], raw)
				}
				rejects = rejects[1:]
			default:
				if strings.Trim(raw, " \r\n,\"") != "" {
					t.Fatalf("the record %q on line %d went nowhere", raw, lines[i])
				}
				blanks++
			}
		}
		if row != got.Rows || len(rejects) > 0 || blanks != got.Blanks {
			t.Fatalf("%d of %d rows, %d rejects too many, %d of %d blanks", row, got.Rows, len(rejects), blanks, got.Blanks)
		}
	})
}

// When the fast way is open and the exact one finds as many rows, both say the
// same; the fast way never counts fewer records than there are.
func TestFastWayAgreesWithExact(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fast := 0
	rapid.Check(t, func(t *rapid.T) {
		doc := plainDocument(t, dir, texts(t))
		got, ok, err := asItLies(t.Context(), doc, Format{HeaderRow: 1})
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return
		}
		fast++
		want, err := Diagnose(t.Context(), doc, Format{HeaderRow: 1}, dir)
		if err != nil {
			return // DuckDB refuses it too, and the caller diagnoses
		}
		defer os.Remove(want.Path) //nolint:errcheck // the folder goes too
		if got.Records < want.Records {
			t.Fatalf("fast %d records, exact %d", got.Records, want.Records)
		}
		if got.Rows != want.Rows {
			return // DuckDB refuses rejects and blanks of too few fields
		}
		if diff := cmp.Diff(want.Header, got.Header); diff != "" {
			t.Fatalf("header (-exact +fast):\n%s", diff)
		}
		for i := range got.Rows {
			if got.Lines.Line(i) != want.Lines.Line(i) {
				t.Fatalf("row %d: line %d exactly, %d fast", i, want.Lines.Line(i), got.Lines.Line(i))
			}
		}
	})
	if fast == 0 {
		t.Error("the fast way was never open")
	}
}

// The encoding makes no difference to anything but the bytes.
func TestEncodingsAgree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		text := texts(t)
		var single strings.Builder // é is the one character outside ASCII
		for _, r := range text {
			single.WriteByte(byte(r))
		}
		format := Format{HeaderRow: 1}
		want, wantErr := Diagnose(t.Context(), plainDocument(t, dir, text), format, dir)
		wantText, _ := os.ReadFile(want.Path)
		for _, encoding := range []string{Windows1252, ISO88591} {
			format.Encoding = encoding
			got, gotErr := Diagnose(t.Context(), plainDocument(t, dir, single.String()), format, dir)
			if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Fatalf("%s: %v, as utf-8 %v", encoding, gotErr, wantErr)
			}
			if wantErr != nil {
				continue
			}
			gotText, _ := os.ReadFile(got.Path)
			if string(gotText) != string(wantText) {
				t.Fatalf("%s: clean copy %q, as utf-8 %q", encoding, gotText, wantText)
			}
			got.Path, got.Encoding = want.Path, want.Encoding
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(LineMap{})); diff != "" {
				t.Fatalf("%s (-utf-8 +it):\n%s", encoding, diff)
			}
		}
	})
}

// A line map is what a list of all lines says, whichever way it is asked.
func TestLineMap(t *testing.T) {
	t.Parallel()
	if got := (LineMap{}).Line(0); got != 0 {
		t.Errorf("a map of nothing leads to line %d", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		var m LineMap
		var lines []int64
		line := rapid.Int64Range(1, 9).Draw(t, "first")
		for row := range rapid.Int64Range(1, 200).Draw(t, "rows") {
			m.Add(row, line)
			lines = append(lines, line)
			line += rapid.SampledFrom([]int64{1, 1, 1, 1, 2, 5}).Draw(t, "step")
		}
		breaks := m.Breaks()
		if !slices.IsSortedFunc(breaks, func(a, b Break) int { return int(a.FromRow - b.FromRow) }) {
			t.Fatal("breaks are out of order")
		}
		for i := 1; i < len(breaks); i++ {
			if breaks[i].Shift == breaks[i-1].Shift {
				t.Fatalf("breaks %d and %d have one shift", i-1, i)
			}
		}
		for i, want := range lines {
			var asof Break
			for _, b := range breaks {
				if b.FromRow <= int64(i) {
					asof = b
				}
			}
			if got := m.Line(int64(i)); got != want || int64(i)+asof.Shift != want {
				t.Fatalf("row %d: line %d, by the breaks %d, truly %d", i, got, int64(i)+asof.Shift, want)
			}
		}
	})
}

// FuzzPrepare holds for any bytes and format: no panic, no file left behind by
// a refusal, the sum, and a clean copy that is all rows.
func FuzzPrepare(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "t\n\na,b\r\n\"1\r\n\",2\r\n", "\"a", "\xff\xfea\x00,\x00", "a,b\n\xe9,\x00\n"} {
		for n := range byte(8) {
			f.Add([]byte(text), n, int8(n%3))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, n byte, headerRow int8) {
		dir := t.TempDir()
		path := filepath.Join(dir, "doc")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		doc := Document{Name: "doc", SHA256: sum(text), Size: int64(len(text)), path: path}
		format := Format{
			Encoding: []string{UTF8, Windows1252, ISO88591, UTF16}[n%4], Delimiter: []string{",", "\t"}[n/4%2],
			Quote: []string{`"`, NoQuote}[n/8%2], HeaderRow: int(headerRow), Columns: []string{"a", "b"},
		}
		if _, err := Peek(t.Context(), doc, PeekOptions{Format: format}); err != nil && !errors.Is(err, ErrEmpty) {
			t.Fatal(err)
		}
		work := t.TempDir()
		if _, err := Prepare(t.Context(), doc, format, work); err == nil {
			work = t.TempDir()
		}
		got, err := Diagnose(t.Context(), doc, format, work)
		left, _ := os.ReadDir(work)
		if err != nil {
			var refusal *Refusal
			if headerRow >= 0 && !errors.As(err, &refusal) {
				t.Fatalf("error %v (%T), want a refusal", err, err)
			}
			if len(left) > 0 {
				t.Fatalf("%v left behind", left)
			}
			return
		}
		if got.Records != got.Rows+got.Blanks+int64(len(got.Rejects)) || len(left) != 1 {
			t.Fatalf("prepared %+v, %d files", got, len(left))
		}
		clean, err := os.Open(got.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer clean.Close() //nolint:errcheck // it was only read
		d, err := format.dialect()
		if err != nil {
			t.Fatal(err)
		}
		s := csvscan.New(clean, d)
		rows := int64(0)
		for {
			rec, err := s.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || rec.Malformed || rec.NUL || rec.Fields < len(got.Header) || rec.Filled > len(got.Header) {
				t.Fatalf("the clean copy holds %q, %v", rec.Raw, err)
			}
			rows++
		}
		if rows != got.Rows {
			t.Fatalf("the clean copy holds %d rows, told are %d", rows, got.Rows)
		}
	})
}
