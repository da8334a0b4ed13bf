//go:build duckdb_arrow

package run_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/inspect"
	"socialvalue/internal/runreport"
)

// badFile is one entry of the catalogue of bad input: a file, and what must be
// said of it.
type badFile struct {
	name string // of the case
	file string // below drop/; empty: lines_2025-01_<n>.csv, a newer January
	text string
	says []string // of a refused file: what its message holds
	gone string   // of a refused file: what must not have been written
}

// A file that is refused is named with its line, its column and what to do; not
// a byte of the current release changes, though each of these files claims the
// month that was loaded before, and is newer (architecture §7.5).
//
// Shown elsewhere: a stray quote that pairs with one far below (TestChanges),
// the same again and a quarter over its months (TestTheSameAgain), a file that
// grows (TestAFileThatGrows), folders that cannot be read (TestWhatCannotBeRead), a
// full disk (TestAFullDisk, TestFilesThatCannotGrow), too many wrong rows
// (internal/load, TestLimits), every way an archive can lie (internal/landing,
// TestOpenRefuses, TestLimits, TestLyingZip), bytes that are no text under every
// encoding (internal/landing, TestPrepareRefuses), headers of five real councils
// (internal/layout, TestRealHeadersChooseTheirLayout).
func TestBadFilesAreRefused(t *testing.T) {
	t.Parallel()
	rows := strings.TrimPrefix(january, tinyHeader)
	cases := []badFile{
		{name: "a missing column", text: "Posted,Doc,Payee\n2025-01-02,1,Example Ltd\n", says: []string{".csv:1: refused", "missing, and required: amount_gbp", "ask the sender"}},
		{name: "an unknown column", text: "Posted,Doc,Payee,Net,Colour\n2025-01-02,1,Example Ltd,10.00,red\n", says: []string{".csv:1: refused", `unknown column "Colour"`, `add ignore: ["Colour"]`}},
		{name: "a renamed column", text: "Posted,Doc,Payee,Nett\n2025-01-02,1,Example Ltd,10.00\n", says: []string{".csv:1: refused", `unknown column "Nett"`, `perhaps map: {"Nett": amount_gbp}`}},
		{name: "a column twice", text: "Posted,Doc,Payee,Net,Net\n2025-01-02,1,Example Ltd,10.00,11.00\n", says: []string{".csv:1: refused", `several columns are amount_gbp: "Net" (column 4), "Net" (column 5)`, "correct the header"}},
		{name: "fused columns", text: "Posted,Doc Payee,Net\n2025-01-02,1 Example Ltd,10.00\n", says: []string{".csv:1: refused", `"Payee"`, `"Doc Payee"`}},
		{name: "another delimiter", text: strings.ReplaceAll(january, ",", ";"), says: []string{".csv:1: refused", "Posted;Doc;Payee;Net", `the delimiter ";": set format.delimiter`}},
		{name: "no header", text: rows, says: []string{".csv:1: refused", "set format.header_row: 0 and list format.columns"}},
		{name: "a header further down", text: "Payments\nJanuary\n" + january, says: []string{".csv:1: refused", "line 3 looks like the header: set format.header_row: 3"}},
		{name: "a header line that is blank", file: "split_2025-01.csv", text: "Payments\n\n\n\n" + january, says: []string{"split_2025-01.csv:4: refused", "missing, and required: payee", "line 5 looks like the header: set format.header_row: 5"}},
		{name: "E26 every row ragged", text: "Posted,Doc,Payee,Net\n2025-01-02,1,Example Ltd\n2025-01-03,2,Example Ltd\n", says: []string{".csv:2: refused", "2 of 2 rows", "fewer fields than the header"}},
		{name: "an unclosed quote", text: january + "2025-01-05,4,\"Example Ltd,40.00\n2025-01-06,5,Example Ltd,50.00\n", says: []string{".csv:5: refused", "quote", "never closed", "close it"}},
		{name: "another encoding", text: january + "2025-01-05,4,Caf\xe9 Ltd,40.00\n", says: []string{".csv:5: refused", "windows-1252"}},
		{name: "bytes that are no text", text: "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe\x00", says: []string{"it is a picture", "ask for the data as CSV"}},
		{name: "other bytes that are no text", text: "\x7fELF\x02\x01\x01\x00\x03\x00>\x00\x01\x02\x03\x04\x05", says: []string{"its bytes are no text", "ask for the data as CSV"}},
		{name: "an empty file", text: "", says: []string{"it is empty", "ask the sender"}},
		{name: "a total that does not agree", text: january + ",,TOTAL,60.51\n", says: []string{"amount_gbp", "60.50", "60.51", "difference 0.01", "ask the sender for the whole file"}},
		{name: "a total that is no amount", text: january + ",,TOTAL,1e3\n", says: []string{"total row", "amount_gbp", "ask the sender"}},
		{name: "impossible days everywhere", text: tinyHeader + "2025-02-30,1,Example Ltd,10.00\n31/04/2025,2,Example Ltd,10.00\n", says: []string{".csv:2: refused", "2 of 2 rows are wrong", "column posted", "there is no such day", "mend the file"}},
		{name: "the bytes of January called March", file: "lines_2025-03.csv", text: january, says: []string{"it has the bytes of drop/lines_2025-01.csv", "ask the sender for the right file"}},
		{name: "a name that says no month", file: "lines_latest.csv", text: january, says: []string{"lines_latest.csv", "name_pattern"}},
		{name: "a cut-off gz", file: "lines_2025-01_cut.csv.gz", text: cut(gzipped(t, january)), says: []string{"lines_2025-01_cut.csv.gz", "at byte", "the copy is incomplete: ask for the file again"}},
		{name: "a cut-off zip", file: "lines_2025-01_cut.zip", text: cut(zipped(t, "a.csv", january)), says: []string{"lines_2025-01_cut.zip", "the copy is incomplete"}},
		{name: "a zip that climbs out of its folder", file: "lines_2025-01_climbs.zip", text: zipped(t, "../../lines_2025-01_x.csv", january), says: []string{"lines_2025-01_climbs.zip", "; "}, gone: "lines_2025-01_x.csv"},
		{name: "an amount of the continent in every row", text: tinyHeader + "2025-01-02,1,Example Ltd,\"1.234,56\"\n2025-01-03,2,Example Ltd,\"2.000,00\"\n", says: []string{".csv:2: refused", "2 of 2 rows are wrong", "column amount_gbp", `"1.234,56"`, "must be an amount"}},
		{name: "a zip that unpacks to 100 GB", file: "lines_2025-01_bomb.zip", text: bomb(t, 100<<30), says: []string{"lines_2025-01_bomb.zip", "unpacks to more than"}},
		{name: "a workbook called .csv", text: zipped(t, "xl/workbook.xml", "<workbook/>"), says: []string{".csv", "workbook has no worksheet", "ask the sender"}},
	}
	f := newTinyFlow(t)
	f.run(t)
	before := f.release(t)
	byFile := map[string]badFile{}
	for i, tc := range cases {
		if tc.file == "" {
			tc.file = fmt.Sprintf("lines_2025-01_%d.csv", i)
		}
		byFile["drop/"+tc.file] = tc
		f.write(t, "drop/"+tc.file, tc.text)
	}
	report := f.run(t)
	if report.Status != "refused" || report.Release != nil {
		t.Errorf("the run is %s, release %v", report.Status, report.Release)
	}
	reasons := map[string]string{}
	for _, file := range report.Files {
		name, _, _ := strings.Cut(file.File, "!")
		if file.Status == runreport.FileRefused {
			reasons[name] += file.Reason
		}
	}
	for file, tc := range byFile {
		reason, refused := reasons[file]
		if !refused {
			t.Errorf("%s (%s) is not refused", tc.name, file)
			continue
		}
		for _, word := range append(tc.says, file) {
			if !strings.Contains(reason, word) {
				t.Errorf("%s: the message does not say %q:\n%s", tc.name, word, reason)
			}
		}
		if tc.gone != "" {
			if found, _ := filepath.Glob(filepath.Join(filepath.Dir(f.dir), "*", tc.gone)); len(found) > 0 {
				t.Errorf("%s: it wrote %v", tc.name, found)
			}
		}
	}
	if diff := cmp.Diff(before, f.release(t)); diff != "" {
		t.Errorf("the current release changed:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"drop/lines_2025-01.csv active"}, f.standing(t)); diff != "" {
		t.Errorf("loads (-want +got):\n%s", diff)
	}
}

// oddFile is a file that is loaded: what of it is kept aside, and what comes out.
type oddFile struct {
	name        string
	file        string
	text        string
	skipped     int64
	duplicates  int64
	quarantined []string // "line column rule"
	rows        []string // "line day payee amount" in the release
}

// What can be read of a file is loaded, every other record is counted and named
// with its line, its column and what is accepted, and the release holds exactly
// what was readable (architecture §2.3, §7.2).
func TestOddFilesAreAccountedFor(t *testing.T) {
	t.Parallel()
	good := func(month int) string {
		return fmt.Sprintf("2025-%02d-01,9,Example Ltd,1.00\n", month)
	}
	goodRow := func(line, month int) string { return fmt.Sprintf("%d 2025-%02d-01 Example Ltd 1.00", line, month) }
	const blanks = 55_936 // as a spreadsheet left in a published file
	cases := []oddFile{
		{name: "reordered columns", file: "lines_2025-02.csv", text: "Net,Payee,Posted,Doc\n1.00,Example Ltd,2025-02-01,9\n", rows: []string{goodRow(2, 2)}},
		{
			name: "ragged rows", file: "lines_2025-03.csv", text: tinyHeader + good(3) + good(3) + good(3) + "2025-03-02,1,Example Ltd\n2025-03-03,1,Example, Ltd,2.00\n",
			quarantined: []string{"5  too_few_fields", "6  too_many_fields"}, rows: []string{goodRow(2, 3), goodRow(3, 3), goodRow(4, 3)},
		},
		{
			name: "a byte 0 in a row", file: "lines_2025-04.csv", text: tinyHeader + good(4) + good(4) + "2025-04-02,1,Exam\x00ple Ltd,2.00\n",
			quarantined: []string{"4  nul_byte"}, rows: []string{goodRow(2, 4), goodRow(3, 4)},
		},
		{name: "a byte order mark", file: "lines_2025-05.csv", text: "\ufeff" + tinyHeader + good(5), rows: []string{goodRow(2, 5)}},
		{name: "UTF-16 with its mark", file: "lines_2025-06.csv", text: wide(tinyHeader + good(6)), rows: []string{goodRow(2, 6)}},
		{
			name: "title, blank and total lines", file: "split_2025-07.csv", text: "Payments\n\nJuly\nPosted,Doc,Payee,Net\n" + good(7) + "\n,,,\n,,TOTAL,1.00\n",
			skipped: 3, rows: []string{goodRow(5, 7)},
		},
		{
			name: "a footer nobody declared", file: "lines_2025-08.csv", text: tinyHeader + good(8) + good(8) + "Printed on 1 September\n",
			quarantined: []string{"4  too_few_fields"}, rows: []string{goodRow(2, 8), goodRow(3, 8)},
		},
		{
			name: "55,936 blank rows", file: "lines_2025-09.csv", text: tinyHeader + good(9) + strings.Repeat(",,,\n", blanks) + good(9),
			skipped: blanks, rows: []string{goodRow(2, 9), goodRow(blanks+3, 9)},
		},
		{
			name: "fused fields", file: "lines_2025-10.csv", text: tinyHeader + good(10) + good(10) + "2025-10-02,1 Example Ltd,2.00\n",
			quarantined: []string{"4  too_few_fields"}, rows: []string{goodRow(2, 10), goodRow(3, 10)},
		},
		{
			name: "amounts as people write them", file: "lines_2025-11.csv", text: tinyHeader + good(11) + good(11) +
				"2025-11-02,1,A,\"£1,234.56\"\n2025-11-02,1,B,(309.00)\n2025-11-02,1,C,12.50-\n2025-11-02,1,D,\"1.234,56\"\n2025-11-02,1,E,1e3\n2025-11-02,1,F,12.345\n",
			quarantined: []string{"7 amount_gbp not_money", "8 amount_gbp not_money", "9 amount_gbp not_money"},
			rows:        []string{goodRow(2, 11), goodRow(3, 11), "4 2025-11-02 A 1234.56", "5 2025-11-02 B -309.00", "6 2025-11-02 C -12.50"},
		},
		{
			name: "days as people write them", file: "lines_2025-12.csv", text: tinyHeader + good(12) + good(12) + good(12) +
				"03/12/2025,1,A,1.00\n04-Dec-25,1,B,1.00\n31/11/2025,1,C,1.00\n2025-12-32,1,D,1.00\n05.12.2025,1,E,1.00\n",
			quarantined: []string{"7 posted impossible_date", "8 posted not_date", "9 posted not_date"},
			rows:        []string{goodRow(2, 12), goodRow(3, 12), goodRow(4, 12), "5 2025-12-03 A 1.00", "6 2025-12-04 B 1.00"},
		},
		{
			name: "a month inside a quarter, one line amended", file: "quarter_2025-Q1.csv",
			text:       strings.Replace(january, "3,Pretend Ltd,30.50", "3,Pretend Ltd,31.50", 1),
			duplicates: 2, rows: []string{"4 2025-01-04 Pretend Ltd 31.50"},
		},
	}
	f := newTinyFlow(t)
	f.run(t)
	for _, tc := range cases {
		f.write(t, "drop/"+tc.file, tc.text)
	}
	f.write(t, "drop/lines_2025-01_again.csv", january) // the same bytes for the same month
	report := f.run(t)
	if report.Release == nil || report.Refused() {
		for _, file := range report.Files {
			if file.Status == runreport.FileRefused {
				t.Error(file.Reason)
			}
		}
		t.Fatalf("the run is %s, release %v", report.Status, report.Release)
	}
	if known := filesBy(report, runreport.FileSameBytes); !cmp.Equal(known, []string{"drop/lines_2025-01_again.csv"}) {
		t.Errorf("known: %v", known)
	}
	byFile := map[string]runreport.FileReport{}
	for _, file := range report.Files {
		byFile[file.File] = file
	}
	released := map[string][]string{}
	for _, line := range f.texts(t, "feed", "select source_file || '|' || source_row || ' ' || posted || ' ' || payee || ' ' || amount_gbp from feed.lines order by source_file, source_row") {
		file, row, _ := strings.Cut(line, "|")
		released[file] = append(released[file], row)
	}
	duplicates := int64(0)
	for _, tc := range cases {
		file := byFile["drop/"+tc.file]
		if file.Status != runreport.FileLoaded {
			t.Errorf("%s is %s: %s", tc.name, file.Status, file.Reason)
			continue
		}
		if sum := file.Rows + file.Quarantined + file.Skipped; sum != file.Records || file.Skipped != tc.skipped {
			t.Errorf("%s: %d records, %d rows, %d quarantined, %d skipped (want %d)", tc.name, file.Records, file.Rows, file.Quarantined, file.Skipped, tc.skipped)
		}
		duplicates += file.Duplicates
		got := f.quarantined(t, "drop/"+tc.file)
		if diff := cmp.Diff(tc.quarantined, got); diff != "" {
			t.Errorf("%s: quarantine (-want +got):\n%s", tc.name, diff)
		}
		if tc.duplicates > 0 { // which of two copies counts hangs on the hashes
			continue
		}
		if diff := cmp.Diff(tc.rows, released["drop/"+tc.file]); diff != "" {
			t.Errorf("%s: released (-want +got):\n%s", tc.name, diff)
		}
	}
	// Of the month and its quarter every line counts once; the amended one stands
	// beside the one it amends, and both say where they are from.
	want := []string{"2025-01-02 Example Ltd 10.00 1", "2025-01-03 Example Ltd 20.00 1", "2025-01-04 Pretend Ltd 30.50 1", "2025-01-04 Pretend Ltd 31.50 1"}
	got := f.texts(t, "feed", "select posted, payee, amount_gbp, count(*) from feed.lines where posted < date '2025-02-01' group by all order by all")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the month and its quarter (-want +got):\n%s", diff)
	}
}

// The same file sent twice, or under another name, changes nothing; a quarter that
// comes where its months came before is refused unless the source says how the two
// go together, and then counts every line once.
func TestTheSameAgain(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.run(t)
	before := f.release(t)
	f.write(t, "drop/lines_2025-01.csv", january) // newer, and the same
	f.write(t, "drop/lines_2025-01_renamed.csv", january)
	report := f.run(t)
	t.Run("E21 the same file twice", func(t *testing.T) {
		known := filesBy(report, runreport.FileSameBytes)
		if diff := cmp.Diff([]string{"drop/lines_2025-01.csv", "drop/lines_2025-01_renamed.csv"}, known); diff != "" || report.Release != nil || report.Refused() {
			t.Errorf("known (-want +got):\n%s\nrelease %v", diff, report.Release)
		}
	})
	f.remove(t, "drop/lines_2025-01.csv", "drop/lines_2025-01_renamed.csv")
	const quarter = "drop/lines_2025-Q1.csv"
	f.configure(t, `name_pattern: 'lines_(?P<month>\d{4}-\d{2})'`, `name_pattern: 'lines_(?P<quarter>\d{4}-Q\d)'`)
	f.write(t, quarter, january+"2025-02-05,4,Example Ltd,40.00\n")
	report = f.run(t)
	if len(report.Files) != 1 || report.Files[0].Status != runreport.FileRefused || report.Release != nil {
		t.Fatalf("%+v, release %v", report.Files, report.Release)
	}
	for _, word := range []string{quarter, "2025-01-01 to 2025-03-31", "partly overlaps 2025-01-01 to 2025-01-31 claimed by drop/lines_2025-01.csv", "overlap: by_row", "keep one of the two"} {
		if !strings.Contains(report.Files[0].Reason, word) {
			t.Errorf("the message does not say %q: %s", word, report.Files[0].Reason)
		}
	}
	if diff := cmp.Diff(before, f.release(t)); diff != "" {
		t.Errorf("the current release changed:\n%s", diff)
	}
	f.configure(t, "    name_pattern: 'lines_", "    overlap: by_row\n    name_pattern: 'lines_")
	f.run(t)
	want := []string{"2025-01-02 10.00 1", "2025-01-03 20.00 1", "2025-01-04 30.50 1", "2025-02-05 40.00 1"}
	got := f.texts(t, "feed", "select posted, amount_gbp, count(*) from feed.lines group by all order by all")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("by row (-want +got):\n%s", diff)
	}
}

// release are the files of the release in force with their hashes, and its name.
func (f *flow) release(t testing.TB) map[string]string {
	t.Helper()
	current, err := filepath.EvalSymlinks(f.path("warehouse/releases/current"))
	if err != nil {
		t.Fatal(err)
	}
	files := fileHashes(t, current)
	files["current"] = filepath.Base(current)
	return files
}

// standing are the loads with their status, by file.
func (f *flow) standing(t testing.TB) []string {
	t.Helper()
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	loads, err := inspect.Loads(t.Context(), env, inspect.LoadFilter{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range loads {
		lines = append(lines, l.File+" "+string(l.Status))
	}
	return lines
}

// quarantined are the reasons why rows of a file were kept aside.
func (f *flow) quarantined(t testing.TB, file string) []string {
	t.Helper()
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	files, err := inspect.Quarantine(t.Context(), env, "", file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, file := range files {
		for _, r := range file.Reasons {
			lines = append(lines, fmt.Sprintf("%d %s %s", r.Row, r.Column, r.Rule))
			if r.Reason == "" {
				t.Errorf("%s:%d: no reason is given", file.File, r.Row)
			}
		}
	}
	return lines
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(text))
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

func zipped(t testing.TB, member, text string) string {
	t.Helper()
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	m, err := w.Create(member)
	if err == nil {
		_, err = m.Write([]byte(text))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

// bomb is a zip whose one member says that it unpacks to so many bytes.
func bomb(t testing.TB, size uint64) string {
	t.Helper()
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	member, err := w.CreateRaw(&zip.FileHeader{
		Name: "lines.csv", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(nil), CompressedSize64: 1 << 10, UncompressedSize64: size,
	})
	if err == nil {
		_, err = member.Write(make([]byte, 1<<10))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

func cut(packed string) string { return packed[:len(packed)*2/3] }

// wide is a text as UTF-16 with its byte order mark.
func wide(text string) string {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}
