//go:build duckdb_arrow

// Package travel_test holds the SQL and the contracts of this pipeline to vectors worked out elsewhere.
package travel_test

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"socialvalue"
	"socialvalue/internal/model"
	"socialvalue/internal/warehouse"
)

// vector reads a vector file: a comment line, a header, rows by column.
func vector(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	reader := csv.NewReader(file)
	reader.Comment = '#'
	all, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, fields := range all[1:] {
		row := map[string]string{}
		for i, column := range all[0] {
			row[column] = fields[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// withMacros is a database with the macros of the project and the reference data named.
func withMacros(t *testing.T, references ...string) *warehouse.DB {
	t.Helper()
	names, err := fs.Glob(socialvalue.Assets, "sql/macros/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	only := make(fstest.MapFS)
	for _, name := range names {
		text, err := fs.ReadFile(socialvalue.Assets, name)
		if err != nil {
			t.Fatal(err)
		}
		only[name] = &fstest.MapFile{Data: text}
	}
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{MemoryLimit: "256MB", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	project, err := model.Load(t.Context(), only, model.LoadOptions{DB: db})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range project.MacroOrder {
		if _, err := db.Exec(t.Context(), project.Macros[name].SQL()); err != nil {
			t.Fatalf("create macro %s: %v", name, err)
		}
	}
	for _, name := range references {
		statement := fmt.Sprintf("create table %s as select * from read_csv('../../sql/ref/%s.csv', header = true, nullstr = '')", name, name)
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func one(t *testing.T, db *warehouse.DB, expression string) string {
	t.Helper()
	var got string
	if err := db.One(t.Context(), "select coalesce(cast(("+expression+") as varchar), 'NULL')", nil, &got); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return got
}

// TestItsoDates is the vector itso_dates, and edge cases.
func TestItsoDates(t *testing.T) {
	t.Parallel()
	db := withMacros(t)
	for _, row := range vector(t, "itso_dates.csv") {
		expression, want := "itso_date("+row["raw"]+")", row["expected_local"]
		if row["type"] == "DTS" {
			expression, want = "itso_time('"+strings.ToUpper(row["raw"])+"')", strings.Replace(want, "T", " ", 1)+":00"
		}
		if got := one(t, db, expression); got != want {
			t.Errorf("%s = %s, want %s", expression, got, want)
		}
	}
	for _, wrong := range []string{"1997-01-01 00:00", "2028-11-24 20:16"} {
		if got := one(t, db, "travel_clock_is_wrong(timestamp '"+wrong+"', cast(null as timestamp))"); got != "true" {
			t.Errorf("A-05: the clock says %s, and is taken as right", wrong)
		}
	}
}

// TestOffPeak is the vector offpeak_validity, and edge cases: rules from ref.travel_pass_times, days from
// ref.bank_holiday.
func TestOffPeak(t *testing.T) {
	t.Parallel()
	db := withMacros(t, "travel_pass_times", "bank_holiday")
	for _, row := range vector(t, "offpeak_validity.csv") {
		at := "timestamp '" + strings.Replace(row["boarding_local"], "T", " ", 1) + "'"
		for column, rule := range map[string]string{
			"statutory_encts_free": "statutory", "merseyside_age_pass_free": "merseyside_age", "merseyside_disabled_pass_free": "merseyside_disabled",
		} {
			want := map[string]string{"yes": "true", "no": "false"}[row[column]]
			working := "(isodow(" + at + ") < 6 and cast(" + at + " as date) not in (select holiday_date from bank_holiday))"
			got := one(t, db, "select travel_is_free("+at+", "+working+", any_value(morning_from), any_value(morning_until), any_value(evening_after)) from travel_pass_times where free_rule = '"+rule+"'")
			if got != want {
				t.Errorf("%s by %s: free %s, want %s", row["boarding_local"], rule, got, want)
			}
		}
	}
}

// TestBankHolidaysOfTheBaselineYear is the vector bank_holidays_fy2022_23.
func TestBankHolidaysOfTheBaselineYear(t *testing.T) {
	t.Parallel()
	db := withMacros(t, "bank_holiday")
	got, err := db.Texts(t.Context(), "select cast(holiday_date as varchar) from bank_holiday where holiday_date between '2022-04-01' and '2023-03-31' order by 1")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, row := range vector(t, "bank_holidays_fy2022_23.csv") {
		want = append(want, row["date"])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bank holidays (-want +got):\n%s", diff)
	}
}
