package landing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Form is what a document is made of.
type Form int

// The forms of documents. Content decides which one a document has, but for
// GeoJSON and releases, which are text and go by their names.
const (
	Text Form = iota
	GeoJSON
	Releases // of contracting processes, as the Open Contracting Data Standard has them
	Workbook // of a spreadsheet; whether it can be read is for its reader to say
)

// Document is one text or workbook in a landed file.
type Document struct {
	Source string
	SHA256 string // of the landed file
	Name   string // the file's name in the site; of a member, followed by ! and the member's name, and of one sheet by ! and its name
	Member string // name of the member of a zip, "" otherwise: a label, never a path
	Sheet  string // of a workbook, when it is this sheet alone; "" when the layout says which
	Size   int64  // unpacked bytes, -1 if only reading tells
	Form   Form

	path    string // of the landed file
	kind    kind
	index   int // of the member in the zip
	limits  Limits
	survey  *survey // of a plain document landed by this run
	ordinal int     // place among the documents of its file
}

// OfSheet is one sheet of a workbook as a document of its own.
func (d Document) OfSheet(name string) Document {
	d.Sheet, d.Name = name, d.Name+"!"+name
	return d
}

// Part names a document among those of its file: its member, its sheet, or both;
// "" when it is all of it.
func (d Document) Part() string {
	if d.Member != "" && d.Sheet != "" {
		return d.Member + "!" + d.Sheet
	}
	return d.Member + d.Sheet
}

// Ignored is a member of an archive that is no document.
type Ignored struct {
	Name   string
	Reason string
}

// Contents is what a landed file holds: one document at least.
type Contents struct {
	Documents []Document
	Ignored   []Ignored
}

// Open tells what a landed file holds: one document if it is text or a workbook,
// plain or compressed, one for each member of a zip that is called like one,
// sorted by name. What the bytes are counts, not what the file is called. The
// error is a *Refusal when the file is at fault: ErrEmpty and others.
func (s *Store) Open(ctx context.Context, landed Landed) (Contents, error) {
	if err := ctx.Err(); err != nil {
		return Contents{}, fmt.Errorf("open %s: %w", landed.Name, err)
	}
	if landed.Size == 0 {
		return Contents{}, &Refusal{
			File: landed.Name, Reason: "it is empty (0 bytes)", Err: ErrEmpty,
			Remedy: "ask the sender for the file again",
		}
	}
	head, err := readHead(func() (io.ReadCloser, error) { return os.Open(landed.Path) })
	if err != nil {
		return Contents{}, fmt.Errorf("open %s: %w", landed.Name, err)
	}
	kind, refusal := sniff(landed.Name, head)
	if refusal != nil {
		return Contents{}, refusal
	}
	doc := Document{
		Source: landed.Source, SHA256: landed.SHA256, Name: landed.Name, Size: landed.Size,
		path: landed.Path, kind: kind, limits: s.limits, Form: formOf(landed.Name, kind),
	}
	switch kind {
	case gzipped:
		doc.Size = -1
		if err := doc.lookInside(); err != nil {
			return Contents{}, err
		}
	case zipped:
		return openZip(doc, landed.Size)
	case compound:
	default:
		doc.survey = landed.survey
	}
	return Contents{Documents: []Document{doc}}, nil
}

// Open returns the text of a document as it was sent, unpacked. Whoever reads
// it meets a *Refusal where the packed data are damaged or unpack to more than
// the limits allow.
func (d Document) Open() (io.ReadCloser, error) {
	f, err := os.Open(d.path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.Name, err)
	}
	var packed *unpacker
	switch {
	case d.kind == gzipped:
		packed, err = openGzip(d, f)
	case d.Member != "":
		packed, err = openMember(d, f)
	default:
		return f, nil
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return packed, nil
}

// formOf is the form of a document whose bytes are of a kind.
func formOf(name string, kind kind) Form {
	if kind == zipped || kind == compound {
		return Workbook
	}
	switch path.Ext(strings.ToLower(name)) {
	case ".geojson":
		return GeoJSON
	case ".json", ".jsonl", ".ndjson":
		return Releases
	}
	return Text
}

// lookInside finds the form of a packed document. One that is packed again is
// refused, unless it may be a workbook.
func (d *Document) lookInside() error {
	head, err := readHead(d.Open)
	if err != nil {
		return err
	}
	kind, refusal := sniff(d.Name, head)
	if refusal != nil {
		return refusal
	}
	if kind == gzipped {
		return &Refusal{
			File: d.Name, Reason: "it is an archive inside an archive",
			Remedy: "unpack the outer one and drop what is in it",
		}
	}
	d.Form = formOf(strings.TrimSuffix(strings.ToLower(d.Name), ".gz"), kind)
	return nil
}

// Path is the landed file when it holds the document as it is, "" when the
// document is packed in it.
func (d Document) Path() string {
	if d.kind == gzipped || d.Member != "" {
		return ""
	}
	return d.path
}

// readHead returns the first bytes of a text. A text that breaks later on is
// no concern here.
func readHead(open func() (io.ReadCloser, error)) ([]byte, error) {
	r, err := open()
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	head := make([]byte, sniffed)
	n, err := io.ReadFull(r, head)
	if n == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the beginning: %w", err)
	}
	return head[:n], nil
}

// stem is the name of the clean copy of a document, without its random part.
func (d Document) stem() string {
	return fmt.Sprintf("%s-%d", d.SHA256[:min(16, len(d.SHA256))], d.ordinal)
}

// climbs reports whether a member's name would lead out of a folder. Members
// are never written under their names, but an archive with such a name was made
// by somebody with no good intent, or by a program that is broken.
func climbs(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	if strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' {
		return true
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}
