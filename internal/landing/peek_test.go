package landing

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"
)

func TestPeek(t *testing.T) {
	t.Parallel()
	late := "a,b\n" + strings.Repeat("1,2\n", peekBytes/4) + "Caf\xe9,2\n"
	for _, tc := range []struct {
		name    string
		text    string
		options PeekOptions
		want    Glimpse
	}{
		{
			"utf-8", "a,é\n1,\"2\n3\"\n4,5",
			PeekOptions{},
			Glimpse{Encoding: UTF8, Assumed: true, Records: []GlimpsedRecord{{1, []string{"a", "é"}}, {2, []string{"1", "2\n3"}}, {4, []string{"4", "5"}}}},
		},
		{
			"byte order mark", "\ufeffa,b\n",
			PeekOptions{Format: Format{Encoding: Windows1252}},
			Glimpse{Encoding: UTF8, Records: []GlimpsedRecord{{1, []string{"a", "b"}}}},
		},
		{
			"windows-1252", "a,b\nCaf\xe9,\x81\n",
			PeekOptions{},
			Glimpse{Encoding: Windows1252, Assumed: true, Records: []GlimpsedRecord{{1, []string{"a", "b"}}, {2, []string{"Café", "\ufffd"}}}},
		},
		{
			"windows-1252 far down", late,
			PeekOptions{Records: 1},
			Glimpse{Encoding: Windows1252, Assumed: true, Records: []GlimpsedRecord{{1, []string{"a", "b"}}}},
		},
		{
			"declared", "a,b\nCaf\xe9,x\n",
			PeekOptions{Format: Format{Encoding: UTF8}},
			Glimpse{Encoding: UTF8, Records: []GlimpsedRecord{{1, []string{"a", "b"}}, {2, []string{"Caf\ufffd", "x"}}}},
		},
		{
			"iso-8859-1", "\xe9;b",
			PeekOptions{Format: Format{Encoding: ISO88591, Delimiter: ";"}},
			Glimpse{Encoding: ISO88591, Records: []GlimpsedRecord{{1, []string{"é", "b"}}}},
		},
		{
			"utf-16 with mark", utf16Bytes(t, "a,b\n", unicode.LittleEndian, unicode.UseBOM),
			PeekOptions{},
			Glimpse{Encoding: UTF16, Records: []GlimpsedRecord{{1, []string{"a", "b"}}}},
		},
		{
			"utf-16 without mark", utf16Bytes(t, "a,b\n", unicode.BigEndian, unicode.IgnoreBOM),
			PeekOptions{},
			Glimpse{Encoding: UTF16, Assumed: true, Records: []GlimpsedRecord{{1, []string{"a", "b"}}}},
		},
		{
			"title, blank line and malformed quote", "Spend\n\n\"a\"x,b\n",
			PeekOptions{},
			Glimpse{Encoding: UTF8, Assumed: true, Records: []GlimpsedRecord{{1, []string{"Spend"}}, {2, []string{""}}, {3, []string{"ax", "b"}}}},
		},
		{
			"open quote", "a,b\n\"c,d\ne,f",
			PeekOptions{},
			Glimpse{Encoding: UTF8, Assumed: true, Records: []GlimpsedRecord{{1, []string{"a", "b"}}, {2, []string{"c,d\ne,f"}}}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := Peek(t.Context(), document(t, tc.text), tc.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("glimpse (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPeekOnlyAtTheBeginning(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 200 {
		fmt.Fprintf(&text, "%d,x\n", i)
	}
	got, err := Peek(t.Context(), document(t, text.String()), PeekOptions{})
	if err != nil || len(got.Records) != peekRecords {
		t.Errorf("%d records, %v", len(got.Records), err)
	}

	// Long records: those that fit the first megabyte, none of them cut.
	long := strings.Repeat(strings.Repeat("é", 150_000)+",x\n", 5)
	got, err = Peek(t.Context(), document(t, long), PeekOptions{})
	if err != nil || got.Encoding != UTF8 || len(got.Records) != 3 {
		t.Errorf("%d records in %s, %v", len(got.Records), got.Encoding, err)
	}
}

func TestPeekRefuses(t *testing.T) {
	t.Parallel()
	if _, err := Peek(t.Context(), document(t, "\ufeff"), PeekOptions{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("error %v, want ErrEmpty", err)
	}
	if _, err := Peek(t.Context(), document(t, "a"), PeekOptions{Format: Format{Encoding: "latin1"}}); err == nil {
		t.Error("latin1 was taken")
	}
	if _, err := Peek(t.Context(), document(t, "a"), PeekOptions{Format: Format{Delimiter: "ab"}}); err == nil {
		t.Error("a delimiter of two characters was taken")
	}
}
