package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strings"
)

// Options say how a workbook is opened.
type Options struct {
	// Password fetches the password; it is asked only for a locked workbook. nil:
	// there is none.
	Password func() (string, error)
	TempDir  string // where the shared strings are kept while the workbook is open
	Limits   Limits
}

// Limits bound what a workbook may unpack to.
type Limits struct {
	Locked   int64 // bytes of a locked workbook, which is unlocked in memory
	Unpacked int64 // bytes of all parts together
	Ratio    int64 // unpacked bytes per packed byte …
	From     int64 // … judged from so many unpacked bytes on
}

// DefaultLimits let a workbook of 100 MB pass and stop a bomb.
func DefaultLimits() Limits {
	return Limits{Locked: 128 << 20, Unpacked: 20 << 30, Ratio: 200, From: 100 << 20}
}

// Sheet is a worksheet of a workbook.
type Sheet struct {
	Name   string
	Hidden bool
	Turned bool // read column by column, as a form

	part string
}

// Workbook is an open workbook.
type Workbook struct {
	Sheets []Sheet // in the order of their tabs; charts are none

	parts    map[string]*zip.File
	size     int64
	date1904 bool
	formats  []format // by style
	strings  sharedStrings
	merges   map[string][]Merge // by part, once they were read
}

// Open reads what a workbook says of itself. A file at fault is a *Problem. The
// reader must stay open until Close.
func Open(r io.ReaderAt, size int64, options Options) (*Workbook, error) {
	r, size, err := unlock(r, size, options)
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, damaged("it has no readable list of its parts")
	}
	w := &Workbook{size: size, parts: map[string]*zip.File{}, merges: map[string][]Merge{}}
	if err := w.index(archive, options.Limits); err != nil {
		return nil, err
	}
	if err := w.describe(options.TempDir); err != nil {
		return nil, err
	}
	return w, nil
}

// Close forgets the workbook and removes its temporary file.
func (w *Workbook) Close() error { return w.strings.close() }

// index lists the parts and refuses a package that is not safe to read.
func (w *Workbook) index(archive *zip.Reader, limits Limits) error {
	var unpacked int64
	for _, part := range archive.File {
		name := partName(part.Name)
		if w.parts[name] != nil {
			return damaged("two of its parts have the same name")
		}
		w.parts[name] = part
		size := int64(min(part.UncompressedSize64, math.MaxInt64))
		if size > limits.Unpacked-unpacked {
			return &Problem{Reason: fmt.Sprintf("it unpacks to more than %d bytes", limits.Unpacked), Remedy: "it may be made to fill the disk; if it is genuine, save the sheet as CSV"}
		}
		unpacked += size
	}
	if unpacked > limits.From && unpacked/limits.Ratio > w.size {
		return &Problem{
			Reason: fmt.Sprintf("its %d bytes unpack to %d, more than %d times as many", w.size, unpacked, limits.Ratio),
			Remedy: "it may be made to fill the disk; if it is genuine, save the sheet as CSV",
		}
	}
	return nil
}

// partName is the name of a part as others refer to it: names do not differ by
// case alone, and some programs write backslashes.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

// open opens a part for reading. Its announced size is enforced by the reader.
func (w *Workbook) open(name string) (io.ReadCloser, error) {
	part := w.parts[partName(name)]
	if part == nil {
		return nil, damaged("its part %s is missing", path.Base(name))
	}
	r, err := part.Open()
	if err != nil {
		return nil, damaged("its part %s cannot be unpacked", path.Base(name))
	}
	return r, nil
}

// related is what a part refers to.
type related struct{ kind, target string }

// relations reads what a part refers to, by id.
func (w *Workbook) relations(part string) (map[string]related, error) {
	found := map[string]related{}
	name := "_rels/.rels" // of the package itself
	if part != "" {
		name = path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
	}
	if w.parts[partName(name)] == nil {
		return found, nil
	}
	err := w.each(name, func(x *xmlReader, e element) error {
		if e.name == "Relationship" && e.attr("TargetMode") != "External" {
			target := e.attr("Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(path.Dir(part), target)
			}
			found[e.attr("Id")] = related{path.Base(e.attr("Type")), target}
		}
		return nil
	})
	return found, err
}

// describe finds the sheets, the date system, the formats and the shared strings.
func (w *Workbook) describe(tempDir string) error {
	if w.parts["xl/workbook.bin"] != nil {
		return &Problem{Reason: "it is a binary Excel workbook (.xlsb)", Remedy: saveAsXLSX}
	}
	main := "xl/workbook.xml"
	top, err := w.relations("")
	if err != nil {
		return err
	}
	for _, r := range top {
		if r.kind == "officeDocument" {
			main = r.target
		}
	}
	if w.parts[partName(main)] == nil {
		return &Problem{Reason: "it is a zip archive, but no Excel workbook", Remedy: "unpack it and drop what is in it"}
	}
	relations, err := w.relations(main)
	if err != nil {
		return err
	}
	err = w.each(main, func(_ *xmlReader, e element) error {
		switch e.name {
		case "workbookPr":
			w.date1904 = isTrue(e.attr("date1904"))
		case "sheet":
			if to := relations[e.attr("id")]; to.kind == "worksheet" {
				state := e.attr("state")
				w.Sheets = append(w.Sheets, Sheet{Name: e.attr("name"), Hidden: state == "hidden" || state == "veryHidden", part: to.target})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(w.Sheets) == 0 {
		return &Problem{Reason: "the workbook has no worksheet", Remedy: askAgain}
	}
	w.strings = sharedStrings{tempDir: tempDir}
	for _, r := range relations {
		switch r.kind {
		case "styles":
			if w.formats, err = w.readFormats(r.target); err != nil {
				return err
			}
		case "sharedStrings":
			w.strings.part = r.target
		}
	}
	return nil
}

// each calls visit for every element of a part.
func (w *Workbook) each(part string, visit func(x *xmlReader, e element) error) (err error) {
	r, err := w.open(part)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // it was only read
	x := newXMLReader(r)
	for {
		e, err := x.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return w.broken(part, err)
		case e.kind != startElement:
			continue
		}
		if err := visit(x, e); err != nil {
			return w.broken(part, err)
		}
	}
}

// broken says that a part cannot be read to its end. Trouble of the disk is
// no fault of the workbook.
func (w *Workbook) broken(part string, err error) error {
	var problem *Problem
	var disk *diskError
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &disk):
		return disk.err
	}
	return damaged("its part %s cannot be read to its end (%s)", path.Base(part), whatBroke(err))
}

// diskError marks trouble with the temporary file.
type diskError struct{ err error }

func (e *diskError) Error() string { return e.err.Error() }

// whatBroke describes an error of unpacking or of XML without its text, which
// may quote values.
func whatBroke(err error) string {
	var syntax *syntaxError
	switch {
	case errors.As(err, &syntax):
		return syntax.Error()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "it ends too early"
	case errors.Is(err, zip.ErrChecksum):
		return "its checksum is wrong"
	}
	return "its bytes are not what they should be"
}

func isTrue(text string) bool { return text == "1" || text == "true" || text == "on" }

// isCompound says whether bytes begin as an OLE compound file does: an old
// workbook, or one with a password.
func isCompound(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
}
