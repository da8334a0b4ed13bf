package landing

import (
	"bytes"
)

// kind is how the bytes of a file are to be opened.
type kind int

const (
	plain kind = iota
	gzipped
	zipped
)

const sniffed = 512 // bytes of a file that tell its kind

const asText = "ask for the data as CSV"

// sniff tells by its first bytes how a file is to be opened, whatever its name
// says. What cannot hold data, or not in a way we read, is refused.
func sniff(name string, head []byte) (kind, *Refusal) {
	for _, magic := range []struct {
		prefix string
		kind   kind
		reason string
		remedy string
	}{
		{prefix: "\x1f\x8b", kind: gzipped},
		{prefix: "PK\x03\x04", kind: zipped},
		{prefix: "PK\x05\x06", kind: zipped},
		{"PK\x07\x08", 0, "it is one part of a split zip", "ask for it as one zip or as CSV"},
		{
			"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "it is an old Excel workbook (.xls) or one with a password",
			"open it in Excel, take the password off, and save it as CSV UTF-8",
		},
		{"%PDF-", 0, "it is a PDF", asText},
		{"Rar!\x1a\x07", 0, "it is a RAR archive", "unpack it and drop the files in it, or ask for a zip"},
		{"7z\xbc\xaf\x27\x1c", 0, "it is a 7-Zip archive", "unpack it and drop the files in it, or ask for a zip"},
		{"\xfd7zXZ\x00", 0, "it is compressed with xz", "unpack it, or ask for .gz"},
		{"\x28\xb5\x2f\xfd", 0, "it is compressed with zstd", "unpack it, or ask for .gz"},
		{"PAR1\x15", 0, "it is a Parquet file", asText},
		{"\x89PNG", 0, "it is a picture", asText},
		{"\xff\xd8\xff", 0, "it is a picture", asText},
	} {
		if bytes.HasPrefix(head, []byte(magic.prefix)) {
			if magic.reason == "" {
				return magic.kind, nil
			}
			return plain, &Refusal{File: name, Reason: magic.reason, Remedy: magic.remedy}
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return plain, &Refusal{File: name, Reason: "it is a tar archive", Remedy: "unpack it and drop the files in it, or ask for a zip"}
	}
	text := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte(utf8BOM))))
	switch {
	case bytes.HasPrefix(text, []byte("<!doctype html")), bytes.HasPrefix(text, []byte("<html")):
		return plain, &Refusal{
			File: name, Reason: "it is a web page, no data: most likely a sign-in or error page saved under this name",
			Remedy: "open it in a browser to see what it says, and download the file again",
		}
	case bytes.HasPrefix(text, []byte("<?xml")):
		return plain, &Refusal{File: name, Reason: "it is XML", Remedy: asText}
	case noText(head):
		return plain, &Refusal{File: name, Reason: "its bytes are no text", Remedy: "look what it is, and " + asText}
	}
	return plain, nil
}

// noText says whether bytes hold more control characters than a text with some
// damage does. Zeros do not count: UTF-16 has many.
func noText(head []byte) bool {
	const oneOf = 20
	controls := 0
	for _, c := range head {
		if c < ' ' && !bytes.ContainsRune([]byte("\x00\t\n\v\f\r\x1a"), rune(c)) {
			controls++
		}
	}
	return controls*oneOf > len(head)
}
