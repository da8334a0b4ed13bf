package landing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"socialvalue/internal/csvscan"
)

// PeekOptions say how to look; the zero value is sensible.
type PeekOptions struct {
	Format      // Encoding, Delimiter and Quote count; Encoding "" = judge by the bytes
	Records int // how many to return; 0 = 50
}

// Glimpse is the beginning of a document.
type Glimpse struct {
	Encoding string // the encoding it was read in
	Assumed  bool   // judged by the bytes: neither declared nor marked by a byte order mark
	Records  []GlimpsedRecord
}

// GlimpsedRecord is one record of a Glimpse.
type GlimpsedRecord struct {
	Line   int64 // physical line on which it begins
	Fields []string
}

const (
	peekRecords = 50
	peekBytes   = 1 << 20
)

// Peek returns the first records of a document, so that a layout can be chosen
// by its header. It is lenient: what cannot be decoded shows as U+FFFD and
// malformed records are split as well as can be. Only empty documents and packed
// ones that are damaged at once are refused.
func Peek(ctx context.Context, doc Document, options PeekOptions) (Glimpse, error) {
	if err := ctx.Err(); err != nil {
		return Glimpse{}, fmt.Errorf("peek into %s: %w", doc.Name, err)
	}
	dialect, err := options.dialect()
	if err == nil && options.Encoding != "" {
		err = checkEncoding(options.Encoding)
	}
	if err != nil {
		return Glimpse{}, fmt.Errorf("peek into %s: %w", doc.Name, err)
	}
	head, whole, err := peekHead(doc)
	if err != nil {
		return Glimpse{}, err
	}
	glimpse := Glimpse{Encoding: options.Encoding}
	marked, bom := encodingByBOM(head)
	switch {
	case marked != "":
		glimpse.Encoding = marked
	case glimpse.Encoding == "":
		glimpse.Encoding, glimpse.Assumed = assume(head, whole, doc.survey), true
	}
	text := lenient(head[len(bom):], glimpse.Encoding, bom == utf16BEBOM || bom == "" && looksBigEndian(head))
	if text == "" {
		return Glimpse{}, fmt.Errorf("peek into %w", &Refusal{
			File: doc.Name, Reason: "it is empty (no text in it)", Err: ErrEmpty, Remedy: "ask the sender for the file again",
		})
	}

	most := options.Records
	if most == 0 {
		most = peekRecords
	}
	scanner := csvscan.New(strings.NewReader(text), dialect)
	for len(glimpse.Records) < most {
		rec, err := scanner.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		glimpse.Records = append(glimpse.Records, GlimpsedRecord{Line: rec.Line, Fields: csvscan.Split(rec.Raw, dialect)})
		if err != nil {
			break // an open quote: what follows it is no record
		}
	}
	// The last record may be cut by the end of the head.
	if n := len(glimpse.Records); !whole && n > 1 && n < most {
		glimpse.Records = glimpse.Records[:n-1]
	}
	return glimpse, nil
}

// PeekFile returns the first records of a UTF-8 file with commas that a document
// was turned into.
func PeekFile(ctx context.Context, name, path string) (Glimpse, error) {
	return Peek(ctx, Document{Name: name, path: path}, PeekOptions{Format: Format{Encoding: UTF8}})
}

// peekHead returns the beginning of a document, and whether that is all of it.
func peekHead(doc Document) ([]byte, bool, error) {
	r, err := doc.Open()
	if err != nil {
		return nil, false, fmt.Errorf("peek into %w", err)
	}
	defer r.Close() //nolint:errcheck // it was only read
	head, err := io.ReadAll(io.LimitReader(r, peekBytes))
	if err != nil && len(head) == 0 {
		return nil, false, fmt.Errorf("peek into %w", err)
	}
	return head, err == nil && len(head) < peekBytes, nil
}

// assume judges an encoding by the bytes: UTF-16 has zeros where other texts
// have none, what is valid UTF-8 is hardly ever anything else, and the rest is
// most likely from Windows.
func assume(head []byte, whole bool, seen *survey) string {
	if n := min(len(head), sniffed); bytes.Count(head[:n], []byte{0})*4 > n {
		return UTF16
	}
	valid := validPrefix(head)
	cut := !whole && !utf8.FullRune(head[valid:])
	if valid < len(head) && !cut || seen != nil && seen.notUTF8 {
		return Windows1252
	}
	return UTF8
}

// lenient decodes what it can.
func lenient(head []byte, encoding string, bigEndian bool) string {
	var table *[256]string
	switch encoding {
	case UTF16:
		order := unicode.LittleEndian
		if bigEndian {
			order = unicode.BigEndian
		}
		text, _ := unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Bytes(head)
		return string(text)
	case Windows1252:
		table = byteTable(charmap.Windows1252, windows1252Undefined)
	case ISO88591:
		table = byteTable(charmap.ISO8859_1, "")
	default:
		return strings.ToValidUTF8(string(head), "\ufffd")
	}
	var b strings.Builder
	for _, c := range head {
		if table[c] == "" {
			b.WriteRune(utf8.RuneError)
			continue
		}
		b.WriteString(table[c])
	}
	return b.String()
}
