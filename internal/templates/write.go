package templates

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"socialvalue/internal/contract"
	"socialvalue/internal/zipped"
)

const (
	guide = "Read me"
	lists = "Lists" // hidden: choices too long to stand in a cell

	lastRow     = 2000 // down to which cells offer their choices
	longestList = 255  // characters that choices may have within a cell

	guideWidth = 90 // characters of a line of the guide
	lineHeight = 16 // points
)

// Write writes the workbook of a template.
func Write(ctx context.Context, out io.Writer, t *Template, request Request) (err error) {
	w := &writer{file: excelize.NewFile(), request: request}
	defer func() { err = errors.Join(err, w.file.Close()) }()
	if err := w.begin(); err != nil {
		return err
	}
	for i := range t.Sheets {
		sheet := &t.Sheets[i]
		rows, err := request.prefilled(ctx, t, sheet)
		if err != nil {
			return err
		}
		if _, err := w.file.NewSheet(sheet.Name); err != nil {
			return fmt.Errorf("add sheet %s: %w", sheet.Name, err)
		}
		write := w.grid
		if sheet.Answers > 0 {
			write = w.form
		}
		if err := write(t, sheet, rows); err != nil {
			return fmt.Errorf("write sheet %s: %w", sheet.Name, err)
		}
	}
	if err := w.end(t); err != nil {
		return err
	}
	var made bytes.Buffer
	if err := w.file.Write(&made); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return zipped.Sorted(made.Bytes(), out)
}

type writer struct {
	file    *excelize.File
	request Request
	styles  styles
	listed  int // columns of the sheet of lists that are taken
}

// styles are those of the cells.
type styles struct {
	heading, open, day, shown, title, words, question, answer, number int
}

func (w *writer) begin() error {
	isoDay := "yyyy-mm-dd"
	unlocked := &excelize.Protection{Locked: false}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	line := []excelize.Border{
		{Type: "left", Color: "8A9AA5", Style: 1}, {Type: "right", Color: "8A9AA5", Style: 1}, //nolint:misspell // the library spells so
		{Type: "top", Color: "8A9AA5", Style: 1}, {Type: "bottom", Color: "8A9AA5", Style: 1}, //nolint:misspell // the library spells so
	}
	fill := func(shade string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{shade}} //nolint:misspell // the library spells so
	}
	for _, one := range []struct {
		to    *int
		style *excelize.Style
	}{
		{&w.styles.heading, &excelize.Style{Font: &excelize.Font{Bold: true}, Fill: fill("DCE6EC"), Alignment: top}},
		{&w.styles.open, &excelize.Style{Protection: unlocked, Alignment: top}},
		{&w.styles.day, &excelize.Style{Protection: unlocked, Alignment: top, CustomNumFmt: &isoDay}},
		{&w.styles.shown, &excelize.Style{Font: &excelize.Font{Color: "5A6872"}, Fill: fill("F1F4F6"), Alignment: top}}, //nolint:misspell // the library spells so
		{&w.styles.title, &excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}}},
		{&w.styles.words, &excelize.Style{Alignment: top}},
		{&w.styles.question, &excelize.Style{Font: &excelize.Font{Bold: true, Size: 12}, Alignment: top}},
		{&w.styles.answer, &excelize.Style{Protection: unlocked, Alignment: top, Border: line, Fill: fill("FFFBEA")}},
		{&w.styles.number, &excelize.Style{Font: &excelize.Font{Bold: true, Size: 12}, Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "right"}}},
	} {
		id, err := w.file.NewStyle(one.style)
		if err != nil {
			return fmt.Errorf("make a style: %w", err)
		}
		*one.to = id
	}
	_, err := w.file.NewSheet(lists)
	made := w.request.Today.Format(time.RFC3339)
	return errors.Join(err,
		w.file.SetSheetName(w.file.GetSheetName(0), guide),
		w.file.SetDocProps(&excelize.DocProperties{Creator: w.request.Site, Created: made, Modified: made}),
	)
}

// end hides the lists and says what the workbook is. A form alone explains itself, and is the only sheet.
func (w *writer) end(t *Template) error {
	if len(t.Sheets) == 1 && t.Sheets[0].Answers > 0 {
		only, err := w.file.GetSheetIndex(t.Sheets[0].Name)
		w.file.SetActiveSheet(only)
		return errors.Join(err, w.file.DeleteSheet(guide), w.file.SetSheetVisible(lists, false))
	}
	lines := [][2]string{{w.request.words(nil).Replace(t.Title), ""}, {"From", w.request.Site}, {"For", t.For}}
	if t.Minutes > 0 {
		lines = append(lines, [2]string{"Takes", strconv.Itoa(t.Minutes) + " minutes"})
	}
	for _, p := range t.About {
		lines = append(lines, [2]string{p.Heading, w.request.words(nil).Replace(p.Text)})
	}
	if w.request.Release != "" && len(t.Questions) > 0 {
		lines = append(lines, [2]string{"Filled in so far", "From release " + w.request.Release + ", on " + w.request.Today.Format("2 January 2006") + "."})
	}
	for _, sheet := range t.Sheets {
		if sheet.Help != "" {
			lines = append(lines, [2]string{sheet.Name, sheet.Help})
		}
	}
	for i, line := range lines {
		row := strconv.Itoa(i + 1)
		style := w.styles.question
		if i == 0 {
			style = w.styles.title
		}
		if err := errors.Join(
			w.file.SetCellStr(guide, "A"+row, line[0]), w.file.SetCellStyle(guide, "A"+row, "A"+row, style),
			w.file.SetCellStr(guide, "B"+row, line[1]), w.file.SetCellStyle(guide, "B"+row, "B"+row, w.styles.words),
			w.file.SetRowHeight(guide, i+1, lineHeight*float64(1+len(line[1])/guideWidth)),
		); err != nil {
			return fmt.Errorf("write sheet %s: %w", guide, err)
		}
	}
	first, err := w.file.GetSheetIndex(guide)
	w.file.SetActiveSheet(first)
	return errors.Join(err,
		w.file.SetRowHeight(guide, 1, 24), w.file.SetColWidth(guide, "A", "A", 28), w.file.SetColWidth(guide, "B", "B", guideWidth), w.file.SetSheetVisible(lists, false),
		w.protect(guide),
	)
}

// protect locks what is not to be written in. There is no password: it keeps headings from being overtyped, no secret.
func (w *writer) protect(sheet string) error {
	return told("lock sheet "+sheet, w.file.ProtectSheet(sheet, &excelize.SheetProtectionOptions{
		SelectLockedCells: true, SelectUnlockedCells: true, FormatCells: true, FormatColumns: true, FormatRows: true,
		InsertRows: true, DeleteRows: true, Sort: true, AutoFilter: true,
	}))
}

// grid writes a sheet of rows below locked headings.
func (w *writer) grid(_ *Template, sheet *Sheet, rows [][]string) error {
	for i, column := range sheet.Columns {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return told("name a column", err)
		}
		style, heading := w.styleOf(sheet, column), sheet.heading(column)
		width := max(column.Width, 14, float64(len(heading)+2))
		if err := errors.Join(
			w.file.SetColWidth(sheet.Name, letter, letter, width), w.file.SetColStyle(sheet.Name, letter, style),
			w.file.SetCellStr(sheet.Name, letter+"1", heading), w.file.SetCellStyle(sheet.Name, letter+"1", letter+"1", w.styles.heading),
			w.file.AddComment(sheet.Name, note(letter+"1", sheet.hint(column))),
			w.validate(sheet, column, letter+"2:"+letter+strconv.Itoa(lastRow)),
		); err != nil {
			return fmt.Errorf("column %s: %w", heading, err)
		}
	}
	for i, row := range rows {
		for j, text := range row {
			cell, err := excelize.CoordinatesToCellName(j+1, i+2)
			if err == nil {
				err = w.set(sheet, sheet.Columns[j], cell, text)
			}
			if err == nil {
				err = w.file.SetCellStyle(sheet.Name, cell, cell, w.styleOf(sheet, sheet.Columns[j]))
			}
			if err != nil {
				return told("write a row", err)
			}
		}
	}
	return errors.Join(
		w.file.SetPanes(sheet.Name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
		w.protect(sheet.Name),
	)
}

func (w *writer) styleOf(sheet *Sheet, column Column) int {
	switch {
	case column.Show != "":
		return w.styles.shown
	case sheet.contract.Column(column.Column).Type == contract.TypeDate:
		return w.styles.day
	}
	return w.styles.open
}

// note is a comment that shows a hint when somebody points at a heading.
func note(cell, text string) excelize.Comment {
	return excelize.Comment{Cell: cell, Author: "svw", Text: text, Width: 260, Height: uint(60 + 18*(len(text)/40))}
}

// set writes numbers and days as such, all else as text.
func (w *writer) set(sheet *Sheet, column Column, cell, text string) error {
	if text == "" {
		return nil
	}
	kind := contract.TypeDecimal // what is only shown may be a number
	if column.Show == "" {
		kind = sheet.contract.Column(column.Column).Type
	}
	switch kind {
	case contract.TypeInteger, contract.TypeDecimal, contract.TypeMoney:
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			return told(cell, w.file.SetCellFloat(sheet.Name, cell, v, -1, 64))
		}
	case contract.TypeDate:
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			return told(cell, w.file.SetCellValue(sheet.Name, cell, day))
		}
	case contract.TypeBoolean:
		text = strings.NewReplacer("true", "yes", "false", "no").Replace(text)
	default:
	}
	return told(cell, w.file.SetCellStr(sheet.Name, cell, text))
}

// validate gives cells their choices and the hint that shows when one is chosen.
func (w *writer) validate(sheet *Sheet, column Column, cells string) error {
	if column.Show != "" {
		return nil
	}
	choices, err := w.request.choices(sheet, column)
	if err != nil {
		return err
	}
	c := sheet.contract.Column(column.Column)
	rule := excelize.NewDataValidation(true)
	rule.SetSqref(cells)
	switch {
	case len(choices) > 0:
		if err := w.offer(rule, choices); err != nil {
			return err
		}
		rule.SetError(excelize.DataValidationErrorStyleStop, "One of the list", "Choose one of: "+shortened(strings.Join(choices, ", "), 200))
	case c.Type == contract.TypeDecimal || c.Type == contract.TypeMoney || c.Type == contract.TypeInteger:
		if err := rule.SetRange(-1e15, 1e15, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween); err != nil {
			return told("ask for a number", err)
		}
		rule.SetError(excelize.DataValidationErrorStyleStop, "A number", "Write a number alone, without words.")
	default:
		rule.Type = "none" // a hint alone
	}
	rule.SetInput(shortened(sheet.heading(column), 32), shortened(sheet.hint(column), 255))
	return told("give a hint", w.file.AddDataValidation(sheet.Name, rule))
}

// offer puts choices into the rule, or where they are too many into the hidden sheet of lists.
func (w *writer) offer(rule *excelize.DataValidation, choices []string) error {
	if len(strings.Join(choices, ",")) <= longestList {
		return told("offer choices", rule.SetDropList(choices))
	}
	w.listed++
	letter, err := excelize.ColumnNumberToName(w.listed)
	if err != nil {
		return told("list choices", err)
	}
	for i, choice := range choices {
		if err := w.file.SetCellStr(lists, letter+strconv.Itoa(i+1), choice); err != nil {
			return told("list choices", err)
		}
	}
	rule.SetSqrefDropList(fmt.Sprintf("%s!$%s$1:$%s$%d", lists, letter, letter, len(choices)))
	return nil
}

// told says what was being done when something went wrong.
func told(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// shortened keeps to as many characters as Excel takes.
func shortened(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
