package landing

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func surveyOf(chunks ...[]byte) *survey {
	s := &survey{}
	for _, chunk := range chunks {
		s.Write(chunk) //nolint:errcheck // it never fails
	}
	s.finish()
	return s
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		text  string
		lines int64
		doubt string
	}{
		{"nothing", "", 0, ""},
		{"lines", "a,b\n1,2\n3,4", 3, ""},
		{"CRLF", "a,b\r\n1,2\r\n3,4", 3, ""},
		{"CRLF with a last \\r", "a,b\r\n1,2\r", 2, "line ends differ"},
		{"mixed", "a,b\r\n1,2\n", 2, "line ends differ"},
		{"lone returns", "a,b\r1,2\r", 1, "line ends differ"},
		{"a return within", "a,b\n1\r,2\n", 2, "line ends differ"},
		{"blank line", "a,b\n\n1,2\n", 2, "a line is blank"},
		{"spaces", "a,b\n \t\n1,2\n", 2, "a line is blank"},
		{"balanced quotes", "\"a\",b\n\"1,\"\"x\"\"\",2\n", 2, ""},
		{"odd quotes", "a,b\n5\",2\n", 2, "a line has an odd number of quotes"},
		{"newline in quotes", "a,b\n\"5\n6\",2\n", 2, "a line has an odd number of quotes"},
		{"joined quotes", "a,b\n\"5\"  \"6\",2\n", 0, "a quote, spaces and a quote"},
		{"a quoted space", "a,b\n\" \",2\n", 0, "a quote, spaces and a quote"},
		{"spaces behind a quote", "a,b\n\"x\" ,2\n", 2, ""},
		{"not UTF-8", "a,b\n\xe9,2\n", 0, "a byte is not UTF-8"},
		{"NUL", "a,b\n\x00,2\n", 0, "a byte is NUL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := surveyOf([]byte(tc.text))
			if got.lines != tc.lines || got.doubt != tc.doubt {
				t.Errorf("%d lines, doubt %q; want %d, %q", got.lines, got.doubt, tc.lines, tc.doubt)
			}
		})
	}
}

func TestSurveyGivesUpOnALongLine(t *testing.T) {
	t.Parallel()
	chunk := make([]byte, 1<<20)
	for i := range chunk {
		chunk[i] = 'x'
	}
	s := surveyOf(chunk, chunk, chunk)
	if s.doubt != "a line is too long" || s.tail != nil {
		t.Errorf("doubt %q, %d bytes held", s.doubt, len(s.tail))
	}
}

// The cut into writes changes nothing but how far the survey went before it
// doubted.
func TestSurveyChunks(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"a", ",", "\n", "\r\n", "\r", "\"", "\"q\"", "\" ", " ", "é", "\xe9", "\x00", "1,2\n", "1,2\r\n"})
	rapid.Check(t, func(t *rapid.T) {
		var chunks [][]byte
		var text []byte
		for range rapid.IntRange(0, 12).Draw(t, "chunks") {
			var chunk []byte
			for _, p := range rapid.SliceOfN(piece, 0, 5).Draw(t, "pieces") {
				for _, b := range []byte(p) { // cut anywhere, even within a character
					if rapid.IntRange(0, 9).Draw(t, "cut") == 0 {
						chunks, chunk = append(chunks, chunk), nil
					}
					chunk = append(chunk, b)
					text = append(text, b)
				}
			}
			chunks = append(chunks, chunk)
		}
		whole, cut := surveyOf(text), surveyOf(chunks...)
		if (whole.doubt == "") != (cut.doubt == "") {
			t.Fatalf("whole %q, cut %q", whole.doubt, cut.doubt)
		}
		if whole.doubt != "" {
			return
		}
		if diff := cmp.Diff(whole, cut, cmp.AllowUnexported(survey{})); diff != "" {
			t.Errorf("survey (-whole +cut):\n%s", diff)
		}
	})
}
