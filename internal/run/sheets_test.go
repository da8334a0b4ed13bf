//go:build duckdb_arrow

package run_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"socialvalue/internal/inspect"
	"socialvalue/internal/load"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
)

// sheetOf is a sheet of a workbook made for a test.
type sheetOf struct {
	name   string
	hidden bool
	rows   [][]any
}

func workbookOf(t testing.TB, sheets ...sheetOf) string {
	t.Helper()
	book := excelize.NewFile()
	var failed []error
	for i, s := range sheets {
		if i == 0 {
			failed = append(failed, book.SetSheetName("Sheet1", s.name))
		} else {
			_, err := book.NewSheet(s.name)
			failed = append(failed, err)
		}
		for j, row := range s.rows {
			ref, err := excelize.CoordinatesToCellName(1, j+1)
			failed = append(failed, err, book.SetSheetRow(s.name, ref, &row))
		}
		failed = append(failed, book.SetSheetVisible(s.name, !s.hidden))
	}
	var content bytes.Buffer
	if err := errors.Join(append(failed, book.Write(&content), book.Close())...); err != nil {
		t.Fatal(err)
	}
	return content.String()
}

// month is a sheet of ledger lines.
func month(name string, rows ...[]any) sheetOf {
	return sheetOf{name: name, rows: append([][]any{{"Posted", "Doc", "Payee", "Net"}}, rows...)}
}

const sheetSources = `  - name: year
    contract: feed/lines
    body: us
    from: drop/year_*
    sheets: '20??-??'
    name_pattern: '!(?P<month>\d{4}-\d{2})$'
    layouts: [{name: by_name}]
  - name: accounts
    contract: feed/accounts
    body: us
    from: drop/year_*
    layouts: [{name: second, format: {sheet: Accounts, header_row: 2}}]
`

const accountsContract = `version: 1
description: accounts of the ledger
grain: one account
load: {mode: upsert, identity: key, key: [account]}
limits: {quarantine_share: 0.4, quarantine_max: 500, min_rows: 1}
columns:
  - {name: account, type: code, required: true, aliases: [Account]}
  - {name: title, type: text, required: true, aliases: [Title]}
`

// A workbook with a sheet a month is one document a sheet, each of the month that
// its tab says; another source reads another sheet of the same workbook under
// another contract. Rows, corrections and refusals name the sheet.
func TestSheetsOfAWorkbook(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.write(t, "svw.yaml", tinySite+sheetSources)
	f.write(t, "pipelines/feed/contracts/accounts.yaml", accountsContract)
	accounts := sheetOf{name: "Accounts", rows: [][]any{{"Chart of accounts"}, {"Account", "Title"}, {"4000", "Roads"}, {"4001", "Parks"}}}
	march := month("2025-03", []any{"2025-03-01", "1", "A", 10}, []any{"2025-03-02", "2", "B", 20}, []any{"2025-03-33", "3", "C", 30})
	april := month("2025-04", []any{"2025-04-01", "1", "A", 40})
	secret := month("2025-05", []any{"2025-05-01", "1", "A", 50})
	secret.hidden = true
	const name = "drop/year_2025.xlsx"
	f.write(t, name, workbookOf(t, accounts, march, april, secret))
	report := f.run(t)
	got := map[string]string{}
	for _, file := range report.Files {
		if strings.HasPrefix(file.File, name) {
			got[file.Source+" "+file.File] = string(file.Status) + " " + file.Reason
		}
	}
	want := map[string]string{
		"year " + name + "!2025-03": "loaded ", "year " + name + "!2025-04": "loaded ", "accounts " + name: "loaded ",
		"year " + name + "!Accounts": `skipped sheets: "20??-??" does not fit it`,
		"year " + name + "!2025-05":  "skipped the sheet is hidden: name it alone in a source of its own, or have it shown",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the workbook (-want +got):\n%s", diff)
	}
	lines := func() []string {
		return f.texts(t, "feed", "select source_file || ' ' || source_row || ' ' || posted || ' ' || amount_gbp from feed.lines where posted > date '2025-02-28' order by 1")
	}
	rows := []string{name + "!2025-03 2 2025-03-01 10.00", name + "!2025-03 3 2025-03-02 20.00", name + "!2025-04 2 2025-04-01 40.00"}
	if diff := cmp.Diff(rows, lines()); diff != "" {
		t.Errorf("released (-want +got):\n%s", diff)
	}
	loads := map[string]load.Record{}
	for _, l := range f.allLoads(t) {
		if l.File == name {
			loads[l.Relation+" "+l.Member] = *l.Record
		}
	}
	if m := loads["raw.feed_lines 2025-03"]; m.PeriodStart != "2025-03-01" || m.PeriodEnd != "2025-03-31" || m.Quarantined != 1 {
		t.Errorf("March: %+v", m)
	}
	if a := loads["raw.feed_accounts "]; len(loads) != 3 || a.Rows != 2 {
		t.Errorf("%d loads; accounts: %+v", len(loads), a)
	}

	// A cell of one sheet is corrected, and its document is read again as received.
	march3 := loads["raw.feed_lines 2025-03"]
	f.write(t, "overrides/raw.feed_lines.csv", correctionsHeader+name+"!2025-03,4,"+march3.FileSHA256+",posted,,,,2025-03-31,the invoice says so,J. Smith,2025-06-01,\n")
	f.run(t)
	rows = slices.Insert(rows, 2, name+"!2025-03 4 2025-03-31 30.00")
	if diff := cmp.Diff(rows, lines()); diff != "" {
		t.Errorf("corrected (-want +got):\n%s", diff)
	}
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	replayed, err := run.Replay(t.Context(), env, run.ReplayOptions{Source: "year", Loads: []string{loads["raw.feed_lines 2025-04"].ID}})
	if err != nil || len(replayed.Files) != 1 || replayed.Files[0].Status != runreport.FileLoaded || replayed.Files[0].File != name+"!2025-04" {
		t.Errorf("replayed %+v, %v", replayed, err)
	}
	trials, err := inspect.TestSource(t.Context(), env, "year", 0)
	if err != nil || len(trials) != 2 || trials[0].Refused+trials[1].Refused != "" {
		t.Errorf("tried %+v, %v", trials, err)
	}

	// The workbook of the next month has one sheet more and a month mended.
	f.remove(t, "overrides")
	f.write(t, "drop/year_2025_06.xlsx", workbookOf(t, accounts, month("2025-03", []any{"2025-03-01", "1", "A", 11}), april, month("2025-06", []any{"2025-06-01", "1", "A", 60})))
	f.run(t)
	const next = "drop/year_2025_06.xlsx"
	rows = []string{next + "!2025-03 2 2025-03-01 11.00", next + "!2025-04 2 2025-04-01 40.00", next + "!2025-06 2 2025-06-01 60.00"}
	if diff := cmp.Diff(rows, lines()); diff != "" {
		t.Errorf("the next workbook (-want +got):\n%s", diff)
	}

	f.write(t, "drop/year_2024.xlsx", workbookOf(t, accounts, month("January")))
	for _, file := range f.run(t).Files {
		if file.File == "drop/year_2024.xlsx" && file.Source == "year" &&
			(file.Status != runreport.FileRefused || !strings.Contains(file.Reason, `no visible sheet fits sheets: "20??-??"; the workbook has Accounts, January`)) {
			t.Errorf("no sheet that fits: %s %s", file.Status, file.Reason)
		}
	}
}

// A source that reads other sheets from now on reads its files again.
func TestOtherSheetsAreRead(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.write(t, "svw.yaml", tinySite+strings.Replace(sheetSources, "20??-??", "2025-03", 1))
	f.write(t, "pipelines/feed/contracts/accounts.yaml", accountsContract)
	f.write(t, "drop/year_2025.xlsx", workbookOf(t, month("2025-03", []any{"2025-03-01", "1", "A", 10}), month("2025-04", []any{"2025-04-01", "1", "A", 40})))
	f.run(t)
	f.configure(t, "sheets: '2025-03'", "sheets: '2025-0?'")
	f.run(t)
	want := []string{"2025-03-01 10.00", "2025-04-01 40.00"}
	if got := f.texts(t, "feed", "select posted, amount_gbp from feed.lines where posted > date '2025-02-28' order by 1"); !slices.Equal(got, want) {
		t.Errorf("released %v, want %v", got, want)
	}
}

// allLoads are the loads that count.
func (f *flow) allLoads(t testing.TB) []inspect.LoadStatus {
	t.Helper()
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	loads, err := inspect.Loads(t.Context(), env, inspect.LoadFilter{Status: load.StatusActive})
	if err != nil {
		t.Fatal(err)
	}
	return loads
}
