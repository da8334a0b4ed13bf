//go:build duckdb_arrow

package travel_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socialvalue"
	"socialvalue/internal/contract"
	"socialvalue/internal/estimators"
	"socialvalue/internal/inspect"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// sent is a file as somebody may send it, and what becomes of it.
type sent struct {
	name, contract, text string
	rows, wrong          int64
	refused              string // part of the reason; empty: it is taken
}

func sentFiles() []sent {
	journeys := func(name string, numbers ...string) sent {
		text := "Card Number,Event Time,Mode\n633597012300000017,2022-04-01 10:00,BUS\n633597012300000025,2022-04-01 10:00,BUS\n633597012300000108,2022-04-01 10:00,BUS\n"
		for _, number := range numbers {
			text += number + ",2022-04-01 10:00,BUS\n"
		}
		return sent{name: name, contract: "journeys", text: text, rows: 3 + int64(len(numbers))}
	}
	wrong := func(s sent) sent { s.rows, s.wrong = s.rows-1, 1; return s }
	refused := func(s sent, reason string) sent { s.refused = reason; return s }
	return []sent{
		journeys("blanks between the digits", "6335 9701 2312 3456 73"),
		wrong(journeys("A-19 a wrong check digit", "633597012312345674")),
		wrong(journeys("two digits changed places", "633597012312345763")),
		journeys("A-20 the number that all paper tickets share is taken", "633597818900000003"),
		refused(journeys("A-21 digits lost in a spreadsheet refuse the whole file", "6.335970123123457E+17"), "6.3E+17"),
		{name: "a time as ITSO's bits", contract: "journeys", text: "Card Number,DTS,Mode\n,0xCA9E5A,BUS\n", rows: 1},
		{name: "no time", contract: "journeys", text: "Card Number,Event Time,Mode\n,,BUS\n", refused: "no_time"},
		{
			name: "a plate is no column of tunnel accounts", contract: "tunnel_accounts",
			text: "Account Number,Account Type,Opened,VRM\n1,Personal,01/02/2020,AB12CDE\n", refused: "column",
		},
		{
			name: "households in the layout of the census", contract: "households", rows: 1,
			text: "date,geography,geography code,Number of cars or vans: Total: All households,Number of cars or vans: No cars or vans in household," +
				"Number of cars or vans: 1 car or van in household,Number of cars or vans: 2 cars or vans in household,Number of cars or vans: 3 or more cars or vans in household\n" +
				"2021,Liverpool 031A,E01006512,800,400,300,80,20\n",
		},
		{
			name: "stops as NaPTAN has them", contract: "stops", rows: 1,
			text: "ATCOCode,NaptanCode,PlateCode,CommonName,Easting,Northing,StopType,AdministrativeAreaCode,Status\n068000000001,haldgtjm,,Invented Road,350000,380000,BCT,007,active\n",
		},
	}
}

// TestFilesAreTakenOrRefused tries files as the card system and operators send them.
func TestFilesAreTakenOrRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var settings strings.Builder
	settings.WriteString("name: Files\nversion: 1\nbodies: [{code: ours, name: Ours}]\narea: {name: Area, lad_codes: [E08000012]}\nbaseline_year: 2022-23\n" +
		"duckdb: {memory_limit: 1GB, threads: 1, temp_limit: 2GB}\nkeys: {travel: \"file:travel.key\"}\npseudonyms: {context: test}\nsources:\n")
	constants := map[string]string{"journeys": `feed: "1", file_day: "2022-04-02"`, "tunnel_accounts": `extracted_on: "2023-03-31"`, "stops": `edition: "2025"`}
	for i, s := range sentFiles() {
		set := ""
		if constants[s.contract] != "" {
			set = ", set: {" + constants[s.contract] + "}"
		}
		fmt.Fprintf(&settings, "  - {name: s%d, contract: travel/%s, body: ours, from: drop/s%d/*.csv%s}\n", i, s.contract, i, set)
		put(t, filepath.Join(dir, "drop", fmt.Sprint("s", i), "file.csv"), s.text)
	}
	put(t, filepath.Join(dir, "svw.yaml"), settings.String())
	put(t, filepath.Join(dir, "travel.key"), strings.Repeat("5a", 32)+"\n")
	env := environment(t, dir)
	for i, s := range sentFiles() {
		t.Run(s.name, func(t *testing.T) {
			trials, err := inspect.TestSource(t.Context(), env, fmt.Sprint("s", i), 0)
			if err != nil {
				t.Fatal(err)
			}
			if len(trials) != 1 {
				t.Fatalf("%d files tried", len(trials))
			}
			got := trials[0]
			switch {
			case s.refused == "" && (got.Refused != "" || got.Quarantined != s.wrong || got.Rows != s.rows):
				t.Errorf("%d rows right, %d wrong (%s), refused: %q; want %d and %d", got.Rows, got.Quarantined, got.Reasons, got.Refused, s.rows, s.wrong)
			case s.refused != "" && !strings.Contains(got.Refused, s.refused):
				t.Errorf("refused: %q (%s), want %q in it", got.Refused, got.Reasons, s.refused)
			}
			if strings.Contains(got.Refused+fmt.Sprint(got.Reasons), "6335") {
				t.Error("a message shows the number of a card")
			}
		})
	}
}

func put(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o400); err != nil {
		t.Fatal(err)
	}
}

func environment(t testing.TB, dir string) workspace.Environment {
	t.Helper()
	place, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	files, err := place.Files(socialvalue.Assets)
	if err != nil {
		t.Fatal(err)
	}
	return workspace.Environment{
		Site: place, Files: files, Estimators: estimators.All(), Version: "test",
		Now:   func() time.Time { return time.Date(2030, time.June, 30, 0, 0, 0, 0, time.UTC) },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// TestCardNumbers is the vector isrn_check_digits: which numbers are right, as the contract asks.
func TestCardNumbers(t *testing.T) {
	t.Parallel()
	for _, row := range vector(t, "isrn_check_digits.csv") {
		digits := strings.ReplaceAll(row["isrn"], " ", "")
		isNumber := len(digits) == 18 && strings.Trim(digits, "0123456789") == ""
		right := isNumber && strings.HasPrefix(digits, "633597") && contract.CheckDigitLuhn.Right(digits)
		if want := row["expected"] == "valid"; right != want {
			t.Errorf("%s (%s): right %v, want %v", row["isrn"], row["note"], right, want)
		}
	}
}
