//go:build duckdb_arrow

package run_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/lock"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
	"socialvalue/internal/workspace"
)

// brokenModel lays a model over the built-in one that fails on the first row:
// it and its dependents stay as they were released, the rest goes on.
func brokenModel(t *testing.T, f *flow) {
	const broken = "spend.published_payments"
	before := f.hashes(t)
	text, err := builtIn("sql/spend/published_payments.sql")
	if err != nil {
		t.Fatal(err)
	}
	mended := strings.Replace(text, "lines.line_amount_gbp,", "cast(cast('no money' || lines.document_ref as integer) as decimal(18, 2)) as line_amount_gbp,", 1)
	if mended == text {
		t.Fatal("the model has no line_amount_gbp any more: break another column")
	}
	f.write(t, "sql/spend/published_payments.sql", mended)
	// Another name of the area changes datasets that do not hang on the model.
	f.configure(t, "  name: Liverpool City Region\n", "  name: Merseyside and Halton\n")
	report := f.run(t)
	env, err := environment(f.dir, f.now)
	if err != nil {
		t.Fatal(err)
	}
	project, err := workspace.Project(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	held := project.Descendants(broken)
	if diff := cmp.Diff([]string{broken}, modelsBy(report, "failed")); diff != "" {
		t.Fatalf("failed (-want +got):\n%s", diff)
	}
	slices.Sort(held)
	if got := modelsBy(report, "held"); !slices.Equal(got, held) {
		t.Errorf("held %v, want %v", got, held)
	}
	if report.Release == nil {
		t.Fatal("nothing is released")
	}
	if !slices.Contains(report.Release.Held, broken) || !report.Refused() {
		t.Errorf("the release holds %v; refused: %t", report.Release.Held, report.Refused())
	}
	after := f.hashes(t)
	for name := range before {
		if strings.Contains(name, "/"+broken+".") && after[name] != before[name] {
			t.Errorf("%s is not as it was released", name)
		}
	}
	const other = "open/datasets/geo.area_summary/geo.area_summary.csv"
	if after[other] == before[other] {
		t.Errorf("%s is not new", other)
	}
	if got := f.texts(t, "open", "select count(*) > 0 from spend.published_payments"); !slices.Equal(got, []string{"true"}) {
		t.Errorf("held rows: %v", got)
	}

	// Mended, everything is released again.
	f.remove(t, "sql")
	report = f.run(t)
	if report.Release == nil || len(report.Release.Held) > 0 {
		t.Errorf("after the mend: %+v", report.Release)
	}
}

// badFiles replaces a good file by a bad one and adds another: both are refused
// by name and the rows of the good one stay.
func badFiles(t *testing.T, f *flow) {
	before := f.hashes(t)
	const cut, strange = "drop/spend/lcrca/lcrca_ledger_2022-06.csv", "drop/spend/lcrca/lcrca_ledger_2022-08.csv"
	good := f.read(t, cut)
	comma := strings.LastIndexByte(good[:len(good)/2], ',')
	f.write(t, cut, good[:comma+1]+`"`+strings.ReplaceAll(good[comma+1:], `"`, ""))
	f.write(t, strange, "When,Who,How much\n2022-08-01,Nobody,1.00\n")
	report := f.run(t)
	refused := filesBy(report, runreport.FileRefused)
	for _, name := range []string{cut, strange} {
		if !slices.Contains(refused, name) {
			t.Errorf("%s is not refused", name)
		}
	}
	for _, file := range report.Files {
		if file.Status == runreport.FileRefused && !strings.Contains(file.Reason, file.File) {
			t.Errorf("the reason does not name %s: %s", file.File, file.Reason)
		}
	}
	if len(report.Models) > 0 || report.Release != nil {
		t.Errorf("%d models are built, release %v", len(report.Models), report.Release)
	}
	if diff := cmp.Diff(before, f.hashes(t)); diff != "" {
		t.Errorf("the last good data changed:\n%s", diff)
	}
}

// strayQuote puts a quote before a field, as a slip of the hand does. It pairs
// with the next quote of the file, many lines below: a record of many lines that
// is not well formed. Were it one quarantined row, the lines between would be
// neither loaded nor counted.
func strayQuote(t *testing.T, f *flow) {
	const name = "drop/spend/lcrca/lcrca_ledger_2022-07.csv"
	text, err := builtIn("fixtures/spend/lcrca/lcrca_ledger_2022-07.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(text, "\n")
	plain, longest := 0, 0 // the longest stretch of lines without a quote, by its first line
	for i, from := 1, 1; i < len(lines); i++ {
		if strings.Contains(lines[i], `"`) {
			if i-from > longest {
				plain, longest = from, i-from
			}
			from = i + 1
		}
	}
	lines[plain] = strings.Replace(lines[plain], ",", `,"`, 1)
	f.write(t, name, strings.Join(lines, ""))
	report := f.run(t)
	for _, file := range report.Files {
		if file.File == name && file.Status != runreport.FileRefused {
			t.Errorf("%s is %s: of %d lines %d are loaded, %d quarantined and %d skipped; %d lines are gone (%+v)",
				name, file.Status, len(lines)-2, file.Rows, file.Quarantined, file.Skipped, longest, file.Controls)
		}
	}
}

// TestChanges works on clones of a small site: what one change or one failure
// does, and what it leaves alone.
func TestChanges(t *testing.T) {
	t.Parallel()
	base := newSmallFlow(t)
	first := base.run(t)
	datasets := first.Release.Datasets
	t.Run("one new file", func(t *testing.T) {
		t.Parallel()
		oneNewFile(t, base.clone(t), first)
	})
	t.Run("a broken model holds what hangs on it", func(t *testing.T) {
		t.Parallel()
		brokenModel(t, base.clone(t))
	})
	t.Run("a first run that fails", func(t *testing.T) {
		t.Parallel()
		aFirstRunThatFails(t)
	})
	t.Run("a check of the release", func(t *testing.T) {
		t.Parallel()
		aCheckOfTheRelease(t, base.clone(t))
	})
	t.Run("explained", func(t *testing.T) {
		t.Parallel()
		explained(t, base)
	})
	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		silence(t, base.clone(t))
	})
	t.Run("a stray quote swallows no line", func(t *testing.T) {
		t.Parallel()
		strayQuote(t, base.clone(t))
	})
	t.Run("a bad file is refused by name", func(t *testing.T) {
		t.Parallel()
		badFiles(t, base.clone(t))
	})
	for _, source := range missingSources() {
		t.Run("without "+source, func(t *testing.T) {
			t.Parallel()
			f := base.clone(t)
			f.keepSources(t, func(name string) bool { return name != source })
			report := f.run(t)
			// What only a check looks at changes no dataset.
			if report.Release == nil && report.ReleaseNote == "nothing is new" && source == "deprivation_summaries" {
				return
			}
			expectWhole(t, report, datasets)
		})
	}
	t.Run("a source without files", func(t *testing.T) {
		t.Parallel()
		f := base.clone(t)
		f.write(t, "svw.yaml", f.read(t, "svw.yaml")+
			"  - {name: late, contract: spend/payments, body: merseytravel, from: drop/late/*.csv, set: {coverage: ledger}}\n")
		report := f.run(t)
		if !slices.Contains(report.NoFiles, "late") {
			t.Errorf("sources without files: %v", report.NoFiles)
		}
		if len(modelsBy(report, "failed")) > 0 || len(modelsBy(report, "held")) > 0 {
			t.Errorf("not built: %v", report.Models)
		}
	})
	t.Run("two feeds", func(t *testing.T) {
		t.Parallel()
		f := newSmallFlow(t)
		f.keepSources(t, func(name string) bool { return name == "lcrca" || name == "postcodes_derived" })
		expectWhole(t, f.run(t), datasets)
		lines := f.texts(t, "spend", "select body_code, count(*) > 2000 from spend.payments group by all")
		if !slices.Equal(lines, []string{"E47000004 true"}) {
			t.Errorf("payments: %v", lines)
		}
	})
}

// expectWhole expects that everything was built and released.
func expectWhole(t *testing.T, report *runreport.Report, datasets int) {
	t.Helper()
	for _, m := range report.Models {
		if m.Status != runreport.StatusBuilt {
			t.Errorf("%s is %s: %s", m.Relation, m.Status, m.Reason)
		}
	}
	if report.Release == nil {
		t.Fatalf("no release: %s; checks: %+v", report.ReleaseNote, report.Findings)
	}
	if report.Release.Datasets != datasets || len(report.Release.Held) > 0 {
		t.Errorf("%d datasets, want %d; held: %v", report.Release.Datasets, datasets, report.Release.Held)
	}
}

func TestAHeldLockRefusesTheRun(t *testing.T) {
	t.Parallel()
	f := newSmallFlow(t)
	env, err := environment(f.dir, f.now)
	if err != nil {
		t.Fatal(err)
	}
	if err := env.Site.Warehouse.Create(); err != nil {
		t.Fatal(err)
	}
	held, err := lock.Acquire(env.Site.Warehouse.Lock(), f.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.try(t.Context(), run.Options{}); !errors.Is(err, lock.ErrHeld) {
		t.Errorf("got %v, want that the lock is held", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAnUnknownPipelineIsAMistakeOfConfiguration(t *testing.T) {
	t.Parallel()
	f := newSmallFlow(t)
	_, err := f.try(t.Context(), run.Options{Pipelines: []string{"spending"}})
	var mistake *workspace.ConfigurationError
	if !errors.As(err, &mistake) {
		t.Fatalf("got %v, want a ConfigurationError", err)
	}
	for _, word := range []string{`"spending"`, "geography", "spend"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not name %s", err, word)
		}
	}
}
