package workbook

import (
	"errors"
	"fmt"
)

// ErrPassword says that a workbook is locked and that the password for it is
// missing, wrong or cannot be fetched: what is wrong is not the file.
var ErrPassword = errors.New("the workbook is locked")

// Problem says why a workbook cannot be read as it is, and what to do about it.
type Problem struct {
	Sheet  string // "" when it is not about one sheet
	Row    int    // of the sheet, 0 when it is not about one row
	Reason string
	Remedy string
	Err    error // ErrPassword or the cause, if there is one
}

// Error names the sheet, the row, the reason and the remedy.
func (p *Problem) Error() string {
	where := ""
	if p.Sheet != "" {
		where = fmt.Sprintf("sheet %q: ", p.Sheet)
	}
	if p.Row > 0 {
		where += fmt.Sprintf("row %d: ", p.Row)
	}
	return where + p.Reason + "; " + p.Remedy
}

func (p *Problem) Unwrap() error { return p.Err }

const (
	askAgain   = "ask the sender for the file again"
	saveAsXLSX = "open it in Excel or LibreOffice and save it as .xlsx"
)

func damaged(format string, args ...any) *Problem {
	return &Problem{Reason: "the workbook is damaged: " + fmt.Sprintf(format, args...), Remedy: askAgain}
}
