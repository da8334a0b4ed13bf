package landing

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

func decodeAll(r io.Reader, declared string) (string, string, error) {
	text, used, err := decode(r, declared)
	if err != nil {
		return "", "", err
	}
	out, err := io.ReadAll(text)
	return string(out), used, err
}

// What another library encodes is decoded to the same text, however the bytes
// are cut into reads.
func TestTranscodingRoundTrip(t *testing.T) {
	t.Parallel()
	readers := map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader,
		"halves": iotest.HalfReader, "data with the error": iotest.DataErrReader,
	}
	for _, tc := range []struct {
		name     string
		declared string
		encoder  encoding.Encoding
		runes    []rune
	}{
		{"utf-8", UTF8, encoding.Nop, []rune("ab,\"\r\n\té€𝄞\ufeff\x00")},
		{"windows-1252", Windows1252, charmap.Windows1252, []rune("ab,\"\r\n\téŸ€“”\u00a0")},
		{"iso-8859-1", ISO88591, charmap.ISO8859_1, []rune("ab,\"\r\n\té\u0080\u0093\u00ff")},
		{"utf-16 little endian", UTF16, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), []rune("ab,\"\r\n\té€𝄞\x00")},
		{"utf-16 big endian", UTF16, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), []rune("ab,\"\r\n\té€𝄞\x00")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				want := "x" + rapid.StringOfN(rapid.SampledFrom(tc.runes), 0, 40, -1).Draw(t, "text")
				want = strings.Repeat(want, rapid.SampledFrom([]int{1, 300}).Draw(t, "repeated")) // past the buffers
				encoded, err := tc.encoder.NewEncoder().String(want)
				if err != nil {
					t.Fatal(err)
				}
				for name, reader := range readers {
					got, used, err := decodeAll(reader(strings.NewReader(encoded)), tc.declared)
					if err != nil || got != want || used != tc.declared {
						t.Fatalf("%s: %d bytes decoded to %d as %s, %v", name, len(want), len(got), used, err)
					}
				}
			})
		})
	}
}

// FuzzDecode holds, for any bytes and encoding: the text is valid UTF-8; the
// first bad byte is found at the same place however reads are cut; what comes
// before it is all delivered.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{"a,b\n", "Caf\xe9", "\xef\xbb\xbfx", "\xff\xfea\x00", "\xfe\xff\x00a", "\xe2\x82", "\x81", "a\xf0\x9d\x84", "\xff\xfe\x00\xd8"} {
		for n := range byte(4) {
			f.Add([]byte(text), n)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, n byte) {
		declared := []string{UTF8, Windows1252, ISO88591, UTF16}[n%4]
		want, used, wantErr := decodeAll(bytes.NewReader(text), declared)
		if !utf8.ValidString(want) {
			t.Fatalf("decoded to %q, not UTF-8", want)
		}
		var bad *badText
		if wantErr != nil && !errors.As(wantErr, &bad) {
			t.Fatalf("error %v", wantErr)
		}
		if used == UTF8 {
			body := bytes.TrimPrefix(text, []byte(utf8BOM))
			if valid := validPrefix(body); want != string(body[:valid]) || (wantErr == nil) != (valid == len(body)) {
				t.Fatalf("decoded to %q, %v; valid is %q", want, wantErr, body[:valid])
			}
			if bad != nil && text[bad.offset] != bad.bytes[0] {
				t.Fatalf("byte %x is said to be at %d", bad.bytes, bad.offset)
			}
		}
		got, _, gotErr := decodeAll(iotest.OneByteReader(bytes.NewReader(text)), declared)
		if got != want || (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() {
			t.Fatalf("whole %q, %v; byte by byte %q, %v", want, wantErr, got, gotErr)
		}
	})
}
