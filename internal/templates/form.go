package templates

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"

	"socialvalue/internal/contract"
)

// Where the parts of a form stand: numbers in A, questions in B, answers from C on.
const (
	numbersColumn   = "A"
	questionsColumn = "B"
	firstAnswer     = 3
)

// form writes questions one below the other, with answers beside them: a column for each thing that is told, and one
// wide box for what is said once. Above them stands what somebody must know to begin; it is in column A, which is not read.
func (w *writer) form(t *Template, sheet *Sheet, _ [][]string) error {
	words := w.request.words(nil)
	name := sheet.Name
	last, err := excelize.ColumnNumberToName(firstAnswer + sheet.Answers - 1)
	if err != nil {
		return fmt.Errorf("name its last column: %w", err)
	}
	row := 1
	say := func(text string, style int) {
		at := numbersColumn + strconv.Itoa(row)
		err = errors.Join(err, w.file.SetCellStr(name, at, text), w.file.SetCellStyle(name, at, at, style))
		row++
	}
	say(words.Replace(t.Title), w.styles.title)
	plain, err2 := w.file.NewStyle(&excelize.Style{Font: &excelize.Font{Color: "333333"}}) //nolint:misspell // the library spells so
	err = errors.Join(err, err2)
	for _, p := range t.About {
		say(words.Replace(p.Text), plain)
	}
	row++
	if err != nil {
		return err
	}
	for _, column := range sheet.Columns {
		if err := w.ask(sheet, column, row, last); err != nil {
			return fmt.Errorf("question %q: %w", sheet.heading(column), err)
		}
		row++
	}
	err = w.file.SetRowHeight(name, 1, 26)
	landscape, one, none := "landscape", 1, 0
	return errors.Join(err,
		w.file.SetColWidth(name, numbersColumn, numbersColumn, 4), w.file.SetColWidth(name, questionsColumn, questionsColumn, 46),
		w.file.SetColWidth(name, "C", last, 24), w.protect(name),
		w.file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &one, FitToHeight: &none}),
		w.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: ptr(true)}),
		w.file.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: ptr(false)}),
	)
}

func ptr[T any](value T) *T { return &value }

// ask writes one question and the boxes of its answer.
func (w *writer) ask(sheet *Sheet, column Column, row int, last string) error {
	name, at := sheet.Name, strconv.Itoa(row)
	height := 32.0
	if column.Tall {
		height = 90
	}
	question := questionsColumn + at
	err := errors.Join(
		w.file.SetCellStr(name, numbersColumn+at, column.Number), w.file.SetCellStyle(name, numbersColumn+at, numbersColumn+at, w.styles.number),
		w.file.SetCellStr(name, question, sheet.heading(column)), w.file.SetCellStyle(name, question, question, w.styles.question),
		w.file.SetRowHeight(name, row, height), w.file.AddComment(name, note(question, sheet.hint(column))),
		w.file.SetCellStyle(name, "C"+at, last+at, w.styles.answer),
	)
	if column.Once {
		if isNumber(sheet.contract.Column(column.Column).Type) {
			err = errors.Join(err, errors.New("a number cannot be answered once for all columns"))
		}
		err = errors.Join(err, w.file.MergeCell(name, "C"+at, last+at))
	}
	return errors.Join(err, w.validate(sheet, column, "C"+at+":"+last+at))
}

// isNumber says whether what a merged cell holds would be no number of any one of its columns.
func isNumber(kind contract.Type) bool {
	return kind == contract.TypeInteger || kind == contract.TypeDecimal || kind == contract.TypeMoney
}
