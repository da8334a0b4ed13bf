package csvscan

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// raggedReader delivers its text in reads of random sizes, some of them empty.
type raggedReader struct {
	text   []byte
	random *rand.Rand
	most   int
}

func (r *raggedReader) Read(p []byte) (int, error) {
	if len(r.text) == 0 {
		return 0, io.EOF
	}
	n := min(r.random.IntN(r.most+1), len(p), len(r.text))
	copy(p, r.text[:n])
	r.text = r.text[n:]
	return n, nil
}

// FuzzNext holds, for any text and dialect: the cut into reads does not matter;
// the records and their terminators are the text again, nothing lost; each line
// number is what counting newlines gives; fields are as many as Split finds.
func FuzzNext(f *testing.F) {
	for _, text := range []string{
		"", "a,b\nc,d\n", "\"a\r\nb\",c\r\n", "5\" pipe\r\"q\"z\n", ", \"x\" ,\n\x00\n", "\"\"\"\"\n\"open",
	} {
		f.Add([]byte(text), byte(','), byte('"'), uint64(1))
		f.Add([]byte(text), byte(';'), byte(0), uint64(2))
	}
	f.Fuzz(func(t *testing.T, text []byte, delimiter, quote byte, seed uint64) {
		if quote == delimiter || strings.IndexByte("\r\n ", delimiter) >= 0 || strings.IndexByte("\r\n ", quote) >= 0 {
			t.Skip("no such dialect")
		}
		d := Dialect{Delimiter: delimiter, Quote: quote}
		want, wantErr := all(bytes.NewReader(text), d)
		random := rand.New(rand.NewPCG(seed, 0))
		got, gotErr := all(&raggedReader{text: text, random: random, most: 1 + random.IntN(9)}, d)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("cut into reads (-whole +cut):\n%s", diff)
		}
		if diff := cmp.Diff(wantErr, gotErr); diff != "" {
			t.Fatalf("error when cut into reads (-whole +cut):\n%s", diff)
		}

		rest := text
		for i, rec := range want {
			if line := 1 + newlines(text[:len(text)-len(rest)]); rec.Line != line {
				t.Fatalf("record %d is said to begin on line %d, it is %d", i, rec.Line, line)
			}
			if last := rec.Line + newlines(rec.Raw); rec.LastLine != last {
				t.Fatalf("record %d is said to end on line %d, it is %d", i, rec.LastLine, last)
			}
			if !bytes.HasPrefix(rest, rec.Raw) {
				t.Fatalf("record %d is %q, the text goes on with %q", i, rec.Raw, rest)
			}
			rest = rest[len(rec.Raw):]
			switch {
			case bytes.HasPrefix(rest, []byte("\r\n")):
				rest = rest[2:]
			case len(rest) > 0 && (rest[0] == '\n' || rest[0] == '\r'):
				rest = rest[1:]
			case len(rest) > 0:
				t.Fatalf("record %d is followed by %q", i, rest)
			}
			if rec.NUL != (bytes.IndexByte(rec.Raw, 0) >= 0) {
				t.Fatalf("record %d: NUL = %v in %q", i, rec.NUL, rec.Raw)
			}
			if rec.Malformed {
				continue
			}
			fields := Split(rec.Raw, d)
			filled, blank := 0, true
			for k, v := range fields {
				if v != "" {
					filled = k + 1
				}
				blank = blank && strings.TrimSpace(v) == ""
			}
			if rec.Fields != len(fields) || rec.Filled != filled {
				t.Fatalf("record %q: %d fields, %d filled; Split finds %q", rec.Raw, rec.Fields, rec.Filled, fields)
			}
			if quote > ' ' && delimiter > ' ' && quote < 0x80 && delimiter < 0x80 && rec.Blank != blank {
				t.Fatalf("record %q: blank = %v", rec.Raw, rec.Blank)
			}
		}
		if wantErr == nil && len(rest) > 0 {
			t.Fatalf("%q is in no record", rest)
		}
	})
}

// newlines counts physical line ends.
func newlines(text []byte) int64 {
	crlf := bytes.Count(text, []byte("\r\n"))
	return int64(bytes.Count(text, []byte("\r")) + bytes.Count(text, []byte("\n")) - crlf)
}
