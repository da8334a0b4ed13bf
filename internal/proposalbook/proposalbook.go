// Package proposalbook writes the workbook of a proposal: a sheet for each contract that an applicant answers, with its
// columns as the contract has them, and a first sheet that says how to fill it in. What is read back is read by the
// contracts, so that the workbook and the program cannot differ.
package proposalbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"socialvalue/internal/contract"
	"socialvalue/internal/zipped"
)

// Submission is the column that no sheet has: it comes from the name of the file.
const Submission = "submission"

// Contracts are those that an applicant answers, in the order of the sheets.
func Contracts() []string {
	return []string{
		"impact/projects", "impact/outcomes", "impact/quantities", "impact/factors", "impact/parameters", "impact/adjustments",
		"impact/effects", "impact/costs", "impact/proxies",
	}
}

// guide is the sheet that says what to do.
const guide = "Read me"

// Sheet is the sheet of a contract.
func Sheet(c *contract.Contract) string { return c.Layouts[0].Format.Sheet.Name }

// Columns are the columns of a contract's sheet, in their order.
func Columns(c *contract.Contract) []contract.Column {
	return slices.DeleteFunc(slices.Clone(c.Columns), func(column contract.Column) bool { return column.Name == Submission })
}

// Header is what stands above a column.
func Header(column contract.Column) string {
	if len(column.Aliases) > 0 {
		return column.Aliases[0]
	}
	return column.Name
}

// Write writes a workbook with the rows of each contract by its name; without rows, the empty form.
func Write(out io.Writer, contracts map[string]*contract.Contract, rows map[string][][]string) (err error) {
	file := excelize.NewFile()
	defer func() { err = errors.Join(err, file.Close()) }()
	bold, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return fmt.Errorf("make a style: %w", err)
	}
	if err := file.SetSheetName(file.GetSheetName(0), guide); err != nil {
		return fmt.Errorf("name a sheet: %w", err)
	}
	if err := writeGuide(file, contracts, bold); err != nil {
		return fmt.Errorf("write sheet %s: %w", guide, err)
	}
	for _, ref := range Contracts() {
		c := contracts[ref]
		if c == nil {
			return fmt.Errorf("no contract %s: the pipeline impact is switched off", ref)
		}
		if err := writeSheet(file, c, rows[ref], bold); err != nil {
			return fmt.Errorf("write sheet %s: %w", Sheet(c), err)
		}
	}
	var made bytes.Buffer
	if err := file.Write(&made); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	return zipped.Sorted(made.Bytes(), out)
}

// lastChoice is the row down to which cells offer their choices.
const lastChoice = 2000

func writeSheet(file *excelize.File, c *contract.Contract, rows [][]string, bold int) error {
	sheet := Sheet(c)
	if _, err := file.NewSheet(sheet); err != nil {
		return fmt.Errorf("add it: %w", err)
	}
	columns := Columns(c)
	for i, column := range columns {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return fmt.Errorf("column %s: %w", column.Name, err)
		}
		err = errors.Join(file.SetCellStr(sheet, letter+"1", Header(column)), file.SetColWidth(sheet, letter, letter, max(12, float64(len(Header(column))+2))))
		if err == nil && len(column.Values) > 0 {
			choices := excelize.NewDataValidation(true)
			choices.SetSqref(letter + "2:" + letter + strconv.Itoa(lastChoice))
			if err = choices.SetDropList(column.Values); err == nil {
				err = file.AddDataValidation(sheet, choices)
			}
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", column.Name, err)
		}
	}
	if err := errors.Join(
		file.SetRowStyle(sheet, 1, 1, bold),
		file.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
	); err != nil {
		return err
	}
	for i, row := range rows {
		for j, text := range row {
			if text == "" {
				continue
			}
			cell, err := excelize.CoordinatesToCellName(j+1, i+2)
			if err == nil {
				err = set(file, sheet, cell, columns[j].Type, text)
			}
			if err != nil {
				return fmt.Errorf("row %d, column %s: %w", i+2, columns[j].Name, err)
			}
		}
	}
	return nil
}

// set writes numbers as numbers, all else as text.
func set(file *excelize.File, sheet, cell string, kind contract.Type, text string) (err error) {
	v, notNumber := strconv.ParseFloat(text, 64)
	if isNumber := kind == contract.TypeInteger || kind == contract.TypeDecimal || kind == contract.TypeMoney; isNumber && notNumber == nil {
		err = file.SetCellFloat(sheet, cell, v, -1, 64)
	} else {
		err = file.SetCellStr(sheet, cell, text)
	}
	if err != nil {
		return fmt.Errorf("cell %s: %w", cell, err)
	}
	return nil
}

// writeGuide writes what each sheet and column is for.
func writeGuide(file *excelize.File, contracts map[string]*contract.Contract, bold int) error {
	lines := [][]string{
		{"Social value of a proposal"},
		{"Fill in one row for each thing. Leave sheets empty that you do not need. Shares are fractions: 0.1 is ten per cent. Dates are 31/03/2025."},
		{"The name of this file names the submission: sent again under the same name, it replaces the former one whole."},
		{},
		{"Sheet", "Column", "Needed", "What it is", "Choices", "Example"},
	}
	for _, ref := range Contracts() {
		c := contracts[ref]
		if c == nil {
			continue
		}
		lines = append(lines, []string{Sheet(c), "", "", c.Description})
		for _, column := range Columns(c) {
			needed := ""
			if column.Required {
				needed = "yes"
			}
			lines = append(lines, []string{"", Header(column), needed, column.Description, strings.Join(column.Values, ", "), column.Example})
		}
	}
	for i, line := range lines {
		for j, text := range line {
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err == nil {
				err = file.SetCellStr(guide, cell, text)
			}
			if err == nil && (j == 0 || i == 4) {
				err = file.SetCellStyle(guide, cell, cell, bold)
			}
			if err != nil {
				return fmt.Errorf("row %d: %w", i+1, err)
			}
		}
	}
	return errors.Join(file.SetColWidth(guide, "A", "B", 22), file.SetColWidth(guide, "D", "D", 90), file.SetColWidth(guide, "E", "F", 40))
}
