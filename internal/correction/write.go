package correction

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Line is a cell to be corrected: what is known of it before anybody decides.
type Line struct {
	SourceFile string
	Row        int64
	SHA256     string
	Column     string // empty: whoever corrects it says which
	Rule       string
	Problem    string
	Shown      string // never of a personal column
}

// Write writes a file of corrections to be filled in, as spreadsheets open it.
func Write(w io.Writer, lines []Line) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write the corrections: %w", err)
	}
	out := csv.NewWriter(w)
	rows := [][]string{Exported()}
	for _, line := range lines {
		rows = append(rows, []string{
			line.SourceFile, strconv.FormatInt(line.Row, 10), line.SHA256, line.Column, line.Rule, line.Problem, harmless(line.Shown), "", "", "", "", "",
		})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the corrections: %w", err)
	}
	return nil
}

// harmless keeps a spreadsheet from running a text: shown values are only looked
// at.
func harmless(text string) string {
	if text != "" && strings.ContainsAny(text[:1], "=+-@\t\r") {
		return "'" + text
	}
	return text
}
