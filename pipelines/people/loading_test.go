//go:build duckdb_arrow

package people_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socialvalue"
	"socialvalue/internal/estimators"
	"socialvalue/internal/inspect"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// sent is a file as a body may send it, and what becomes of it.
type sent struct {
	name, contract, text string
	set                  string // constants of the source
	layout               string // that it is read by
	rows                 int64
	refused              string // part of the reason; empty: it is taken
}

const aPerson = "Person Reference,NI Number,Surname,Sex,Ethnic Origin,Disabled,Date of Birth\n"

func sentFiles() []sent {
	headings := strings.Repeat("Gender Pay Gap Report\n", 8)
	person := func(name, rows, refused string) sent {
		return sent{name: name, contract: "person", set: `snapshot_date: "2025-03-31"`, text: aPerson + rows, layout: "by_name", refused: refused}
	}
	line := "Person Reference,Post Number,Period Start,Period End,Pay Date,Element Code,Amount\n"
	pay := func(name, rows, refused string) sent {
		return sent{name: name, contract: "pay_lines", set: `snapshot_date: "2025-03-31"`, text: line + rows, layout: "by_name", refused: refused}
	}
	application := func(name, row, refused string) sent {
		return sent{name: name, contract: "applications", text: "Candidate Ref,Vacancy Ref,Campaign Closed,Applied,Shortlisted,Interviewed,Offered,Appointed,Home Postcode\n" + row, layout: "by_name", refused: refused}
	}
	with := func(s sent, rows int64) sent { s.rows = rows; return s }
	return []sent{
		with(person("as described, with words, codes and a total", "000123,QQ123456A,Invented,F,White British,Yes,29/02/1988\n000124,,Invented,Male,A4,,01/01/1900\nTOTAL,,,,,,\n", ""), 2),
		// 5.4: each of these refuses the file.
		person("edge case 52, ethnicity in no map", "1,,Invented,F,X7,,01/02/1980\n2,,Invented,M,WHITE_IRISH,,01/02/1980\n", "1 of 2"),
		person("a person twice", "1,,Invented,F,,,01/02/1980\n1,,Invented,F,,,01/02/1980\n2,,Invented,M,,,01/02/1980\n", "1 of 3"),
		person("sex outside the list", "1,,Invented,Q,,,01/02/1980\n2,,Invented,M,,,01/02/1980\n", "1 of 2"),
		pay("period is missing", "1,1-1,,,27/03/2025,BASIC,2500.00\n2,2-1,01/03/2025,31/03/2025,27/03/2025,BASIC,2500.00\nTOTAL,,,,,,5000.00\n", "1 of 2"),
		pay("the total is another", "1,1-1,01/03/2025,31/03/2025,27/03/2025,BASIC,2500.00\nTOTAL,,,,,,2600.00\n", "total"),
		with(pay("money as payrolls write it", "1,1-1,01/03/2025,31/03/2025,27/03/2025,BASIC,\"£2,500.00\"\n1,1-1,01/03/2025,31/03/2025,27/03/2025,AVC,(12.50)\n1,1-1,01/03/2025,31/03/2025,27/03/2025,RECOVERY,12.50-\nTOTAL,,,,,,2475.00\n", ""), 3),
		{
			name: "negative hours", contract: "weekly_hours", set: `snapshot_date: "2025-03-31"`, layout: "by_name", refused: "1 of 2",
			text: "Person Reference,Assignment Reference,Week Ending,Hours\n1,1-1,30/03/2025,-4\n1,1-1,23/03/2025,4\n",
		},
		application("edge case 53, appointed and not shortlisted", "C1,V1,01/06/2024,01/05/2024,,,,20/05/2024,L3 1BP\nC2,V1,01/06/2024,01/05/2024,,,,,L3 1BP\n", "1 of 2"),
		with(application("appointed by way of every stage", "C1,V1,01/06/2024,01/05/2024,05/05/2024,10/05/2024,15/05/2024,20/05/2024,LL11 1AA\n", ""), 1),
		// The systems of 5.2.
		{
			name: "iTrent, people", contract: "person", set: `snapshot_date: "2025-03-31"`, layout: "itrent", rows: 1,
			text: "HR extract\n\nEMPLOYEE_REF,NI_NUMBER,SURNAME,SEX,ETHNIC_CODE,DISABLED,BIRTH_DATE\n000123,,Invented,F,W1,Y,01/02/1980\n",
		},
		{
			name: "iTrent, posts with hours in hundredths", contract: "assignment", set: `snapshot_date: "2025-03-31"`, layout: "itrent", rows: 1,
			text: "Posts\n\nEMPLOYEE_REF,ASSIGNMENT_REF,WORKER_TYPE,START_DATE,HOURS_100,GRADE,DIRECTORATE,COST_CODE\n000123,000123-1,Employee,01/09/2019,3625,G6,Place,4106\n",
		},
		{
			name: "iTrent, payments with pound signs in Windows-1252", contract: "pay_lines", set: `snapshot_date: "2025-03-31"`, layout: "itrent", rows: 2,
			text: "Payments in \xa3\n\nEMPLOYEE_REF,ASSIGNMENT_REF,PERIOD_START,PERIOD_END,PAY_DATE,ELEMENT_CODE,ELEMENT_DESC,HOURS,AMOUNT,DATE_EARNED,COST_CODE\n" +
				"000123,000123-1,01/03/2025,31/03/2025,27/03/2025,BASIC,BASIC PAY,,\xa31250.00,,4106\n000123,000123-1,01/03/2025,31/03/2025,27/03/2025,BASIC,BASIC PAY,,\xa31250.00,,4999\n",
		},
		{
			name: "ESR, staff list after eight lines", contract: "assignment", set: `snapshot_date: "2025-03-31", worker_type: EMPLOYEE`, layout: "esr_staff_list", rows: 2,
			text: headings + "Employee Number,Assignment Number,Primary,Start Date,Org L3,Org L5,Pay Scale\n20012345,20012345-2,Y,01-Sep-2019,Place,Buses,XN06\n20012345,20012345-3,N,01-Sep-2021,Place,Buses,XN04\n",
		},
		{
			name: "ESR, report of hourly rates after eight lines", contract: "pay_summary", set: `snapshot_date: "2025-03-31"`, layout: "esr_bi", rows: 1,
			text: headings + "Employee Number,Gender,Hourly Rate,Quartile,Pay Scale\n20012345,Female,15.5379,2,XN06\n",
		},
		{
			name: "Cintra, snapshot extract with overrides", contract: "pay_summary", set: `snapshot_date: "2025-03-31"`, layout: "cintra", rows: 1,
			text: "Empt Id,Surname,First Name,M/F,Payroll Period,Exclude,*,Hourly Rate,Weekly Ord,Weekly Bonus,Weekly Bonus O/R,Weekly Hours,Weekly Hours O/R,On Full Pay\n7,Invented,I,F,12,No,,15.54,574.90,0.00,,36,37,Yes\n",
		},
		{
			name: "Dayforce, earnings of the snapshot period", contract: "pay_lines", set: `snapshot_date: "2025-03-31"`, layout: "dayforce", rows: 1,
			text: "Employee Number,Employee Gender,Employment Status Group Name,Base Rate,Normal Weekly Hours,Pay Frequency Name,Weekly Denominator,Earning Code Name,Earning Name,Units,Pay Run Earning Rate,Pay Run Earning Amount,Category of Earnings,Pay Run Pay Date,Snapshot Date,Current Snapshot Period\n" +
				"7,Female,Active,15.54,37,Monthly,4.333314,BASIC,BASIC PAY,,,2500.00,Regular,27/03/2025,31/03/2025,1\n",
		},
	}
}

// TestFilesAreTakenOrRefused tries files as bodies send them: the layouts of the payroll systems, and what refuses a file.
func TestFilesAreTakenOrRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var settings strings.Builder
	settings.WriteString("name: Files\nversion: 1\nbodies: [{code: ours, name: Ours}]\narea: {name: Area, lad_codes: [E08000012]}\n" +
		"baseline_year: 2022-23\nduckdb: {memory_limit: 1GB, threads: 1, temp_limit: 2GB}\nsources:\n")
	for i, s := range sentFiles() {
		set := ""
		if s.set != "" {
			set = ", set: {" + s.set + "}"
		}
		fmt.Fprintf(&settings, "  - {name: s%d, contract: people/%s, body: ours, from: drop/s%d/*.csv%s}\n", i, s.contract, i, set)
		folder := filepath.Join(dir, "drop", fmt.Sprint("s", i))
		if err := os.MkdirAll(folder, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "file.csv"), []byte(s.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "svw.yaml"), []byte(settings.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	place, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	files, err := place.Files(socialvalue.Assets)
	if err != nil {
		t.Fatal(err)
	}
	env := workspace.Environment{
		Site: place, Files: files, Estimators: estimators.All(), Version: "test",
		Now:   func() time.Time { return time.Date(2030, time.June, 30, 0, 0, 0, 0, time.UTC) },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
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
			case s.refused == "" && (got.Refused != "" || got.Quarantined != 0 || got.Rows != s.rows):
				t.Errorf("%d rows right, %d wrong (%s), refused: %q; want %d rows", got.Rows, got.Quarantined, got.Reasons, got.Refused, s.rows)
			case s.refused != "" && !strings.Contains(got.Refused, s.refused):
				t.Errorf("refused: %q (%s), want %q in it", got.Refused, got.Reasons, s.refused)
			}
			if got.Layout != s.layout {
				t.Errorf("read by layout %q, want %q", got.Layout, s.layout)
			}
			if strings.Contains(got.Refused+got.Reasons, "Invented") || strings.Contains(got.Refused+got.Reasons, "QQ123456A") {
				t.Error("a message shows a value of a person")
			}
		})
	}
}
