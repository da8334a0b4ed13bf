//go:build duckdb_arrow && clients

package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"socialvalue/internal/manifest"
	"socialvalue/internal/shelf"
	"socialvalue/internal/warehouse"
)

// released is the release that other people's programs open: make test-clients names it.
var released = flag.String("release", "../../var/demo/warehouse/releases/current", "the folder of a release")

// seen is what a client for Python sees.
type seen struct {
	Version string     `json:"version"`
	Files   []seenFile `json:"files"`
}

type seenFile struct {
	File    string       `json:"file"`
	Table   string       `json:"table"`
	Rows    int64        `json:"rows"`
	Columns []seenColumn `json:"columns"`
	Tables  []seenFile   `json:"tables"`
}

type seenColumn struct {
	Name      string   `json:"name"`
	Missing   int64    `json:"missing"`
	Different int64    `json:"different"`
	Least     *float64 `json:"least"`
	Greatest  *float64 `json:"greatest"`
}

// Programs that analysts have open the files of a release and see what the warehouse wrote: as many rows, the same columns,
// the same values. Those that are not at hand are passed over, and said.
func TestClients(t *testing.T) {
	folder, err := filepath.EvalSymlinks(*released)
	if err != nil {
		t.Fatalf("%v: make a release first, with make demo", err)
	}
	manifest, err := shelf.Read(filepath.Dir(folder), filepath.Base(folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, client := range []string{"pandas", "polars", "duckdb"} {
		t.Run("Python "+client, func(t *testing.T) { python(t, folder, manifest, client) })
	}
	t.Run("LibreOffice, the workbook", func(t *testing.T) { officeWorkbook(t, folder) })
	t.Run("LibreOffice, CSV", func(t *testing.T) { officeCSV(t, folder) })
}

func python(t *testing.T, folder string, manifest *manifest.Manifest, client string) {
	t.Helper()
	program := cmp.Or(os.Getenv("PYTHON"), "python3")
	needs := client
	if client == "pandas" {
		needs = "pandas, pyarrow"
	}
	if err := exec.CommandContext(t.Context(), program, "-c", "import "+needs).Run(); err != nil {
		t.Skipf("%s with %s is not at hand (PYTHON names another): pip install pandas pyarrow polars duckdb", program, needs)
	}
	var out, said bytes.Buffer
	command := exec.CommandContext(t.Context(), program, "testdata/clients.py", folder, client)
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var found seen
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 2, MemoryLimit: "2GB"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing was written
	rows := map[string]int64{}
	for _, file := range slices.Concat(manifest.Files, manifest.RunFiles) {
		if file.Rows != nil {
			rows[file.Path] = *file.Rows
		}
	}
	files, tables := 0, 0
	for _, file := range found.Files {
		files++
		switch filepath.Ext(file.File) {
		case ".duckdb":
			for _, table := range file.Tables {
				tables++
				name := filepath.Join(filepath.Dir(file.File), "datasets", table.Table)
				paths, err := filepath.Glob(filepath.Join(folder, name, "*.parquet"))
				if err == nil && len(paths) == 0 {
					paths, err = filepath.Glob(filepath.Join(folder, name, "*", "*.parquet")) // a file a day
				}
				if err != nil || len(paths) == 0 {
					t.Errorf("%s: %s has no Parquet: %v", file.File, table.Table, err)
					continue
				}
				same(t, file.File+": "+table.Table, table, expected(t, db, paths))
			}
		case ".csv":
			want := seenFile{Rows: rows[file.File], Columns: columnsOf(t, filepath.Join(folder, file.File))}
			same(t, file.File, file, want)
		default:
			if file.Rows != rows[file.File] {
				t.Errorf("%s has %d rows, the manifest says %d", file.File, file.Rows, rows[file.File])
			}
			same(t, file.File, file, expected(t, db, []string{filepath.Join(folder, file.File)}))
		}
	}
	if files == 0 {
		t.Fatal("it saw no file")
	}
	t.Logf("%s %s read %d files, %d tables", client, found.Version, files, tables)
}

// expected is what the warehouse's own DuckDB sees of Parquet files.
func expected(t *testing.T, db *warehouse.DB, paths []string) seenFile {
	t.Helper()
	from := "read_parquet(" + warehouse.TextList(paths) + ")"
	described, err := db.Texts(t.Context(), "select column_name || chr(9) || column_type from (describe select * from "+from+")")
	if err != nil {
		t.Fatal(err)
	}
	var want seenFile
	if err := db.One(t.Context(), "select count(*) from "+from, nil, &want.Rows); err != nil {
		t.Fatal(err)
	}
	for _, line := range described {
		name, kind, _ := strings.Cut(line, "\t")
		column, quoted := seenColumn{Name: name}, warehouse.Ident(name)
		bounds := "null::double, null::double"
		if kind, _, _ := strings.Cut(kind, "("); slices.Contains([]string{"BIGINT", "INTEGER", "SMALLINT", "HUGEINT", "DOUBLE", "DECIMAL"}, kind) {
			bounds = "min(" + quoted + ")::double, max(" + quoted + ")::double"
		}
		query := "select count(*) - count(" + quoted + "), count(distinct " + quoted + "), " + bounds + " from " + from
		if err := db.One(t.Context(), query, nil, &column.Missing, &column.Different, &column.Least, &column.Greatest); err != nil {
			t.Fatal(err)
		}
		want.Columns = append(want.Columns, column)
	}
	return want
}

func columnsOf(t *testing.T, file string) (columns []seenColumn) {
	t.Helper()
	for _, name := range records(t, file)[0] {
		columns = append(columns, seenColumn{Name: name})
	}
	return columns
}

// same compares what a client saw with what it should have seen.
func same(t *testing.T, what string, got, want seenFile) {
	t.Helper()
	if got.Rows != want.Rows || len(got.Columns) != len(want.Columns) {
		t.Errorf("%s: %d rows of %d columns, want %d of %d", what, got.Rows, len(got.Columns), want.Rows, len(want.Columns))
		return
	}
	for i, column := range got.Columns {
		other := want.Columns[i]
		if column.Name != other.Name || column.Missing != other.Missing || column.Different != other.Different ||
			!near(column.Least, other.Least) || !near(column.Greatest, other.Greatest) {
			t.Errorf("%s: column %s, want %s", what, column, other)
		}
	}
}

func (c seenColumn) String() string {
	said := fmt.Sprintf("%s with %d missing, %d different", c.Name, c.Missing, c.Different)
	if c.Least != nil && c.Greatest != nil {
		said += fmt.Sprintf(", %v to %v", *c.Least, *c.Greatest)
	}
	return said
}

func near(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(*a-*b) <= 1e-12*math.Max(math.Abs(*a), math.Abs(*b))
}

// office converts files with LibreOffice, which opens them as on a desk.
func office(t *testing.T, how []string, files ...string) (folder string) {
	t.Helper()
	program, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not at hand: install libreoffice-calc")
	}
	folder = t.TempDir()
	profile := "-env:UserInstallation=file://" + filepath.Join(t.TempDir(), "profile")
	arguments := slices.Concat([]string{profile, "--headless"}, how, []string{"--outdir", folder}, files)
	if out, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput(); err != nil { //nolint:gosec // LibreOffice with our own arguments
		t.Fatalf("%v: %s", err, out)
	}
	return folder
}

// asCSV has LibreOffice write values as they are, in UTF-8; of a workbook one file a sheet.
const asCSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false"

// officeWorkbook compares every sheet that is a dataset with the dataset's CSV file.
func officeWorkbook(t *testing.T, folder string) {
	t.Helper()
	written := office(t, []string{"--convert-to", asCSV + ",false,false,-1"}, filepath.Join(folder, "open", "social_value_open.xlsx"))
	compareSheets(t, folder, written, "social_value_open-")
}

// officeCSV has LibreOffice read every CSV file and write it again.
func officeCSV(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "open", "datasets", "*", "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatal("no CSV", err)
	}
	written := office(t, []string{"--infilter=CSV:44,34,76,1,,0,false,true", "--convert-to", asCSV}, files...)
	compareSheets(t, folder, written, "")
}

func compareSheets(t *testing.T, folder, written, prefix string) {
	t.Helper()
	compared := 0
	err := filepath.WalkDir(written, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(entry.Name(), prefix), ".csv")
		source := filepath.Join(folder, "open", "datasets", name, name+".csv")
		if _, err := os.Stat(source); err != nil {
			return nil //nolint:nilerr // Read me, Contents and Dictionary are sheets of their own
		}
		compared++
		sameCells(t, name, records(t, path), records(t, source))
		return nil
	})
	if err != nil || compared == 0 {
		t.Fatalf("%d datasets compared: %v", compared, err)
	}
	t.Logf("%d datasets compared cell by cell", compared)
}

func sameCells(t *testing.T, name string, got, want [][]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", name, len(got)-1, len(want)-1)
		return
	}
	wrong := 0
	for i := range want {
		for k := range want[i] {
			if k < len(got[i]) && sameCell(got[i][k], want[i][k]) {
				continue
			}
			if wrong++; wrong <= 3 {
				t.Errorf("%s: row %d, %s: %q, want %q", name, i, want[0][k], got[i], want[i][k])
			}
		}
	}
	if wrong > 3 {
		t.Errorf("%s: %d cells differ", name, wrong)
	}
}

// sameCell says whether a spreadsheet's cell is the value of a CSV file: truth values are in capitals there, and a share
// that shows as per cent is written so.
func sameCell(got, want string) bool {
	if got == want || strings.ToLower(got) == want && (want == "true" || want == "false") {
		return true
	}
	percent, isPercent := strings.CutSuffix(got, "%")
	a, errA := strconv.ParseFloat(percent, 64)
	b, errB := strconv.ParseFloat(want, 64)
	if isPercent {
		a /= 100
	}
	return errA == nil && errB == nil && math.Abs(a-b) <= 1e-12*math.Max(1, math.Abs(b))
}

// records reads a CSV file, with its header.
func records(t *testing.T, file string) [][]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	reader.FieldsPerRecord = -1
	all, err := reader.ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("%s: %v", file, err)
	}
	return all
}
