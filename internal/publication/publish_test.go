//go:build duckdb_arrow

package publication_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/publication"
	"socialvalue/internal/release"
	"socialvalue/internal/warehouse"
)

// with replaces rows of headcounts.
func with(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(headcounts) }

// §2.9: datasets about people hold closed periods only; the seal says who, when
// and why; the edition stands by itself and verifies.
func TestAnEditionHoldsClosedPeriodsAndItsSeal(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.opens = true
	d.released(t, headcounts, district)
	outcome := d.publish(t, publication.Request{Reason: "Annual Review"})
	want := "\ufefffinancial_year,grade,people,withheld\n2023-24,all,300,\n2023-24,high,100,\n2023-24,low,200,\n2024-25,all,320,\n2024-25,high,105,\n2024-25,low,215,\n"
	if diff := cmp.Diff(want, d.file(t, outcome.Edition, "people.headcount", "csv")); diff != "" {
		t.Error(diff)
	}
	manifest, err := publication.Published(d.publications())
	if err != nil {
		t.Fatal(err)
	}
	seal := manifest.Edition
	if seal.Number != 1 || seal.ApprovedBy != "Ann Example" || seal.Reason != "Annual Review" || seal.Period != "2024-25" || len(seal.Approved) != 2 || seal.LedgerSHA256 == "" {
		t.Errorf("seal = %+v", seal)
	}
	if editions, err := d.verified(t.Context()); err != nil || editions != 1 {
		t.Errorf("verified %d, %v", editions, err)
	}
	for _, name := range []string{"restricted", "open/datasets/people.headcount_internal"} {
		if _, err := os.Stat(filepath.Join(outcome.Folder, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the edition has %s: %v", name, err)
		}
	}
	// An edition needs no release any more.
	if err := os.RemoveAll(filepath.Join(d.root, "releases")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.verified(t.Context()); err != nil {
		t.Error(err)
	}
}

// A dataset of which no row is left out is published as it was released, byte
// for byte; one that is not approved stays as it was published, though the
// release has another by now.
func TestFilesAreCarriedByteForByte(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.released(t, headcounts, district)
	first := d.publish(t, publication.Request{})
	current, err := os.ReadFile(filepath.Join(d.root, "releases", "current", "open", "datasets", "geo.district", "geo.district.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if string(current) != d.file(t, first.Edition, "geo.district", "parquet") {
		t.Error("geo.district is other in the edition than in the release")
	}
	d.released(t, with("320", "345", "215", "240"), district+1000)
	second := d.publish(t, publication.Request{Only: []string{"geo.district"}, Explain: map[string]string{"geo.district": "new estimates"}})
	for _, format := range []string{"parquet", "csv"} {
		if d.file(t, first.Edition, "people.headcount", format) != d.file(t, second.Edition, "people.headcount", format) {
			t.Errorf("people.headcount was not carried: %s differs", format)
		}
		if d.file(t, first.Edition, "geo.district", format) == d.file(t, second.Edition, "geo.district", format) {
			t.Errorf("geo.district is as before: %s", format)
		}
	}
	if editions, err := d.verified(t.Context()); err != nil || editions != 2 {
		t.Errorf("verified %d, %v", editions, err)
	}
	err = withDB(t.Context(), func(db *warehouse.DB) error {
		from, err := publication.Find(d.publications(), "1")
		if err != nil {
			return err
		}
		to, err := publication.Find(d.publications(), "")
		if err != nil {
			return err
		}
		diffs, err := publication.Diff(t.Context(), db, d.publications(), from, to, 5)
		want := []publication.DatasetDiff{{Dataset: "geo.district", Cells: 1, Changes: []disclosure.Change{
			{CellKey: `{"lad_code":"E08000012"}`, Column: "population", Was: "486100", Is: "487100"},
		}}}
		if diff := cmp.Diff(want, diffs); diff != "" {
			t.Error(diff)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Whatever differs from what was published is explained; what lets two editions
// be subtracted from each other is refused until somebody has decided.
func TestDifferencesFromEarlierEditions(t *testing.T) {
	t.Parallel()
	why := map[string]string{"people.headcount": "leavers booked late"}
	for _, test := range []struct {
		name    string
		rows    string
		request publication.Request
		words   []string // none: it is published
	}{
		{name: "a large change without a word", rows: with("320", "350", "215", "245"), words: []string{"people.headcount: 2 cells differ", `--explain "people.headcount: why"`}},
		{name: "a large change, explained", rows: with("320", "350", "215", "245"), request: publication.Request{Explain: why}},
		// Yesterday 12, today 13 is one person.
		{name: "one person more", rows: with("320", "321", "215", "216"), request: publication.Request{Explain: why}, words: []string{"2 cells counting from 1 to 9 people more or fewer"}},
		{name: "one person more, decided", rows: with("320", "321", "215", "216"), request: publication.Request{Explain: why, Accept: map[string]string{"people.headcount": "DPO 3 September: no risk, the leaver is public"}}},
		{name: "withheld now, shown before", rows: with("'low', 215", "'low', 317", "'high', 105", "'high', 3"), request: publication.Request{Explain: why}, words: []string{"withheld now and shown before"}},
		{name: "a row is gone", rows: with("('2023-24', 'high', 100),", "", "('2023-24', 'low', 200)", "('2023-24', 'low', 300)"), request: publication.Request{}, words: []string{"2 cells differ"}},
		{name: "a row too many in a period published before", rows: headcounts + ", ('2023-24', 'none', 0)", words: []string{"1 cell differs from what was published before (for example people of"}},
		{name: "a row too many, explained", rows: headcounts + ", ('2023-24', 'none', 0)", request: publication.Request{Explain: why}},
		{name: "a correction with its note", rows: with("320", "350", "215", "245"), request: publication.Request{Explain: why, Corrects: "first", Note: "Grade low left out a school"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.released(t, headcounts, district)
			first := d.publish(t, publication.Request{})
			d.released(t, test.rows, district)
			if test.request.Corrects != "" {
				test.request.Corrects = first.Edition
			}
			if len(test.words) > 0 {
				d.refused(t, test.request, test.words...)
				return
			}
			outcome := d.publish(t, test.request)
			seal := outcome.Seal
			if seal.Number != 2 || seal.Previous != first.Edition || len(seal.Explanations) != 1 || len(seal.Accepted) != len(test.request.Accept) {
				t.Errorf("seal = %+v", seal)
			}
			if test.request.Note == "" {
				return
			}
			notes := d.file(t, outcome.Edition, "meta.editions", "csv")
			if !strings.Contains(notes, first.Edition+",Grade low left out a school") {
				t.Errorf("meta.editions: %s", notes)
			}
			// The note stands in later editions too.
			d.released(t, with("320", "380", "215", "275"), district)
			third := d.publish(t, publication.Request{Explain: why})
			if told := d.file(t, third.Edition, "meta.editions", "csv"); strings.Count(told, `""text"":""leavers booked late"",""cells"":2`) != 2 {
				t.Errorf("the explanations of both editions: %s", told)
			}
			if earlier := third.Seal.Earlier; len(earlier) != 1 || earlier[0].Note != "Grade low left out a school" || earlier[0].Number != 2 {
				t.Errorf("earlier corrections = %+v", earlier)
			}
		})
	}
}

// Whoever has to explain sees each cell that differs: what it was, in which edition, and what it is; what speaks against
// publishing first.
func TestCellsThatDiffer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.released(t, headcounts, district)
	d.publish(t, publication.Request{})
	d.released(t, with("320", "350", "215", "245"), district)
	d.publish(t, publication.Request{Explain: map[string]string{"people.headcount": "a school"}})
	// low is 2 from the first edition and far from the second; high is gone; 2023-24 has a row more.
	d.released(t, with("320", "213", "215", "213", "('2024-25', 'high', 105),", "")+", ('2023-24', 'none', 0)", district)
	outcome, err := d.try(t.Context(), publication.Request{DryRun: true, Cells: 10})
	var refused *publication.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("Publish = %v", err)
	}
	i := slices.IndexFunc(outcome.Datasets, func(o publication.DatasetOutcome) bool { return o.Dataset == "people.headcount" })
	const few = "a few people more or fewer than in an earlier edition"
	key := func(year, grade string) string { return `{"financial_year":"` + year + `","grade":"` + grade + `"}` }
	want := []disclosure.Change{
		{CellKey: key("2024-25", "low"), Column: "people", Was: "245", Is: "213", Edition: 2, Unsafe: few},
		{CellKey: key("2023-24", "none"), Column: "people", Was: "(not there)", Is: "0"},
		{CellKey: key("2024-25", "all"), Column: "people", Was: "350", Is: "213", Edition: 2},
		{CellKey: key("2024-25", "high"), Column: "people", Was: "105", Is: "(not there)", Edition: 1},
	}
	if diff := cmp.Diff(want, outcome.Datasets[i].Changes); diff != "" {
		t.Error(diff)
	}
	if f := outcome.Datasets[i].Difference; f.Changed != 2 || f.Gone != 1 || f.Late != 1 || f.Otherwise() != 4 {
		t.Errorf("counted: %+v", f)
	}
}

// A cell that was withheld is not shown later without a decision, and an
// edition is compared with all before it, not with the last alone.
func TestTheLedgerRemembersEveryEdition(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	why := map[string]string{"people.headcount": "restructuring"}
	d.released(t, with("'low', 215", "'low', 317", "'high', 105", "'high', 3"), district)
	d.publish(t, publication.Request{})
	d.released(t, with("'low', 215", "'low', 280", "'high', 105", "'high', 40"), district)
	d.refused(t, publication.Request{Explain: why}, "shown now and withheld before")
	accept := map[string]string{"people.headcount": "DPO: the small group was merged"}
	d.publish(t, publication.Request{Explain: why, Accept: accept})
	d.released(t, with("320", "360", "'low', 215", "'low', 320", "'high', 105", "'high', 40"), district)
	d.publish(t, publication.Request{Explain: why})
	// 282 is far from 320, but two from the 280 of the second edition.
	d.released(t, with("320", "322", "'low', 215", "'low', 282", "'high', 105", "'high', 40"), district)
	d.refused(t, publication.Request{Explain: why}, "from 1 to 9 people more or fewer than an earlier edition")
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2025, time.September, n, 0, 0, 0, 0, time.UTC) }
	t.Run("on days that are excluded, with the reason", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.released(t, headcounts, district)
		d.refused(t, publication.Request{NotNow: []publication.Span{{From: day(1), To: day(1), Reason: "pre-election period"}}}, "2025-09-01 to 2025-09-01: pre-election period")
		d.publish(t, publication.Request{NotNow: []publication.Span{{From: day(2), To: day(9), Reason: "later"}}})
	})
	t.Run("what is stale or held, unless it is named and explained", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.released(t, headcounts, district)
		held := func(p *release.Plan) { p.Datasets[0].Held = true }
		if err := d.release(t.Context(), headcounts, district, held); err != nil {
			t.Fatal(err)
		}
		request := publication.Request{Stale: map[string]string{"people.headcount": "payroll"}}
		d.refused(t, request, "geo.district is held", "people.headcount is stale: source payroll")
		request.Explain = map[string]string{"geo.district": "boundaries do not change", "people.headcount": "payroll comes in October"}
		d.publish(t, request)
	})
	for _, test := range []struct {
		name    string
		request publication.Request
		want    string
	}{
		{"a period that is not over", publication.Request{Period: "2025-26"}, "is not over"},
		{"no period", publication.Request{Period: "last year"}, "is no period"},
		{"an unknown dataset", publication.Request{Only: []string{"people.nobody"}}, `"people.nobody" is no open dataset`},
		{"an explanation of nothing", publication.Request{Explain: map[string]string{"x.y": "why"}}, `"x.y" is no open dataset`},
		{"a correction without a note", publication.Request{Corrects: "x"}, "needs a note"},
		{"a correction of nothing", publication.Request{Corrects: "x", Note: "y"}, `there is no edition "x"`},
		{"nobody", publication.Request{ApprovedBy: " "}, "nobody approves"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.released(t, headcounts, district)
			_, err := d.try(t.Context(), test.request)
			var mistake *publication.RequestError
			if !errors.As(err, &mistake) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Publish = %v, want %q", err, test.want)
			}
		})
	}
}

// A dry run says what would be and changes nothing; a second edition of the
// same is none; the site's standing approval reaches places only.
func TestDryRunsRepeatsAndStandingApproval(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.released(t, headcounts, district)
	outcome := d.publish(t, publication.Request{DryRun: true})
	if d.published(t) != "" || outcome.Seal.Number != 1 || outcome.Datasets[1].RowsCut != 3 {
		t.Errorf("dry run: %+v", outcome)
	}
	d.publish(t, publication.Request{})
	if outcome = d.publish(t, publication.Request{}); !outcome.Unchanged || outcome.Edition != "" {
		t.Errorf("published the same twice: %+v", outcome)
	}
	d.released(t, with("320", "321", "215", "216"), district+5)
	outcome = d.publish(t, publication.Request{Standing: []string{"geo", "people"}, ApprovedBy: "standing"})
	if !slices.Equal(outcome.Seal.Approved, []string{"geo.district"}) || outcome.Seal.Period != "2024-25" {
		t.Errorf("seal = %+v", outcome.Seal)
	}
	if !strings.Contains(d.file(t, outcome.Edition, "people.headcount", "csv"), "2024-25,all,320") {
		t.Error("people.headcount was not carried")
	}
}

// Methods 3.2: a period's end, with its delay, decides; what cannot be read has
// no end.
func TestPeriodsEnd(t *testing.T) {
	t.Parallel()
	calendar := publication.Calendar{YearStartMonth: time.April, YearStartDay: 1}
	for _, test := range []struct{ column, text, want string }{
		{"financial_year", "2024-25", "2025-03-31"},
		{"financial_year", "1999-00", "2000-03-31"},
		{"financial_quarter", "2024-25 Q1", "2024-06-30"},
		{"financial_quarter", "2024-25 Q4", "2025-03-31"},
		{"academic_year", "2024-25", "2025-07-31"},
		{"service_month", "2024-02-01", "2024-02-29"},
		{"snapshot_date", "2025-03-31", "2025-03-31"},
		{"", "2025-03", "2025-03-31"},
		{"financial_year", "unknown_period", ""},
		{"financial_year", "2024-26", ""},
		{"snapshot_date", "31/03/2025", ""},
	} {
		end, known := calendar.End(test.column, test.text)
		got := ""
		if known {
			got = end.Format(time.DateOnly)
		}
		if got != test.want {
			t.Errorf("%s %s ends on %q, want %q", test.column, test.text, got, test.want)
		}
	}
}

func TestExplanations(t *testing.T) {
	t.Parallel()
	got, err := publication.Explanations([]string{"spend.local_spend: late: three", "", "# a comment", "spend.local_spend: and one more"})
	if err != nil || got["spend.local_spend"] != "late: three; and one more" {
		t.Errorf("Explanations = %v, %v", got, err)
	}
	for _, bad := range []string{"spend.local_spend", "spend.local_spend:", "everything: because"} {
		if _, err := publication.Explanations([]string{bad}); err == nil {
			t.Errorf("%q was taken for an explanation", bad)
		}
	}
}

// A table made of open forms is published with the tables about people that it is
// made of, or not at all, and never by a standing approval.
func TestOpenFormsArePublishedTogether(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ofForms := func(plan *release.Plan) {
		for i := range plan.Datasets {
			if plan.Datasets[i].Name == "geo.district" {
				plan.Datasets[i].OpenForms = []string{"people.headcount"}
			}
		}
	}
	if err := d.release(t.Context(), headcounts, district, ofForms); err != nil {
		t.Fatal(err)
	}
	const refusal = "geo.district tells what the open form of people.headcount tells, and that is not approved with it: approve both, or neither"
	d.refused(t, publication.Request{Only: []string{"geo.district"}}, refusal)
	if _, err := d.try(t.Context(), publication.Request{Standing: []string{"geo"}, ApprovedBy: "standing"}); err == nil || !strings.Contains(err.Error(), "no dataset of the release is approved") {
		t.Errorf("by a standing approval: %v", err)
	}
	if outcome := d.publish(t, publication.Request{}); len(outcome.Seal.Approved) != 2 {
		t.Errorf("together: %+v", outcome)
	}
}
