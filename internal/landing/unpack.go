package landing

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strings"
)

// openZip lists the documents of a zip and refuses one that is not safe to read.
func openZip(file Document, size int64) (Contents, error) {
	f, err := os.Open(file.path)
	if err != nil {
		return Contents{}, fmt.Errorf("open %s: %w", file.Name, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	archive, err := zip.NewReader(io.NewSectionReader(f, 0, size), size)
	if err != nil {
		return Contents{}, brokenZip(file.Name, size, err)
	}
	if isWorkbook(archive) {
		return Contents{Documents: []Document{file}}, nil
	}
	if err := checkZip(file, archive, size); err != nil {
		return Contents{}, err
	}

	var contents Contents
	for i, member := range archive.File {
		name := strings.ToValidUTF8(member.Name, "\ufffd")
		reason := ignoreMember(name, member)
		if reason != "" {
			contents.Ignored = append(contents.Ignored, Ignored{Name: name, Reason: reason})
			continue
		}
		if member.FileInfo().IsDir() {
			continue
		}
		doc := file
		doc.Member, doc.Name, doc.index = name, file.Name+"!"+name, i
		doc.Size = unpackedSize(member)
		contents.Documents = append(contents.Documents, doc)
	}
	byName := func(a, b Document) int { return strings.Compare(a.Member, b.Member) }
	slices.SortFunc(contents.Documents, byName)
	slices.SortFunc(contents.Ignored, func(a, b Ignored) int { return strings.Compare(a.Name, b.Name) })
	if len(contents.Documents) == 0 {
		return Contents{}, &Refusal{
			File: file.Name, Reason: "the zip holds no .csv, .txt, .xlsx or .json file", Remedy: "look what is in it and ask for the data as CSV or .xlsx",
		}
	}
	for i := range contents.Documents {
		doc := &contents.Documents[i]
		doc.ordinal = i
		if i > 0 && doc.Member == contents.Documents[i-1].Member {
			return Contents{}, &Refusal{
				File: doc.Name, Reason: "two members of the zip have this name", Remedy: "unpack it by hand and drop the right one",
			}
		}
		if err := doc.lookInside(); err != nil {
			return Contents{}, err
		}
	}
	return contents, nil
}

// isWorkbook says whether a zip is the package of an Excel workbook.
func isWorkbook(archive *zip.Reader) bool {
	return slices.ContainsFunc(archive.File, func(member *zip.File) bool {
		name := strings.ToLower(strings.ReplaceAll(member.Name, `\`, "/"))
		return strings.HasPrefix(strings.TrimPrefix(name, "/"), "xl/")
	})
}

// checkZip looks at every entry, wanted or not, before any is read.
func checkZip(file Document, archive *zip.Reader, size int64) error {
	limits := file.limits
	refuse := func(member, reason, remedy string) error {
		name := file.Name
		if member != "" {
			name += "!" + strings.ToValidUTF8(member, "\ufffd")
		}
		return &Refusal{File: name, Reason: reason, Remedy: remedy}
	}
	if len(archive.File) > limits.Members {
		return refuse("", fmt.Sprintf("the zip holds %d entries, more than %d", len(archive.File), limits.Members),
			"unpack it by hand and drop the files that are wanted")
	}
	var total int64
	for _, member := range archive.File {
		if member.Name == "content.xml" {
			return refuse("", "it is an OpenDocument file (.ods)", "save the sheet as .xlsx or CSV and drop that")
		}
		if climbs(member.Name) {
			return refuse(member.Name, "the member's name leads out of the archive's folder",
				"do not unpack it; ask the sender how it was made and for a clean one")
		}
		const encrypted = 0x1
		if member.Flags&encrypted != 0 {
			return refuse(member.Name, "it is encrypted with a password", "unpack it by hand and drop the file, or ask for a zip without password")
		}
		unpacked := unpackedSize(member)
		if unpacked > limits.Unpacked-total {
			return refuse("", fmt.Sprintf("the zip unpacks to more than %d bytes", limits.Unpacked), tooBig)
		}
		total += unpacked
	}
	if total > limits.RatioFrom && total/limits.Ratio > size {
		return refuse("", fmt.Sprintf("the zip of %d bytes unpacks to %d, more than %d times as many", size, total, limits.Ratio), tooBig)
	}
	return nil
}

const tooBig = "it may be made to fill the disk; if it is genuine, unpack it by hand and drop the files"

// ignoreMember says why a member is no document, or "" if it is one or a folder.
func ignoreMember(name string, member *zip.File) string {
	base := path.Base(name)
	lower := strings.ToLower(name)
	switch {
	case member.FileInfo().IsDir():
		return ""
	case strings.HasPrefix(name, "__MACOSX/"), strings.HasPrefix(base, "."):
		return "it is a hidden file of the machine that made the zip"
	case !member.Mode().IsRegular():
		return "it is not a regular file"
	case slices.Contains([]string{".csv", ".txt", ".xlsx", ".xlsm", ".json", ".jsonl", ".ndjson"}, path.Ext(lower)):
		return ""
	}
	return "only .csv, .txt, .xlsx and .json members are read: if it holds data, drop it by itself"
}

// unpackedSize is the size that a zip announces for a member.
func unpackedSize(member *zip.File) int64 {
	return int64(min(member.UncompressedSize64, math.MaxInt64))
}

// openMember opens a member of a zip.
func openMember(d Document, f *os.File) (*unpacker, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.Name, err)
	}
	archive, err := zip.NewReader(io.NewSectionReader(f, 0, info.Size()), info.Size())
	if err != nil || d.index >= len(archive.File) {
		return nil, brokenZip(d.Name, info.Size(), err)
	}
	member := archive.File[d.index]
	u := &unpacker{doc: d, file: f, declared: unpackedSize(member)}
	archive.RegisterDecompressor(zip.Store, func(r io.Reader) io.ReadCloser {
		return io.NopCloser(u.count(r))
	})
	archive.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser {
		return flate.NewReader(u.count(r))
	})
	u.r, err = member.Open()
	switch {
	case errors.Is(err, zip.ErrAlgorithm):
		return nil, &Refusal{
			File: d.Name, Reason: fmt.Sprintf("it is packed by method %d, which is not known here", member.Method),
			Remedy: "pack it again as an ordinary zip (Deflate; Windows takes Deflate64 beyond 2 GB), or as .gz", Err: err,
		}
	case err != nil:
		return nil, brokenZip(d.Name, info.Size(), err)
	}
	return u, nil
}

// openGzip opens a gzipped document.
func openGzip(d Document, f *os.File) (*unpacker, error) {
	u := &unpacker{doc: d, file: f, declared: -1}
	r, err := gzip.NewReader(u.count(f))
	if err != nil {
		return nil, u.damaged(err)
	}
	u.r = r
	return u, nil
}

// counter counts the packed bytes that a decompressor has really taken: one
// that can read single bytes never reads ahead.
type counter struct {
	r *bufio.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err //nolint:wrapcheck // readers compare it with io.EOF
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err //nolint:wrapcheck // readers compare it with io.EOF
}

// unpacker reads a packed document within its limits and tells where it breaks.
type unpacker struct {
	doc      Document
	r        io.ReadCloser
	file     *os.File
	packed   counter
	declared int64 // unpacked bytes announced, -1 if none are
	n        int64 // unpacked bytes so far
	err      error // once broken, always broken
}

// count makes r the source of packed bytes.
func (u *unpacker) count(r io.Reader) *counter {
	u.packed = counter{r: bufio.NewReaderSize(r, 64<<10)}
	return &u.packed
}

func (u *unpacker) Read(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	n, err := u.r.Read(p)
	u.n += int64(n)
	limits := u.doc.limits
	switch {
	case u.n > limits.Unpacked:
		n, err = 0, u.refuse("it unpacks to more than %d bytes", limits.Unpacked)
	case u.declared >= 0 && u.n > u.declared:
		n, err = 0, u.refuse("it unpacks to more than the %d bytes it announces", u.declared)
	case u.n > limits.RatioFrom && u.n/limits.Ratio > u.packed.n:
		n, err = 0, u.refuse("it unpacks to more than %d times its size", limits.Ratio)
	case err != nil && !errors.Is(err, io.EOF):
		err = u.damaged(err)
	}
	u.err = err
	return n, err
}

func (u *unpacker) refuse(reason string, n int64) error {
	return &Refusal{File: u.doc.Name, Reason: fmt.Sprintf(reason, n), Remedy: tooBig}
}

// damaged says where packed data break off. An error of the disk stays one.
func (u *unpacker) damaged(err error) error {
	if ofDisk(err) {
		return fmt.Errorf("read %s: %w", u.doc.Name, err)
	}
	reason := "the packed data are damaged"
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		reason = "the packed data end too early"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zip.ErrChecksum):
		reason = "the packed data do not have the checksum they should"
	}
	return &Refusal{
		File: u.doc.Name, Reason: fmt.Sprintf("%s, at byte %d of %s (%d bytes unpacked)", reason, u.packed.n, u.what(), u.n),
		Remedy: "the copy is incomplete: ask for the file again",
	}
}

// ofDisk tells an error of the disk from one of the data read from it.
func ofDisk(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path)
}

func (u *unpacker) what() string {
	if u.doc.kind == gzipped {
		return "the .gz"
	}
	return "the member"
}

func (u *unpacker) Close() error {
	return errors.Join(u.r.Close(), u.file.Close())
}

func brokenZip(name string, size int64, err error) error {
	if ofDisk(err) {
		return fmt.Errorf("open %s: %w", name, err)
	}
	return &Refusal{
		File: name, Reason: fmt.Sprintf("the zip has no readable list of its members: it ends at byte %d, most likely too early", size),
		Remedy: "the copy is incomplete: ask for the file again",
	}
}
