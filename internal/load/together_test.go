//go:build duckdb_arrow

package load_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/load"
)

// taps is a feed of which every row is judged by itself.
const taps = `
version: 1
description: taps
grain: one tap
load: {mode: replace_period, period: file_day, identity: none}
limits: {quarantine_share: 0.4, min_rows: 1}
columns:
  - {name: feed, type: integer, required: true, min: 0}
  - {name: file_day, type: date, required: true}
  - {name: tapped, type: timestamp, required: true}
  - {name: card_key, type: text, personal: direct, action: pseudonymise, domain: card, numeric: true, check_digit: luhn}
  - {name: machine, type: code}
  - {name: fare_gbp, type: money, personal: none}
checks:
  - {name: no_machine, when: "machine is null", severity: error}
  - {name: free, when: "fare_gbp = 0", severity: warn}
layouts:
  - name: by_name
    format: {dates: [YYYY-MM-DD, DD/MM/YYYY], nulls: ["", NULL]}
`

// tapFiles are files of days with much that can be wrong with a row or a file.
func tapFiles() []file {
	const header = "tapped,card_key,machine,fare_gbp\n"
	good := "2024-04-09 10:00,633597012312345673,M1,1.00\n"
	files := []file{
		{text: header + good + good},
		{text: header + good + "2024-02-31 10:00,,M1,1\n09/04/2024 10:05:30,,M2,0\n"},               // no such day; a warning
		{text: header + "2024-04-09 10:00,633597012312345674,M1,1.00\n" + good + good + good},       // a wrong check digit
		{text: header + good + "2024-04-09 10:00,,,2.00\n" + good},                                  // a check
		{text: header + good + "2024-04-09,,M1,1\n2024-04-09 1:00,,M1,1\n2024-04-09 10:00,,M1,x\n"}, // too many wrong
		{text: header + good + " 2024-04-09 10:00 ,\t633597012312345673,m1,NULL\n"},                 // blanks
		{text: header + good + "2024-04-09 10:00,,\"M\n1\",1\n" + good},                             // a record of two lines
		{text: header + good + "2024-04-09 10:00,,M1\n" + good + good},                              // a record that is too short
		{text: "machine,tapped\nM7,2024-04-09 10:00\nM8,2024-04-09T10:00:01\n"},                     // other columns
		{text: header},               // no rows
		{text: header + good + good}, // the bytes of the first, which claims another day
		{text: header + strings.Repeat("2024-04-09 11:00,6335 9701 2312 3456 73,M3,2\n", 3)},               // alone after it
		{text: header + "2024-04-09 12:00,633597012312345673,M3,2.5\n" + good, start: "2024-04-01"},        // overlaps
		{text: header + strings.ReplaceAll(good, "\n", "\r\n")},                                            // other line ends
		{text: header + good + "2024-04-09 10:00,6.335970123123457E+17,M1,1\n" + good},                     // digits lost
		{text: header + "2024-04-10 09:00,633597012312345673,M9,.5\n"},                                     //
		{text: header + "2024-04-10 09:00,633597012312345673,M9,1,5\n" + good + good},                      // one field too many
		{text: header + "2024-04-10 09:00,633597012312345673,M9,\"1,000.50\"\n2024-04-10 09:01,,M9,(3)\n"}, // money as people write it
	}
	for i := range files {
		day := fmt.Sprintf("2024-04-%02d", i+1)
		files[i].name = "taps_" + day + ".csv"
		if files[i].start == "" {
			files[i].start = day
		}
		files[i].end, files[i].constants = day, map[string]string{"feed": "1", "file_day": day}
		files[i].modified = time.Date(2024, 5, 1, 0, 0, i, 0, time.UTC)
	}
	return files
}

// What is read together gives the rows, the counts, the reasons, the objects and the refusals of what is read alone.
func TestReadingTogetherIsReadingAlone(t *testing.T) {
	t.Parallel()
	type told struct {
		Record *load.Record
		Fresh  bool
		Err    string
	}
	of := func(record *load.Record, fresh bool, err error) told {
		if err != nil {
			return told{Err: err.Error()}
		}
		return told{record, fresh, ""}
	}
	together, alone := setUp(t, taps), setUp(t, taps)
	together.key, alone.key = newKey(t, 1), newKey(t, 1)
	var arrived []load.Arrived
	var source load.Source
	var want, got []told
	for _, f := range tapFiles() {
		from, one, err := together.arrive(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		source, arrived = from, append(arrived, one)
		want = append(want, of(alone.load(t.Context(), f)))
	}
	for _, outcome := range together.loader.LoadAll(t.Context(), source, arrived) {
		got = append(got, of(outcome.Record, outcome.Fresh, outcome.Err))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-alone +together)\n%s", diff)
	}
	if n := together.loader.Together; n < 6 {
		t.Errorf("%d documents were read together", n)
	}
	together.commit()
	alone.commit()
	const rows = "select cast(raw as varchar) from raw.demo_payments as raw order by _source_file, _source_row"
	if diff := cmp.Diff(alone.texts(rows), together.texts(rows)); diff != "" {
		t.Errorf("(-alone +together)\n%s", diff)
	}
	for _, outcome := range want {
		if outcome.Record == nil || outcome.Record.QuarantineSHA256 == "" {
			continue
		}
		for _, b := range []*bench{alone, together} {
			if !b.loader.Store.Has(load.QuarantineRelation, outcome.Record.QuarantineSHA256) {
				t.Errorf("the quarantine of %s is not there", outcome.Record.File)
			}
		}
	}
	again := together.loader.LoadAll(t.Context(), source, arrived[:3])
	for _, outcome := range again {
		if outcome.Err != nil || outcome.Fresh {
			t.Errorf("loaded twice: %+v", outcome)
		}
	}
}
