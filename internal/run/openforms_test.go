//go:build duckdb_arrow

package run_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/manifest"
	"socialvalue/internal/shelf"
)

// A table that is released of open forms says what they say, and null where they
// are withheld, also by way of a stage and of another such table.
func TestReleasedOfOpenForms(t *testing.T) {
	t.Parallel()
	f := newPeopleFlow(t)
	if err := os.CopyFS(f.dir, os.DirFS("testdata/openforms")); err != nil {
		t.Fatal(err)
	}
	first := f.run(t)
	if first.Release == nil {
		t.Fatal("no release")
	}
	figures := func() []string {
		return f.texts(t, "open", "select concat_ws('|', sex, grade, coalesce(employees::varchar, 'withheld')) from indicators.staff order by all")
	}
	forms := func() []string {
		return f.texts(t, "open", `select concat_ws('|', characteristic_group, breakdown_value, coalesce(headcount_rounded::varchar, 'withheld'))
			from people.profile where snapshot_date = date '2024-03-31' and characteristic = 'sex' order by all`)
	}
	if diff := cmp.Diff(forms(), figures()); diff != "" {
		t.Errorf("indicators.staff is not what people.profile tells (-open +indicator):\n%s", diff)
	}
	withheld := func(rows []string) int {
		return len(slices.DeleteFunc(rows, func(row string) bool { return !strings.HasSuffix(row, "withheld") }))
	}
	if n := withheld(figures()); n == 0 {
		t.Error("nothing is withheld: the test shows nothing")
	}
	if got := f.texts(t, "open", "select concat_ws('|', figures, missing) from indicators.staff_summary"); len(got) != 1 || got[0] != summary(figures()) {
		t.Errorf("a table of such a table says %v, want %s", got, summary(figures()))
	}
	// In the build database they stand with all values: they are made twice.
	if n := withheld(f.built(t, "select concat_ws('|', sex, grade, coalesce(employees::varchar, 'withheld')) from indicators.staff")); n != 0 {
		t.Errorf("%d values are withheld in the build database", n)
	}
	released, err := shelf.Current(f.path("warehouse/releases"))
	if err != nil {
		t.Fatal(err)
	}
	record, _ := released.Dataset("indicators.staff_summary")
	if diff := cmp.Diff([]string{"people.profile"}, record.OpenForms); diff != "" {
		t.Errorf("open forms of indicators.staff_summary (-want +got):\n%s", diff)
	}
	if _, twin := released.Dataset("indicators.staff" + manifest.InternalSuffix); twin {
		t.Error("it has an unprotected twin")
	}
	if again := f.run(t); again.Release != nil {
		t.Errorf("a night with nothing new released %s: %v", again.Release.ID, again.Release.Changed)
	}
	// What is told changes with the form alone.
	rows := f.read(t, "sql/ref/people_profile.csv")
	changed := strings.NewReplacer("2024-03-31,male,grade,low,238", "2024-03-31,male,grade,low,258", "2024-03-31,all,grade,low,540", "2024-03-31,all,grade,low,560",
		"2024-03-31,male,all,all,430", "2024-03-31,male,all,all,450", "2024-03-31,all,all,all,950", "2024-03-31,all,all,all,970").Replace(rows)
	f.write(t, "sql/ref/people_profile.csv", changed)
	before := figures()
	if report := f.run(t); report.Release == nil || !slices.Contains(report.Release.Changed, "indicators.staff") {
		t.Fatalf("release %+v", report.Release)
	}
	if slices.Equal(before, figures()) {
		t.Error("the figures did not change")
	}
	if diff := cmp.Diff(forms(), figures()); diff != "" {
		t.Errorf("after a change (-open +indicator):\n%s", diff)
	}
}

func summary(figures []string) string {
	withheld := 0
	for _, figure := range figures {
		if strings.HasSuffix(figure, "withheld") {
			withheld++
		}
	}
	return strings.Join([]string{strconv.Itoa(len(figures)), strconv.Itoa(withheld)}, "|")
}

// indicatorsTellWhatIsOpen: every figure of the employer's measures is a cell of an
// open table, withheld where that is.
func indicatorsTellWhatIsOpen(t *testing.T, f *flow) {
	t.Helper()
	const measured = ` from indicators.measurements as m where m.measured_value is not null and m.indicator_id `
	for name, question := range map[string]string{
		"workforce": measured + `= 'M07a' and not exists (select 1 from people.workforce_profile as p where p.financial_year = m.financial_year
			and p.characteristic = m.breakdown and p.characteristic_group = m.breakdown_value and p.breakdown = 'all' and p.group_level = 'group'
			and p.share_known = m.measured_value and p.headcount_rounded = m.numerator)`,
		"recruitment": measured + `in ('M01a', 'M01b', 'M02', 'M03') and not exists (select 1 from people.recruitment_funnel as p where p.financial_year = m.financial_year
			and p.characteristic = m.breakdown and p.characteristic_group = m.breakdown_value and p.group_level = 'group'
			and p.stage = case m.indicator_id when 'M02' then 'shortlisted' when 'M03' then 'appointed' else 'applied' end
			and p.share_of_stage = m.measured_value and p.count_rounded = m.numerator)`,
		"pay": measured + `= 'M08' and not exists (select 1 from people.pay_gaps as p where p.financial_year = m.financial_year
			and p.characteristic = m.breakdown and m.breakdown_value = p.focal_group || ' against ' || p.comparator_group
			and p.population = 'all' and p.breakdown = 'all' and p.measure = 'mean_hourly'
			and p.value = m.measured_value and p.ci_low is not distinct from m.ci_low)`,
		"participation": measured + `in ('M09', 'M10', 'M11a', 'M12') and not exists (select 1 from people.participation as p where p.financial_year = m.financial_year
			and p.framework_measure = m.indicator_id and p.breakdown = 'all' and p.participation_share = m.measured_value)`,
		"starters": measured + `in ('M04', 'M05', 'M06') and not exists (select 1 from people.new_starters as p where p.financial_year = m.financial_year
			and p.previous_status = 'framework_groups' and p.starters_rounded = m.measured_value)`,
		"ratios": measured + `in ('EM02', 'EM03') and not exists (select 1 from people.recruitment_funnel as p inner join people.recruitment_funnel as q
			using (body_code, financial_year, characteristic, stage) inner join people.recruitment_funnel as pb on pb.body_code = p.body_code and pb.financial_year = p.financial_year
			and pb.characteristic = p.characteristic and pb.characteristic_group = p.characteristic_group inner join people.recruitment_funnel as qb on qb.body_code = q.body_code
			and qb.financial_year = q.financial_year and qb.characteristic = q.characteristic and qb.characteristic_group = q.characteristic_group and qb.stage = pb.stage
			where p.financial_year = m.financial_year and p.characteristic = m.breakdown and m.breakdown_value = p.characteristic_group || ' against ' || q.characteristic_group
			and p.stage = if(m.indicator_id = 'EM02', 'shortlisted', 'appointed') and pb.stage = if(m.indicator_id = 'EM02', 'applied', 'shortlisted')
			and m.measured_value = round(p.count_rounded / pb.count_rounded / (q.count_rounded / qb.count_rounded), 2))`,
		"declaration": measured + `= 'EM05' and not exists (select 1 from people.workforce_profile as p where p.financial_year = m.financial_year and p.breakdown = 'all'
			and p.characteristic = m.breakdown_value and p.characteristic_group = 'prefer_not_to_say' and p.headcount_rounded <= m.numerator and m.denominator = p.everybody_rounded)`,
		"per full-time equivalent": measured + `in ('EM10a', 'EM10b', 'EM12a', 'EM12b') and not exists (select 1 from people.participation as p where p.financial_year = m.financial_year
			and p.breakdown = 'all' and p.full_time_equivalents = m.denominator and coalesce(p.hours, p.training_days, p.qualifications) = if(m.indicator_id = 'EM10b', p.hours, m.numerator)
			and (m.indicator_id <> 'EM10b' or p.people_rounded = m.numerator))`,
		"well-being": measured + `in ('EM11a', 'EM11b', 'EM11c') and not exists (select 1 from people.wellbeing as p where p.financial_year = m.financial_year
			and p.answered_rounded = m.denominator and m.measured_value = if(m.indicator_id = 'EM11c', p.unwell_share, p.mean_points))`,
		"home": measured + `= 'EM09' and m.breakdown <> 'residents' and not exists (select 1 from people.workforce_profile as p where p.financial_year = m.financial_year and p.breakdown = 'all'
			and p.characteristic_group = 'decile_1' and p.known_rounded = m.denominator and p.headcount_rounded <= m.numerator and (m.breakdown = 'deciles_1_and_2' or p.share_known = m.measured_value))`,
		"living wage": measured + `= 'EM13' and not exists (select 1 from people.living_wage as p where p.financial_year = m.financial_year
			and p.paid_rounded = m.numerator and p.paid_share = m.measured_value)`,
	} {
		if got := f.texts(t, "open", "select count(*)::varchar"+question); !slices.Equal(got, []string{"0"}) {
			t.Errorf("%s: %v figures are no cells of the open table", name, got)
		}
	}
	got := f.texts(t, "open", "select distinct m.indicator_id"+measured+"in ('M01a', 'M01b', 'M02', 'M07a', 'M07b', 'M08', 'M09', 'M10', 'M11a', 'M11b', 'M12', 'EM02', 'EM03', 'EM05', 'EM09', 'EM10a', 'EM10b', 'EM11a', 'EM11b', 'EM11c', 'EM12a', 'EM12b', 'EM13') order by all")
	if len(got) != 23 {
		t.Errorf("only %v have figures", got)
	}
}
