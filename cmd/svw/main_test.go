package main

import (
	"encoding/csv"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"

	socialvalue "socialvalue"
	"socialvalue/internal/lock"
	"socialvalue/internal/pipeline"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"svw": main})
}

// TestScripts plays every script: a folder's worth of files and the commands a person types.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("NO_COLOR", "1")
			for name, folder := range map[string]string{"PEOPLE": "testdata/people", "FIXTURES": "../../fixtures"} {
				path, err := filepath.Abs(folder)
				if err != nil {
					return err
				}
				env.Setenv(name, path)
			}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"old":     old,
			"only":    only,
			"exit":    exit,
			"lock":    holdLock,
			"people":  plantPeople,
			"nomarks": noMarks,
			"leaks":   leaks,
			"book":    book,
			"fill":    fill,

			"earlier":  earlier,
			"lockfile": holdFile,
		},
	})
}

// old gives files a time long past, as files that were delivered before.
func old(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		path := ts.MkAbs(name)
		info, err := os.Stat(path)
		ts.Check(err)
		when := info.ModTime().AddDate(-1, 0, 0)
		ts.Check(os.Chtimes(path, when, when))
	}
}

// exit runs a command and expects its exit code: exit 3 svw run.
func exit(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exit CODE COMMAND…")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			ts.Fatalf("%v", err)
		}
		got = ended.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// holdLock holds the lock of a site's warehouse until the script ends, as another process that runs: lock my-site.
func holdLock(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: lock SITE")
	}
	path := filepath.Join(ts.MkAbs(args[0]), "warehouse", "state", "lock")
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o750))
	held, err := lock.Acquire(path, time.Now())
	ts.Check(err)
	ts.Defer(func() { ts.Check(held.Close()) })
}

// book makes a workbook of a CSV file: book x.csv x.xlsx SHEET [PASSWORD]. A
// number is a number, a day (2024-04-02) a day, and =A1 a formula.
func book(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: book CSV XLSX SHEET [PASSWORD]")
	}
	records, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[0]))).ReadAll()
	ts.Check(err)
	made := excelize.NewFile()
	ts.Check(made.SetSheetName("Sheet1", args[2]))
	day, err := made.NewStyle(&excelize.Style{NumFmt: 14})
	ts.Check(err)
	for i, record := range records {
		for j, text := range record {
			ref, err := excelize.CoordinatesToCellName(j+1, i+1)
			ts.Check(err)
			if when, err := time.Parse(time.DateOnly, text); err == nil {
				ts.Check(made.SetCellValue(args[2], ref, when))
				ts.Check(made.SetCellStyle(args[2], ref, ref, day))
			} else if number, err := strconv.ParseFloat(text, 64); err == nil {
				ts.Check(made.SetCellValue(args[2], ref, number))
			} else if strings.HasPrefix(text, "=") {
				ts.Check(made.SetCellFormula(args[2], ref, text[1:]))
			} else if text != "" {
				ts.Check(made.SetCellValue(args[2], ref, text))
			}
		}
	}
	password := strings.Join(args[3:], "")
	ts.Check(made.SaveAs(ts.MkAbs(args[1]), excelize.Options{Password: password}))
	ts.Check(made.Close())
}

// fill writes into cells of a workbook, as whoever fills it in: fill x.xlsx SHEET B4=text …. A number is a number, a day a
// day; B4?=text says instead that the cell holds the text.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: fill XLSX SHEET CELL=TEXT…")
	}
	book, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, arg := range args[2:] {
		cell, text, _ := strings.Cut(arg, "=")
		if asked, is := strings.CutSuffix(cell, "?"); is {
			held, err := book.GetCellValue(args[1], asked)
			ts.Check(err)
			if held != text {
				ts.Fatalf("%s of %s holds %q, not %q", asked, args[1], held, text)
			}
			continue
		}
		var value any = text
		if when, err := time.Parse(time.DateOnly, text); err == nil {
			value = when
		} else if number, err := strconv.ParseFloat(text, 64); err == nil && !strings.HasPrefix(text, "0") {
			value = number
		}
		ts.Check(book.SetCellValue(args[1], cell, value))
	}
	ts.Check(book.Save())
	ts.Check(book.Close())
}

// only disables every pipeline of a site but those named: only my-site spend.
// A script about something else need not have three hundred relations built.
func only(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 1 {
		ts.Fatalf("usage: only SITE PIPELINE…")
	}
	files, err := pipeline.AllBut(socialvalue.Assets, args[1:]...)
	ts.Check(err)
	for name, text := range files {
		path := filepath.Join(ts.MkAbs(args[0]), filepath.FromSlash(name))
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o750))
		ts.Check(os.WriteFile(path, text, 0o640))
	}
}
