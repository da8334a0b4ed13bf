//go:build duckdb_arrow

package run_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"socialvalue/internal/candidate"
	"socialvalue/internal/run"
)

// aFirstRunThatFails breaks a dataset before there was any release: it and what
// hangs on it are missing, the rest is released, and mended it comes.
func aFirstRunThatFails(t *testing.T) {
	f := newSmallFlow(t)
	const broken = "spend.payments"
	text, err := builtIn("sql/spend/payments.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, "sql/spend/payments.yaml", strings.Replace(text, "\nchecks:\n", "\nchecks:\n  - {name: never, sql: select line_key from spend.payments}\n", 1))
	report := f.run(t)
	if report.Release == nil || !slices.Contains(report.Release.Missing, broken) || len(report.Release.Held) > 0 || !report.Refused() {
		t.Fatalf("release %+v", report.Release)
	}
	if got := f.texts(t, "spend", "select held_back like '%spend.payments%' from meta.release where domain = 'spend'"); !slices.Equal(got, []string{"true"}) {
		t.Errorf("meta.release says %v", got)
	}
	if got := f.texts(t, "open", "select count(*) > 0 from geo.district"); !slices.Equal(got, []string{"true"}) {
		t.Errorf("geo.district: %v", got)
	}
	if report := f.run(t); report.Release != nil || report.ReleaseNote != "nothing is new" {
		t.Errorf("the next night releases %+v (%s)", report.Release, report.ReleaseNote)
	}
	f.remove(t, "sql")
	report = f.run(t)
	if report.Release == nil || len(report.Release.Missing) > 0 {
		t.Errorf("mended: %+v", report.Release)
	}
}

// aCheckOfTheRelease stops everything, and the last release stands.
func aCheckOfTheRelease(t *testing.T, f *flow) {
	before := f.hashes(t)
	f.write(t, "sql/checks/never_pass.sql", "select lad_code from geo.district\n")
	f.write(t, "sql/checks/never_pass.yaml", "description: nothing passes\nscope: release\n")
	f.configure(t, "  name: Liverpool City Region\n", "  name: Merseyside and Halton\n")
	report, err := f.try(t.Context(), run.Options{Trigger: "test"})
	var stopped *candidate.CheckError
	if !errors.As(err, &stopped) || report.Release != nil {
		t.Fatalf("release %+v, %v", report.Release, err)
	}
	after := f.hashes(t)
	for name := range before {
		if after[name] != before[name] {
			t.Errorf("%s has changed", name)
		}
	}
}

// silence lets a feed fall silent: one release says so, no second, and the
// datasets are the same files (architecture 7.5).
func silence(t *testing.T, f *flow) {
	before := f.hashes(t)
	f.now = f.now.AddDate(0, 0, 46)
	report := f.run(t)
	if report.Release == nil || !report.Release.MetaOnly || len(report.Stale) == 0 || !report.Stale[0].News {
		t.Fatalf("release %+v (%s), stale %+v", report.Release, report.ReleaseNote, report.Stale)
	}
	if report.Refused() {
		t.Error("silence is told by the exit code")
	}
	if after := f.hashes(t); len(after) != len(before) {
		t.Errorf("%d files, before %d", len(after), len(before))
	} else {
		for name := range before {
			if after[name] != before[name] {
				t.Errorf("%s has changed", name)
			}
		}
	}
	again := f.run(t)
	if again.Release != nil || len(again.Stale) != len(report.Stale) || again.Stale[0].News {
		t.Errorf("the next night: release %+v, stale %+v", again.Release, again.Stale)
	}
}
