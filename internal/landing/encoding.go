package landing

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"
)

// The encodings a format may name.
const (
	UTF8        = "utf-8"
	Windows1252 = "windows-1252"
	ISO88591    = "iso-8859-1"
	UTF16       = "utf-16"
)

const (
	utf8BOM    = "\xef\xbb\xbf"
	utf16LEBOM = "\xff\xfe"
	utf16BEBOM = "\xfe\xff"
)

// badText says that bytes are no text in the encoding they are read in.
type badText struct {
	encoding string
	offset   int64 // of the first bad byte, counted from the start of the unpacked text
	bytes    []byte
}

func (e *badText) Error() string {
	return fmt.Sprintf("byte 0x%X at offset %d is no text in %s", e.bytes, e.offset, e.encoding)
}

// remedy says which encoding to try instead.
func (e *badText) remedy() string {
	switch e.encoding {
	case UTF8:
		return "set format.encoding: windows-1252"
	case Windows1252:
		return "set format.encoding to what the file was written in (iso-8859-1, utf-16), or ask for it as UTF-8"
	default:
		return "ask for the file again, as UTF-8"
	}
}

// checkEncoding refuses an encoding that is not known.
func checkEncoding(encoding string) error {
	switch encoding {
	case UTF8, Windows1252, ISO88591, UTF16:
		return nil
	}
	return fmt.Errorf("format.encoding %q: use %s, %s, %s or %s", encoding, UTF8, Windows1252, ISO88591, UTF16)
}

// decode returns a reader of r's text as UTF-8 without byte order mark, and the
// encoding used. A byte order mark says what the text is, whatever the format
// declares. Bytes that are no text end the reading with a *badText.
func decode(r io.Reader, declared string) (io.Reader, string, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, _ := buffered.Peek(sniffed) // an error comes again when the text is read
	used, bom := encodingByBOM(head)
	if used == "" {
		used = declared
	}
	buffered.Discard(len(bom)) //nolint:errcheck // those bytes have just been seen
	place := offset{encoding: used, at: int64(len(bom))}
	switch used {
	case UTF8:
		return transform.NewReader(buffered, &utf8Text{place}), used, nil
	case Windows1252:
		return transform.NewReader(buffered, &singleByteText{place, byteTable(charmap.Windows1252, windows1252Undefined)}), used, nil
	case ISO88591:
		return transform.NewReader(buffered, &singleByteText{place, byteTable(charmap.ISO8859_1, "")}), used, nil
	case UTF16:
		bigEndian := bom == utf16BEBOM || bom == "" && looksBigEndian(head)
		return transform.NewReader(buffered, &utf16Text{place, bigEndian}), used, nil
	}
	return nil, "", checkEncoding(used)
}

// encodingByBOM returns the encoding that a byte order mark announces.
func encodingByBOM(head []byte) (encoding, bom string) {
	for _, mark := range []struct{ encoding, bom string }{{UTF8, utf8BOM}, {UTF16, utf16LEBOM}, {UTF16, utf16BEBOM}} {
		if bytes.HasPrefix(head, []byte(mark.bom)) {
			return mark.encoding, mark.bom
		}
	}
	return "", ""
}

// looksBigEndian judges UTF-16 without byte order mark by its ASCII characters,
// whose high byte is zero; Windows writes little endian, so that is the default.
func looksBigEndian(head []byte) bool {
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	return zeros[0] > zeros[1]
}

// offset counts the bytes of the text a transformer has taken.
type offset struct {
	encoding string
	at       int64
}

func (o *offset) Reset() {}

func (o *offset) bad(n int, bytes ...byte) error {
	return &badText{encoding: o.encoding, offset: o.at + int64(n), bytes: slices.Clone(bytes)}
}

// utf8Text passes valid UTF-8 through.
type utf8Text struct{ offset }

func (t *utf8Text) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	n := min(len(dst), len(src))
	if n < len(src) {
		err = transform.ErrShortDst
	}
	if !utf8.Valid(src[:n]) {
		valid := validPrefix(src[:n])
		switch {
		case !utf8.FullRune(src[valid:n]) && n < len(src): // cut by the end of dst
		case !utf8.FullRune(src[valid:n]) && !atEOF:
			err = transform.ErrShortSrc
		default:
			err = t.bad(valid, src[valid])
		}
		n = valid
	}
	copy(dst, src[:n])
	t.at += int64(n)
	return n, n, err
}

// validPrefix returns the length of the longest valid beginning of p.
func validPrefix(p []byte) int {
	n := 0
	for n < len(p) {
		r, size := utf8.DecodeRune(p[n:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		n += size
	}
	return n
}

// windows1252Undefined are the bytes that Windows-1252 gives no meaning.
const windows1252Undefined = "\x81\x8d\x8f\x90\x9d"

// byteTable returns the UTF-8 of each byte of a single-byte encoding, "" for
// the undefined ones.
func byteTable(encoding *charmap.Charmap, undefined string) *[256]string {
	var table [256]string
	for b := range 256 {
		if strings.IndexByte(undefined, byte(b)) < 0 {
			table[b] = string(encoding.DecodeByte(byte(b)))
		}
	}
	return &table
}

// singleByteText turns single bytes into UTF-8.
type singleByteText struct {
	offset
	table *[256]string
}

func (t *singleByteText) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	defer func() { t.at += int64(nSrc) }()
	for nSrc < len(src) {
		b := src[nSrc]
		if b < utf8.RuneSelf {
			if nDst == len(dst) {
				return nDst, nSrc, transform.ErrShortDst
			}
			dst[nDst] = b
			nDst++
			nSrc++
			continue
		}
		text := t.table[b]
		if text == "" {
			return nDst, nSrc, t.bad(nSrc, b)
		}
		if nDst+len(text) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], text)
		nSrc++
	}
	return nDst, nSrc, nil
}

// utf16Text turns UTF-16 into UTF-8. Unlike x/text's decoder it refuses what is
// no text instead of writing U+FFFD.
type utf16Text struct {
	offset
	bigEndian bool
}

func (t *utf16Text) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	defer func() { t.at += int64(nSrc) }()
	for nSrc < len(src) {
		if len(src)-nSrc < 2 {
			if atEOF {
				return nDst, nSrc, t.bad(nSrc, src[nSrc])
			}
			return nDst, nSrc, transform.ErrShortSrc
		}
		r, size := t.unit(src[nSrc:]), 2
		if utf16.IsSurrogate(r) {
			if len(src)-nSrc < 4 && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			pair := rune(utf8.RuneError)
			if len(src)-nSrc >= 4 {
				pair = utf16.DecodeRune(r, t.unit(src[nSrc+2:]))
			}
			if pair == utf8.RuneError {
				return nDst, nSrc, t.bad(nSrc, src[nSrc:nSrc+2]...)
			}
			r, size = pair, 4
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

func (t *utf16Text) unit(p []byte) rune {
	if t.bigEndian {
		return rune(p[0])<<8 | rune(p[1])
	}
	return rune(p[1])<<8 | rune(p[0])
}
