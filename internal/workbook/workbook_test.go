package workbook_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"socialvalue/internal/workbook"
)

// made is the bytes of a workbook that fill has filled; its first sheet is Sheet1.
func made(tb testing.TB, options excelize.Options, fill func(book *excelize.File)) []byte {
	tb.Helper()
	book := excelize.NewFile(options)
	if fill != nil {
		fill(book)
	}
	var out bytes.Buffer
	if err := book.Write(&out, options); err != nil {
		tb.Fatal(err)
	}
	if err := book.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// set puts values into cells of Sheet1.
func set(tb testing.TB, book *excelize.File, cells map[string]any) {
	tb.Helper()
	for ref, value := range cells {
		if err := book.SetCellValue("Sheet1", ref, value); err != nil {
			tb.Fatal(err)
		}
	}
}

// parts is the bytes of a package of the given parts.
func parts(tb testing.TB, texts map[string]string) []byte {
	tb.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, text := range texts {
		w, err := archive.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// sheetOf is a workbook of one sheet with this XML inside <worksheet>; the
// formats are those of the styles 1, 2, ….
func sheetOf(tb testing.TB, inside string, formats ...string) []byte {
	tb.Helper()
	styles, xfs := "", `<xf numFmtId="0"/>`
	for i, code := range formats {
		styles += fmt.Sprintf(`<numFmt numFmtId="%d" formatCode="%s"/>`, 164+i, code)
		xfs += fmt.Sprintf(`<xf numFmtId="%d"/>`, 164+i)
	}
	return parts(tb, map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/styles" Target="/xl/styles.xml"/><Relationship Id="rId3" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/styles.xml":              `<styleSheet><numFmts>` + styles + `</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>` + xfs + `</cellXfs></styleSheet>`,
		"xl/sharedStrings.xml":       `<sst><si><t>plain</t></si><si><r><rPr><b/></rPr><t>ri</t></r><r><t>ch</t></r><rPh><t>spoken</t></rPh></si><si><t>a_x000D_&#10;b_x005F_c_x0000_</t></si></sst>`,
		"xl/worksheets/sheet1.xml":   `<worksheet>` + inside + `</worksheet>`,
	})
}

func open(tb testing.TB, data []byte) (*workbook.Workbook, error) {
	tb.Helper()
	book, err := workbook.Open(bytes.NewReader(data), int64(len(data)), workbook.Options{TempDir: tb.TempDir(), Limits: workbook.DefaultLimits()})
	if err == nil {
		tb.Cleanup(func() {
			if err := book.Close(); err != nil {
				tb.Error(err)
			}
		})
	}
	return book, err
}

// texts reads the only visible sheet as text: each cell as REF=text, with the
// rule it breaks and the note about it.
func texts(tb testing.TB, data []byte, want workbook.Want) ([]string, error) {
	tb.Helper()
	book, err := open(tb, data)
	if err != nil {
		return nil, err
	}
	sheet, err := book.Find("", 0)
	if err != nil {
		return nil, err
	}
	var all []string
	for row, err := range book.Rows(sheet) {
		if err != nil {
			return all, err
		}
		for i := range row.Cells {
			value, rule, note := row.Cells[i].Text(want)
			text := row.Cells[i].Ref() + "=" + value
			if rule != "" || note != "" {
				text += " [" + strings.TrimSpace(rule+" "+note) + "]"
			}
			all = append(all, text)
		}
	}
	return all, nil
}

// Every kind of cell, as Excel, LibreOffice and others write them.
func TestCells(t *testing.T) {
	t.Parallel()
	formats := []string{"dd/mm/yyyy", "dd/mm/yyyy hh:mm", "hh:mm", "[h]:mm", "000000", "0.00%", "mmm\\-yy", `#,##0.00;[Red]\-#,##0.00`, `&quot;day &quot;0`, "General"}
	const date, moment, clock, elapsed, zeros, percent, month, money, words, general = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
	for _, tc := range []struct {
		name  string
		cell  string // attributes and inside of <c>
		style int
		want  workbook.Want
		text  string
	}{
		{"shared text", `t="s"><v>0</v>`, 0, workbook.AsText, "plain"},
		{"rich text", `t="s"><v>1</v>`, 0, workbook.AsText, "rich"},
		{"escaped characters", `t="s"><v>2</v>`, 0, workbook.AsText, "a\r\nb_c_x0000_"},
		{"inline text", `t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r></is>`, 0, workbook.AsText, "a b"},
		{"result of a formula, text", `t="str"><f>A2</f><v>x &amp; y</v>`, 0, workbook.AsText, "x & y"},
		{"result of a formula, number", `><f>A2*2</f><v>24.5</v>`, 0, workbook.AsNumber, "24.5"},
		{"formula without result", `><f>A2*2</f>`, 0, workbook.AsNumber, "no result [formula_not_calculated]"},
		{"formula with an error", `t="e"><f>A2*2</f><v>#REF!</v>`, 0, workbook.AsNumber, "#REF! [formula_error]"},
		{"error typed in", `t="e"><v>#N/A</v>`, 0, workbook.AsText, "#N/A [formula_error]"},
		{"true", `t="b"><v>1</v>`, 0, workbook.AsNumber, "TRUE"},
		{"false", `t="b"><v>0</v>`, 0, workbook.AsText, "FALSE"},
		{"leading zeros of a text", `t="inlineStr"><is><t>007</t></is>`, 0, workbook.AsText, "007"},

		{"pounds", `><v>1234.5</v>`, money, workbook.AsMoney, "1234.50"},
		{"whole pounds", `><v>1234</v>`, money, workbook.AsMoney, "1234.00"},
		{"negative pounds", `><v>-0.5</v>`, money, workbook.AsMoney, "-0.50"},
		{"half pennies stay", `><v>12.345</v>`, money, workbook.AsMoney, "12.345"},
		{"dust of doubles", `><v>12.340000000000002</v>`, money, workbook.AsMoney, "12.34 [digits_beyond_15]"},
		{"a sum of doubles", `><v>0.30000000000000004</v>`, money, workbook.AsMoney, "0.30 [digits_beyond_15]"},
		{"a sum that should be nothing stays", `><v>1.4210854715202004E-14</v>`, money, workbook.AsMoney, "0.000000000000014210854715202 [digits_beyond_15]"},
		{"the nearest double to a decimal", `><v>4.3499999999999996</v>`, money, workbook.AsMoney, "4.35"},
		{"minus nothing", `><v>-0</v>`, 0, workbook.AsNumber, "0"},
		{"an exponent", `><v>1.5E3</v>`, 0, workbook.AsNumber, "1500"},
		{"a third as a decimal", `><v>0.33333333333333331</v>`, 0, workbook.AsDecimal, "0.3333333333 [decimals_rounded]"},
		{"percent", `><v>0.125</v>`, percent, workbook.AsDecimal, "0.125"},
		{"whole number of 16 digits", `><v>1234567890123456</v>`, 0, workbook.AsNumber, "1234567890123456"},
		{"code of 16 digits", `><v>1234567890123450</v>`, 0, workbook.AsText, "1234567890123450 [digits_lost]"},
		{"code with zeros in front", `><v>123</v>`, zeros, workbook.AsText, "000123"},
		{"number with zeros in front", `><v>123</v>`, zeros, workbook.AsNumber, "123"},
		{"code without", `><v>123</v>`, general, workbook.AsText, "123"},
		{"no number", `><v>NaN</v>`, 0, workbook.AsNumber, "NaN"},
		{"hex", `><v>0x10</v>`, 0, workbook.AsNumber, "0x10"},

		{"day", `><v>45384</v>`, date, workbook.AsDate, "2024-04-02"},
		{"day whose time is not shown", `><v>45384.6</v>`, date, workbook.AsDate, "2024-04-02"},
		{"day and time", `><v>45384.545138888891</v>`, moment, workbook.AsTimestamp, "2024-04-02 13:05:00"},
		{"time is no part of a day", `><v>45384.545138888891</v>`, moment, workbook.AsDate, "2024-04-02 13:05:00"},
		{"midnight is a day", `><v>45384</v>`, moment, workbook.AsDate, "2024-04-02"},
		{"midnight", `><v>45384</v>`, date, workbook.AsTimestamp, "2024-04-02 00:00:00"},
		{"a millisecond before midnight", `><v>45384.9999999999</v>`, moment, workbook.AsTimestamp, "2024-04-03 00:00:00"},
		{"time", `><v>0.25</v>`, clock, workbook.AsText, "06:00:00"},
		{"hours beyond a day", `><v>1.5625</v>`, elapsed, workbook.AsDecimal, "37:30:00"},
		{"month", `><v>45383</v>`, month, workbook.AsMonth, "202404"},
		{"a day that is no month", `><v>45384</v>`, month, workbook.AsMonth, "2024-04-02"},
		{"day in a text", `><v>45384</v>`, month, workbook.AsText, "2024-04-02"},
		{"day as money is none", `><v>45384</v>`, date, workbook.AsMoney, "2024-04-02"},
		{"letters in quotes are no date", `><v>5</v>`, words, workbook.AsText, "5"},
		{"number that may be a day", `><v>45384</v>`, 0, workbook.AsDate, "45384"},
		{"first day", `><v>1</v>`, date, workbook.AsDate, "1900-01-01"},
		{"day before the one that was none", `><v>59</v>`, date, workbook.AsDate, "1900-02-28"},
		{"day that was none", `><v>60</v>`, date, workbook.AsDate, "1900-02-29"},
		{"day after it", `><v>61</v>`, date, workbook.AsDate, "1900-03-01"},
		{"no day", `><v>0</v>`, date, workbook.AsDate, "1900-01-00"},
		{"last day", `><v>2958465</v>`, date, workbook.AsDate, "9999-12-31"},
		{"beyond the last day", `><v>2958466</v>`, date, workbook.AsDate, "2958466"},
		{"before the first day", `><v>-1</v>`, date, workbook.AsDate, "-1"},
		{"ISO day of a strict workbook", `t="d"><v>2024-04-02</v>`, date, workbook.AsDate, "2024-04-02"},
		{"ISO moment of a strict workbook", `t="d"><v>2024-04-02T13:05:00Z</v>`, 0, workbook.AsTimestamp, "2024-04-02 13:05:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := texts(t, sheetOf(t, fmt.Sprintf(`<sheetData><row r="3"><c r="B3" s="%d" %s</c></row></sheetData>`, tc.style, tc.cell), formats...), tc.want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"B3=" + tc.text}, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What excelize writes is read as it was meant, in both date systems.
func TestDateSystems(t *testing.T) {
	t.Parallel()
	for _, date1904 := range []bool{false, true} {
		data := made(t, excelize.Options{}, func(book *excelize.File) {
			if err := book.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &date1904}); err != nil {
				t.Fatal(err)
			}
			serial := 45384.0
			if date1904 {
				serial -= 1462
			}
			style, err := book.NewStyle(&excelize.Style{NumFmt: 14})
			if err != nil {
				t.Fatal(err)
			}
			set(t, book, map[string]any{"A1": serial})
			if err := book.SetCellStyle("Sheet1", "A1", "A1", style); err != nil {
				t.Fatal(err)
			}
		})
		got, err := texts(t, data, workbook.AsDate)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"A1=2024-04-02"}, got); diff != "" {
			t.Errorf("1904: %v (-want +got)\n%s", date1904, diff)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	data := made(t, excelize.Options{}, func(book *excelize.File) {
		for _, name := range []string{"Payments 2023", "Notes", "2024", "Hidden", "Payments (old)"} {
			if _, err := book.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		if err := book.SetSheetVisible("Hidden", false); err != nil {
			t.Fatal(err)
		}
	})
	book, err := open(t, data)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		wanted string
		place  int
		want   string
	}{
		{"Notes", 0, "Notes"},
		{"Hidden", 0, "Hidden"},
		{"2024", 0, "2024"},
		{"payments ????", 0, "Payments 2023"},
		{"*(old)", 0, "Payments (old)"},
		{"", 2, "Payments 2023"},
		{"", 5, "Payments (old)"},
		{"", 6, `wants sheet 6, and the workbook has "Sheet1", "Payments 2023", "Notes", "2024", "Payments (old)"`},
		{"Payments*", 0, `wants one sheet "Payments*", and these fit: "Payments 2023", "Payments (old)"`},
		{"Hid*", 0, `wants sheet "Hid*", and the workbook has "Sheet1", "Payments 2023", "Notes", "2024", "Payments (old)"`},
		{"", 0, `does not say which sheet, and the workbook has "Sheet1", "Payments 2023", "Notes", "2024", "Payments (old)": add format: {sheet: NAME}`},
	} {
		sheet, err := book.Find(tc.wanted, tc.place)
		got := sheet.Name
		if err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%q, %d (-want +got)\n%s", tc.wanted, tc.place, diff)
		}
	}
}

func TestMerges(t *testing.T) {
	t.Parallel()
	inside := `<x:sheetData xmlns:x="m"><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>&lt;/sheetData></x:t></x:is></x:c></x:row></x:sheetData >` +
		`<x:mergeCells><x:mergeCell ref="A1:B3"/><x:mergeCell ref="C4"/></x:mergeCells>`
	book, err := open(t, sheetOf(t, inside))
	if err != nil {
		t.Fatal(err)
	}
	got, err := book.Merges(book.Sheets[0])
	if err != nil {
		t.Fatal(err)
	}
	want := []workbook.Merge{{Row: 1, Column: 1, LastRow: 3, LastColumn: 2}, {Row: 4, Column: 3, LastRow: 4, LastColumn: 3}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A locked workbook opens with its password and with no other; what is missing
// is said, with what to do.
func TestPassword(t *testing.T) {
	t.Parallel()
	data := made(t, excelize.Options{Password: "open sesame"}, func(book *excelize.File) { set(t, book, map[string]any{"A1": "inside"}) })
	with := func(password func() (string, error)) (*workbook.Workbook, error) {
		return workbook.Open(bytes.NewReader(data), int64(len(data)), workbook.Options{TempDir: t.TempDir(), Limits: workbook.DefaultLimits(), Password: password})
	}
	book, err := with(func() (string, error) { return "open sesame", nil })
	if err != nil {
		t.Fatal(err)
	}
	if len(book.Sheets) != 1 || book.Sheets[0].Name != "Sheet1" {
		t.Errorf("sheets %v", book.Sheets)
	}
	for name, tc := range map[string]struct {
		password func() (string, error)
		want     string
	}{
		"none":        {nil, "the source names none"},
		"wrong":       {func() (string, error) { return "open barley", nil }, "the password of the source does not open it"},
		"not fetched": {func() (string, error) { return "", errors.New("env:X: no such variable") }, "cannot be fetched: env:X: no such variable"},
	} {
		_, err := with(tc.password)
		var problem *workbook.Problem
		if !errors.As(err, &problem) || !errors.Is(err, workbook.ErrPassword) || !strings.Contains(problem.Reason, tc.want) || problem.Remedy == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Damage is found and said, never taken for the end of the data.
func TestRefused(t *testing.T) {
	t.Parallel()
	whole := made(t, excelize.Options{}, func(book *excelize.File) { set(t, book, map[string]any{"A1": "x"}) })
	old := append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 1024)...)
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"cut", whole[:len(whole)-40], "it has no readable list of its parts"},
		{"old, damaged", old, "its folder of streams cannot be read"},
		{"no workbook", parts(t, map[string]string{"a.csv": "a"}), "it is a zip archive, but no Excel workbook"},
		{"binary", parts(t, map[string]string{"xl/workbook.bin": "a"}), "it is a binary Excel workbook (.xlsb)"},
		{"sheet ends early", sheetOf(t, `<sheetData><row r="1"><c r="A1"><v>1</v></c></row>`), "its part sheet1.xml cannot be read to its end"},
		{"row ends early", sheetOf(t, `<sheetData><row r="1"><c r="A1"><v>1</v></row></sheetData>`), "an element ends that did not begin"},
		{"unknown text", sheetOf(t, `<sheetData><row r="1"><c r="A1" t="s"><v>9</v></c></row></sheetData>`), "a cell refers to text 9 of 3"},
		{"unknown type", sheetOf(t, `<sheetData><row r="1"><c r="A1" t="z"><v>9</v></c></row></sheetData>`), `cell A1 is of the unknown type "z"`},
		{"rows out of order", sheetOf(t, `<sheetData><row r="2"/><row r="1"/></sheetData>`), `a row is numbered "1" where 3 or more is due`},
		{"cells out of order", sheetOf(t, `<sheetData><row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row></sheetData>`), `a cell is named "A1" in row 1 behind column 2`},
		{"cell of another row", sheetOf(t, `<sheetData><row r="1"><c r="B2"><v>1</v></c></row></sheetData>`), `a cell is named "B2" in row 1`},
		{"row beyond the last", sheetOf(t, `<sheetData><row r="1048577"/></sheetData>`), `a row is numbered "1048577"`},
		{"column beyond the last", sheetOf(t, `<sheetData><row r="1"><c r="XFE1"/></row></sheetData>`), `a cell is named "XFE1"`},
		{"endless nesting", sheetOf(t, strings.Repeat("<a>", 100)), "its elements are nested without end"},
		{"endless text", sheetOf(t, `<sheetData><row><c t="str"><v>`+strings.Repeat("x", 3<<20)+`</v></c></row></sheetData>`), "a tag or text in it does not end"},
		{"no XML", sheetOf(t, `<sheetData><row <c`), "it is no well-formed XML"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := texts(t, tc.data, workbook.AsText)
			var problem *workbook.Problem
			if !errors.As(err, &problem) || !strings.Contains(err.Error(), tc.want) || problem.Remedy == "" {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestBombs(t *testing.T) {
	t.Parallel()
	data := sheetOf(t, `<sheetData><row r="1"><c r="A1" t="str"><v>`+strings.Repeat("x", 1<<19)+`</v></c></row></sheetData>`)
	for name, limits := range map[string]workbook.Limits{
		"too much":         {Unpacked: 1 << 18, Ratio: 1 << 20, From: 1 << 30},
		"packed too small": {Unpacked: 1 << 30, Ratio: 10, From: 1 << 10},
	} {
		_, err := workbook.Open(bytes.NewReader(data), int64(len(data)), workbook.Options{TempDir: t.TempDir(), Limits: limits})
		var problem *workbook.Problem
		if !errors.As(err, &problem) || !strings.Contains(problem.Remedy, "fill the disk") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
