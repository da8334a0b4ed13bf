package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Find returns the sheet that a layout means: by its exact name, by its place
// among the visible tabs, by a pattern with * and ? that one visible sheet fits,
// or, when neither name nor place is said, the only visible one. The error says
// what the layout wants and what there is.
func (w *Workbook) Find(wanted string, place int) (Sheet, error) {
	for _, sheet := range w.Sheets {
		if sheet.Name == wanted {
			return sheet, nil
		}
	}
	var visible []Sheet
	for _, sheet := range w.Sheets {
		if !sheet.Hidden {
			visible = append(visible, sheet)
		}
	}
	if place > len(visible) {
		return Sheet{}, fmt.Errorf("wants sheet %d, and the workbook has %s", place, list(visible))
	}
	if place > 0 {
		return visible[place-1], nil
	}
	fits := visible
	if wanted != "" {
		fits = slices.DeleteFunc(slices.Clone(visible), func(sheet Sheet) bool { return !sheet.Fits(wanted) })
	}
	switch {
	case len(fits) == 1:
		return fits[0], nil
	case wanted == "":
		return Sheet{}, fmt.Errorf("does not say which sheet, and the workbook has %s: add format: {sheet: NAME}", list(visible))
	case len(fits) == 0:
		return Sheet{}, fmt.Errorf("wants sheet %q, and the workbook has %s", wanted, list(visible))
	}
	return Sheet{}, fmt.Errorf("wants one sheet %q, and these fit: %s", wanted, list(fits))
}

// Fits says whether a pattern with * and ? fits the name of the sheet; capitals
// do not count.
func (s Sheet) Fits(pattern string) bool {
	ok, err := path.Match(globOf(pattern), strings.ToLower(s.Name))
	return err == nil && ok
}

// globOf is a pattern in which only * and ? have a meaning, for path.Match; the
// name of a sheet has neither \ nor /.
func globOf(wanted string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`).Replace(strings.ToLower(wanted))
}

func list(sheets []Sheet) string {
	const most = 20
	if len(sheets) == 0 {
		return "no visible sheet"
	}
	names := make([]string, 0, len(sheets))
	for i, sheet := range sheets {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(sheets)-most))
			break
		}
		names = append(names, strconv.Quote(sheet.Name))
	}
	return strings.Join(names, ", ")
}

// Range is a rectangle of cells, its last row and column included.
type Range struct{ Row, Column, LastRow, LastColumn int }

// Merge is a range of cells merged into one; what it holds is in its first.
type Merge = Range

// maxMerges bounds what is kept of a sheet's merges.
const maxMerges = 1 << 18

// Merges returns the merged cells of a sheet. They are written behind its rows.
func (w *Workbook) Merges(sheet Sheet) ([]Merge, error) {
	merges, err := w.mergesOf(sheet)
	if err != nil || !sheet.Turned {
		return merges, err
	}
	turned := make([]Merge, len(merges))
	for i, m := range merges {
		turned[i] = Merge{Row: m.Column, Column: m.Row, LastRow: m.LastColumn, LastColumn: m.LastRow}
	}
	return turned, nil
}

func (w *Workbook) mergesOf(sheet Sheet) (merges []Merge, err error) {
	if found, ok := w.merges[sheet.part]; ok {
		return found, nil
	}
	r, err := w.open(sheet.part)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	rest, err := behindRows(r)
	if errors.Is(err, io.EOF) {
		return nil, nil // a sheet without rows, or one whose rows do not end, as reading them will say
	}
	if err != nil {
		return nil, w.brokenSheet(sheet, 0, err)
	}
	if merges, err = readMerges(rest); err != nil {
		return nil, w.brokenSheet(sheet, 0, err)
	}
	w.merges[sheet.part] = merges
	return merges, nil
}

func readMerges(rest io.Reader) ([]Merge, error) {
	var merges []Merge
	x := within("worksheet", rest)
	for {
		e, err := x.next()
		switch {
		case errors.Is(err, io.EOF):
			return merges, nil
		case err != nil:
			return nil, err
		case e.kind != startElement || e.name != "mergeCell":
			continue
		}
		first, last, _ := strings.Cut(e.attr("ref"), ":")
		var m Merge
		var ok, okLast bool
		m.Column, m.Row, ok = parseRef(first)
		m.LastColumn, m.LastRow, okLast = parseRef(last)
		if last == "" {
			m.LastColumn, m.LastRow, okLast = m.Column, m.Row, true
		}
		if !ok || !okLast || m.LastColumn < m.Column || m.LastRow < m.Row || len(merges) >= maxMerges {
			return nil, damaged("its list of merged cells cannot be read")
		}
		merges = append(merges, m)
	}
}

// behindRows reads past the end of the rows, </sheetData> with any prefix; io.EOF
// when there is none.
func behindRows(r io.Reader) (io.Reader, error) {
	buf := make([]byte, 0, 256<<10)
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if at := endOfRows(buf); at > 0 {
			return io.MultiReader(bytes.NewReader(bytes.Clone(buf[at:])), r), nil
		}
		if err != nil {
			return nil, err //nolint:wrapcheck // the caller compares it with io.EOF
		}
		const kept = 256 // more than the end tag with its prefix
		if len(buf) > cap(buf)/2 {
			buf = append(buf[:0], buf[len(buf)-kept:]...)
		}
	}
}

// endOfRows is the place behind the end tag of the rows; 0 when it is not there
// or not yet whole.
func endOfRows(buf []byte) int {
	const name = "sheetData"
	for from := 0; ; {
		i := bytes.Index(buf[from:], []byte(name))
		if i < 0 {
			return 0
		}
		i += from
		open, end := bytes.LastIndexByte(buf[:i], '<'), bytes.IndexByte(buf[i:], '>')
		if open >= 0 && buf[open+1] == '/' && bytes.IndexByte(buf[open:i], '>') < 0 {
			if end < 0 {
				return 0
			}
			return i + end + 1
		}
		from = i + 1
	}
}
