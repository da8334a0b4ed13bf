package documents

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
	"socialvalue/internal/workbook"
)

// sheet is a document that is a workbook; a layout says which of its sheets
// holds the rows.
type sheet struct {
	landed   landing.Document
	copies   *copies
	password func() (string, error)

	file *os.File
	book *workbook.Workbook
}

func (s *sheet) Header(ctx context.Context, format layout.Format) (header []string, fields int, err error) {
	chosen, err := s.choose(ctx, format)
	if err != nil {
		return nil, 0, err
	}
	at, err := s.frame(ctx, chosen, format)
	if err != nil {
		return nil, 0, s.refusal(chosen, err)
	}
	return at.header, at.fields, nil
}

// glimpsed is how many rows of a sheet are looked at.
const glimpsed = 50

func (s *sheet) Glimpse(ctx context.Context, format layout.Format) (landing.Glimpse, error) {
	glimpse := landing.Glimpse{Encoding: layout.UTF8}
	chosen, err := s.choose(ctx, format)
	if err != nil {
		return glimpse, err
	}
	for row, err := range s.book.Rows(chosen) {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return glimpse, s.refusal(chosen, err)
		}
		var fields []string
		for i := range row.Cells {
			cell := &row.Cells[i]
			text, rule, _ := cell.Text(workbook.AsText)
			if rule != "" {
				text = ""
			}
			for len(fields) < cell.Column {
				fields = append(fields, "")
			}
			fields[cell.Column-1] = text
		}
		if len(fields) > 0 {
			glimpse.Records = append(glimpse.Records, landing.GlimpsedRecord{Line: int64(row.Number), Fields: fields})
		}
		if len(glimpse.Records) == glimpsed {
			break
		}
	}
	return glimpse, nil
}

// Written is CSV with the layout's dates and ISO dates: what Excel keeps as a
// day comes out as such, and what somebody typed as text stays as typed.
func (s *sheet) Written(format layout.Format) (layout.Format, error) {
	dates, err := layout.WithISO(format.Dates)
	if err != nil {
		return format, &landing.Refusal{File: s.landed.Name, Reason: err.Error(), Remedy: "give workbooks a layout of their own", Err: err}
	}
	format.Encoding, format.Delimiter, format.Dates = layout.UTF8, ",", dates
	return format, nil
}

func (s *sheet) Part(format layout.Format) string {
	if s.book == nil {
		return ""
	}
	if s.landed.Sheet != "" {
		return "" // the document is named after it
	}
	chosen, err := s.book.Find(format.Sheet.Name, format.Sheet.Place)
	if err != nil {
		return ""
	}
	return chosen.Name
}

func (s *sheet) Row() string { return "row" }

func (s *sheet) Close() error {
	var err error
	if s.book != nil {
		err = s.book.Close()
	}
	if s.file != nil {
		err = errors.Join(err, s.file.Close())
	}
	s.book, s.file = nil, nil
	return errors.Join(err, s.copies.remove())
}

func (s *sheet) Prepare(ctx context.Context, format layout.Format, columns map[int]contract.Type, _ bool) (landing.Prepared, error) {
	chosen, err := s.choose(ctx, format)
	if err != nil {
		return landing.Prepared{}, err
	}
	prepared, err := s.table(ctx, chosen, format, columns)
	if err != nil {
		return landing.Prepared{}, s.refusal(chosen, err)
	}
	return prepared, nil
}

// choose finds the sheet that a layout means.
func (s *sheet) choose(ctx context.Context, format layout.Format) (workbook.Sheet, error) {
	if err := s.open(ctx); err != nil {
		return workbook.Sheet{}, err
	}
	wanted, place := format.Sheet.Name, format.Sheet.Place
	if s.landed.Sheet != "" {
		wanted, place = s.landed.Sheet, 0
	}
	chosen, err := s.book.Find(wanted, place)
	if err != nil {
		return workbook.Sheet{}, &layout.MisfitError{Why: err.Error()}
	}
	chosen.Turned = format.Turned
	return chosen, nil
}

// open opens the workbook, once.
func (s *sheet) open(ctx context.Context) error {
	if s.book != nil {
		return nil
	}
	if s.file == nil {
		file, err := s.whole(ctx)
		if err != nil {
			return err
		}
		s.file = file
	}
	info, err := s.file.Stat()
	if err != nil {
		return fmt.Errorf("open %s: %w", s.landed.Name, err)
	}
	book, err := workbook.Open(s.file, info.Size(), workbook.Options{
		Password: s.password, TempDir: s.copies.dir, Limits: workbook.DefaultLimits(),
	})
	if err != nil {
		return s.refusal(workbook.Sheet{}, err)
	}
	s.book = book
	return nil
}

// whole is a file that holds the workbook and nothing else: the landed one, or
// what it was packed in.
func (s *sheet) whole(ctx context.Context) (*os.File, error) {
	if path := s.landed.Path(); path != "" {
		return os.Open(path)
	}
	in, err := s.landed.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	out, err := s.copies.create("workbook-*.xlsx")
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", s.landed.Name, err)
	}
	if _, err := io.Copy(out, reader{ctx, in}); err != nil {
		return nil, errors.Join(fmt.Errorf("unpack %s: %w", s.landed.Name, err), out.Close())
	}
	return out, nil
}

// reader stops when the run is cancelled.
type reader struct {
	ctx context.Context //nolint:containedctx // it lives as long as one copy
	io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p) //nolint:wrapcheck // readers compare it with io.EOF
}

// refusal names the document in what is wrong with a workbook.
func (s *sheet) refusal(chosen workbook.Sheet, err error) error {
	var problem *workbook.Problem
	if !errors.As(err, &problem) {
		var refusal *landing.Refusal
		if errors.As(err, &refusal) {
			return refusal
		}
		return fmt.Errorf("read %s: %w", s.landed.Name, err)
	}
	reason := problem.Reason
	if chosen.Name != "" {
		reason = fmt.Sprintf("sheet %q: %s", chosen.Name, reason)
	}
	return &landing.Refusal{File: s.landed.Name, Line: int64(problem.Row), Reason: reason, Remedy: problem.Remedy, Err: err}
}
