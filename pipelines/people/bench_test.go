//go:build duckdb_arrow

package people_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/warehouse"
)

// BenchmarkChain takes a workforce through every model, from raw rows to the figures, at two snapshots: people on a spine of 60
// points in 15 grades and 8 directorates, each with what they declared, a twentieth with a bonus, a hundredth on leave, a
// tenth half-time, a fiftieth with hours that vary. It says how long each model takes, and the largest resident memory of
// the process until then. DuckDB has one thread and 2 GB, and a file, as in a run.
//
//	go test -tags duckdb_arrow ./pipelines/people -run '^$' -bench Chain -benchtime 1x -v
func BenchmarkChain(b *testing.B) {
	for _, people := range []int{950, 100_000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			limits := warehouse.Options{MemoryLimit: "2GB", Threads: 1, TempDir: b.TempDir(), TempLimit: "20GB"}
			c := newCalculatorIn(b, filepath.Join(b.TempDir(), "build.duckdb"), limits, "people.pay_gaps", "people.pay_gap_drivers",
				"people.pay_gap_sentences", "people.gov_uk_return", "people.pay_exclusion_counts", "people.workforce_profile")
			c.enlist(b, people)
			b.ResetTimer()
			for b.Loop() {
				for _, relation := range c.wanted {
					started := time.Now()
					c.make(b, []string{relation})
					if took := time.Since(started); took > time.Second {
						b.Logf("%-25s %6.1f s, %s rows, %5.0f MB", relation, took.Seconds(), c.ask(b, "select cast(count(*) as varchar) from "+relation)[0], peakMB(b))
					}
				}
			}
			b.ReportMetric(peakMB(b), "peak-MB")
		})
	}
}

// enlist enters a workforce of so many people, on two snapshot dates.
func (c *calculator) enlist(b *testing.B, people int) {
	b.Helper()
	w := workforce{}
	addElements(w, ourBody)
	c.fill(b, "raw.people_element_map", w["raw.people_element_map"])
	const key = "cast(md5(concat('person', i)) as uuid)"
	days := "(values (date '2024-03-31', 0), (date '2025-03-31', 1)) as snapshots (snapshot_date, later)"
	draw := func(salt string, n int) string { return fmt.Sprintf("(hash(concat('%s', i)) %% %d)", salt, n) }
	one := func(salt string, values ...string) string {
		return fmt.Sprintf("['%s'][1 + cast(%s as integer)]", strings.Join(values, "', '"), draw(salt, len(values)))
	}
	insert := func(relation, columns, query string) {
		if _, err := c.db.Exec(b.Context(), fmt.Sprintf("insert into %s (%s) select %s from range(%d) as numbers (i) cross join %s", relation, columns, query, people, days)); err != nil {
			b.Fatalf("%s: %v", relation, err)
		}
	}
	insert("raw.people_person", "body_code, snapshot_date, person_key, sex, ethnicity, disability, age_band, orientation, religion, marriage_or_civil_partnership",
		"'"+ourBody+"', snapshot_date, "+key+", "+one("sex", "F", "M")+", "+
			one("ethnicity", "WHITE_BRITISH", "WHITE_BRITISH", "WHITE_BRITISH", "WHITE_BRITISH", "WHITE_IRISH", "WHITE_OTHER", "ASIAN_INDIAN", "ASIAN_PAKISTANI", "BLACK_AFRICAN", "MIXED_OTHER", "OTHER_ARAB", "PREFER_NOT_TO_SAY")+", "+
			one("disability", "NO", "NO", "NO", "NO", "YES", "PREFER_NOT_TO_SAY")+", "+one("age", "16-24", "25-34", "35-44", "45-54", "55-64", "65+")+", "+
			one("orientation", "HETEROSEXUAL", "HETEROSEXUAL", "HETEROSEXUAL", "BISEXUAL", "PREFER_NOT_TO_SAY")+", "+one("religion", "NO_RELIGION", "CHRISTIAN", "CHRISTIAN", "MUSLIM", "HINDU", "OTHER")+", "+one("marriage", "YES", "NO"))
	hours := "case when i % 10 = 0 then 18.5 else 37 end"
	insert("raw.people_assignment", "body_code, snapshot_date, person_key, assignment_key, worker_type, post_kind, pay_frequency, started_on, hours_vary, weekly_hours, full_time_hours, grade, directorate",
		"'"+ourBody+"', snapshot_date, "+key+", "+key+", case when i % 50 = 0 then 'CASUAL' else 'EMPLOYEE' end, 'MAIN', 'MONTH', date '2010-01-01' + cast("+draw("tenure", 5000)+" as integer), i % 50 = 0, case when i % 50 = 0 then null else "+hours+" end, 37, concat('G', 1 + "+draw("point", 60)+" // 4), concat('Directorate ', "+draw("directorate", 8)+")")
	pay := "cast(1900 * pow(1.015, " + draw("point", 60) + ") * (1 + 0.03 * later) * " + hours + " / 37 as decimal(18, 2))"
	line := "body_code, snapshot_date, line_key, person_key, assignment_key, period_start, period_end, paid_on, element_code, amount_gbp"
	insert("raw.people_pay_lines", line, "'"+ourBody+"', snapshot_date, cast(md5(concat('basic', i, snapshot_date)) as uuid), "+key+", "+key+", snapshot_date - 30, snapshot_date, snapshot_date - 4, 'BASIC', "+pay)
	insert("raw.people_pay_lines", line, "'"+ourBody+"', snapshot_date, case when i % 20 < 1 then cast(md5(concat('bonus', i, snapshot_date)) as uuid) else cast(md5(concat('lgps', i, snapshot_date)) as uuid) end, "+key+", "+key+", snapshot_date - 30, snapshot_date, snapshot_date - 4, case when i % 20 < 1 then 'BONUS_YEAR' else 'LGPS' end, case when i % 20 < 1 then 100 + "+draw("bonus", 5000)+" else -150 end")
	insert("raw.people_absence", "body_code, snapshot_date, person_key, assignment_key, reduced_pay_because_of_leave", "'"+ourBody+"', snapshot_date, "+key+", "+key+", i % 100 = 3")
	if _, err := c.db.Exec(b.Context(), fmt.Sprintf(`insert into raw.people_weekly_hours (body_code, snapshot_date, person_key, assignment_key, week_ending, hours)
		select '%s', snapshot_date, %s, %s, snapshot_date - 1 - cast(7 * week as integer), 16 from range(0, %d, 50) as numbers (i) cross join %s cross join range(18) as weeks (week)`, ourBody, key, key, people, days)); err != nil {
		b.Fatal(err)
	}
}

// peakMB is the largest resident memory that the process had.
func peakMB(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("the memory of a process is told on Linux alone")
	}
	for line := range strings.Lines(string(status)) {
		if kilobytes, is := strings.CutPrefix(line, "VmHWM:"); is {
			var n float64
			if _, err := fmt.Sscan(kilobytes, &n); err != nil {
				b.Fatal(err)
			}
			return n / 1024
		}
	}
	return 0
}
