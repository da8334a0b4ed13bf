package load

import (
	"context"
	"errors"
	"fmt"

	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
)

// Refusal says why a whole file was not loaded and what to do about it. The
// last good data stay.
type Refusal struct {
	File   string // as the person knows it; for a document of an archive "archive.zip!member.csv"
	Line   int64  // 0 when the reason is not in one line
	Reason string
	Remedy string

	Differences []layout.Difference // where its columns are not the contract's
}

// Error names the file, the line, the reason and the remedy.
func (r *Refusal) Error() string {
	where := r.File
	if r.Line > 0 {
		where = fmt.Sprintf("%s:%d", r.File, r.Line)
	}
	if r.Remedy == "" {
		return fmt.Sprintf("%s: refused: %s", where, r.Reason)
	}
	return fmt.Sprintf("%s: refused: %s; %s", where, r.Reason, r.Remedy)
}

// refusalOf makes what is wrong with a document a refusal that names it. An
// error that is not about the document is only wrapped.
func refusalOf(label string, err error) error {
	var refusal *Refusal
	var landed *landing.Refusal
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &refusal):
		return refusal
	case errors.As(err, &landed):
		return &Refusal{File: label, Line: landed.Line, Reason: landed.Reason, Remedy: landed.Remedy}
	}
	return fmt.Errorf("load %s: %w", label, err)
}
