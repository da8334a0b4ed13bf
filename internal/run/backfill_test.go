//go:build duckdb_arrow

package run_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/run"
)

// backfill reads the first quarter of 2025 again, and says what each month did.
func (f *flow) backfill(ctx context.Context, t *testing.T, step func(run.BackfillMonth)) ([]string, error) {
	t.Helper()
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	f.now = f.now.Add(time.Hour)
	report, err := run.Backfill(ctx, env, run.BackfillOptions{
		Pipeline: "feed", From: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 3, 31, 0, 0, 0, 0, time.UTC), Step: step,
	})
	var told []string
	if report != nil {
		for _, m := range report.Months {
			told = append(told, fmt.Sprintf("%s %d files %d refused %t", m.From[:7], m.Files, m.Refused, m.Earlier))
		}
	}
	return told, err
}

// everyLine is what was released.
func (f *flow) everyLine(t *testing.T) []string {
	t.Helper()
	return f.texts(t, "feed", "select posted, document_ref, payee, amount_gbp, source_file from feed.lines order by all")
}

func payments(month, amount string) string {
	return tinyHeader + "2025-" + month + "-02,1,Example Ltd," + amount + "\n"
}

// Every month is read once: a file that claims a quarter in its first month, what is no longer dropped from what was
// landed. What is wrong now leaves what counted.
func TestBackfillReadsASpanAgain(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.write(t, "drop/lines_2025-02.csv", payments("02", "5.00"))
	f.write(t, "drop/lines_2025-04.csv", payments("04", "7.00"))
	f.write(t, "drop/quarter_2025-Q1.csv", tinyHeader+"2025-03-02,9,Example Ltd,9.00\n")
	f.run(t)
	before := f.everyLine(t)
	f.remove(t, "drop/lines_2025-02.csv")
	months, err := f.backfill(t.Context(), t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2025-01 2 files 0 refused false", "2025-02 1 files 0 refused false", "2025-03 0 files 0 refused false"}, months); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, f.everyLine(t)); diff != "" {
		t.Errorf("nothing had changed, and the release did (-before +after):\n%s", diff)
	}
	f.write(t, "drop/lines_2025-01.csv", "Nothing,Known\n1,2\n")
	months, err = f.backfill(t.Context(), t, nil)
	if err != nil || !slices.Contains(months, "2025-01 3 files 1 refused false") {
		t.Errorf("%q, %v", months, err)
	}
	if diff := cmp.Diff(before, f.everyLine(t)); diff != "" {
		t.Errorf("a refused file changed the release (-before +after):\n%s", diff)
	}
}

// One that was stopped goes on with the month it was at.
func TestBackfillGoesOnWhereItWasStopped(t *testing.T) {
	t.Parallel()
	f := newTinyFlow(t)
	f.write(t, "drop/lines_2025-02.csv", payments("02", "5.00"))
	f.run(t)
	ctx, cancel := context.WithCancel(t.Context())
	months, err := f.backfill(ctx, t, func(run.BackfillMonth) { cancel() })
	if !errors.Is(err, context.Canceled) || len(months) != 1 {
		t.Fatalf("%q, %v", months, err)
	}
	months, err = f.backfill(t.Context(), t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2025-01 1 files 0 refused true", "2025-02 1 files 0 refused false", "2025-03 0 files 0 refused false"}, months); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A finished one begins anew.
	if months, err = f.backfill(t.Context(), t, nil); err != nil || months[0] != "2025-01 1 files 0 refused false" {
		t.Errorf("%q, %v", months, err)
	}
}
