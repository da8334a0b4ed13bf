//go:build duckdb_arrow

package run_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"socialvalue/internal/model"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// A feed that is absent is a normal state, and no figure (framework 3.6). Each feed of contracts, agreements, assessments and
// onward grants is left out of the demonstration in turn. A figure that is another then says why, or rests on something else,
// or its bounds hold what it was.
func TestNoFigureIsMadeOfAFeedThatIsAbsent(t *testing.T) {
	t.Parallel()
	f := newFlow(t)
	f.keepPipelines(t, "geography", "spend", "contracts", "impact")
	f.remove(t, f.glob(t, "drop/spend/*/*")...)
	f.run(t)
	r := openRebuilding(t, f, figureRelations()...)
	whole := r.figures(t)
	for _, c := range []struct{ feed, stays, figure, want string }{
		{"contracts_register", "false", "CO09 2024-25 all all", ""},
		{"contracts_ocds", "false", "M19a 2024-25 all all", "unevidenced_above_limit"},
		{"contracts_weightings", "false", "M19a 2023-24 all all", "unevidenced_above_limit"},
		{"contracts_criterion_decisions", "false", "M19a 2024-25 all all", "unevidenced_above_limit"},
		{"contracts_kpis", "false", "M23 2023-24 all all", "nothing_due, MONITORING, notices E47000004"},
		{"contracts_kpi_reports", "false", "CO09 2024-25 all all", "not_supplied, E47000004"},
		{"contracts_kpi_reports", "false", "M23 2023-24 all all", "not_supplied, MONITORING, contracts E47000004, notices E47000004"},
		{"contracts_kpi_reports", "reported_date < date '2024-04-01'", "CO09 2024-25 all all", "not_supplied, E47000004"},
		{"impact_decisions", "false", "M21 2022-23 all all", ""},
		{"impact_assessments", "false", "M21 2022-23 all all", "not_supplied"},
		{"impact_agreements", "false", "M23 2024-25 agreement_kind investment", ""},
		{"impact_deliverables", "false", "M23 2024-25 agreement_kind investment", ""},
		{"impact_monitoring", "false", "M23 2024-25 agreement_kind investment", "not_supplied, MONITORING"},
		{"impact_monitoring", "agreement_ref <> 'AG-102'", "CO10 2024-25 agreement_kind contract", "partly_supplied, MONITORING, contracts E47000004, notices E47000004"},
		{"impact_recovery_actions", "false", "M24 2024-25 agreement_kind investment", "not_supplied, MONITORING"},
		{"spend_grants", "grant_role is distinct from 'onward'", "reached_recipients_gbp group 2023-24 all all", "not_supplied"},
	} {
		r.without(t, "raw."+c.feed, c.stays, func() {
			left := r.figures(t)
			for _, key := range slices.Sorted(maps.Keys(whole)) {
				now, stays := left[key]
				if stays && !now.accountsFor(whole[key]) {
					t.Errorf("without %s: %s is %+v and was %+v", c.feed, key, now, whole[key])
				}
			}
			if got := left[c.figure]; got.value != "" || got.says != c.want {
				t.Errorf("without %s: %s is %+v, want no value and %q", c.feed, c.figure, got, c.want)
			}
		})
	}
}

// A toldFigure is what is told of a figure: its value, the bounds it may have, and its reason with what it rests on.
type toldFigure struct{ value, low, high, says string }

// accountsFor says whether a reader who knows the figure as it was is not misled.
func (f toldFigure) accountsFor(was toldFigure) bool {
	if f.value == was.value || f.says != was.says {
		return true
	}
	low, lowErr := strconv.ParseFloat(f.low, 64)
	high, highErr := strconv.ParseFloat(f.high, 64)
	value, valueErr := strconv.ParseFloat(was.value, 64)
	return lowErr == nil && highErr == nil && valueErr == nil && low <= value && value <= high
}

func figureRelations() []string {
	return []string{
		"stage.impact_indicator_figures", "stage.impact_met_indicator_figures", "stage.spend_contract_indicator_figures",
		"stage.spend_contract_kpi_indicator_figures", "spend.grant_totals",
	}
}

// A rebuilding is a build database in which relations are made again from fewer rows.
type rebuilding struct {
	db      *warehouse.DB
	project *model.Project
	env     workspace.Environment
	wanted  []string
}

func openRebuilding(t *testing.T, f *flow, targets ...string) *rebuilding {
	t.Helper()
	env, err := f.environment()
	if err != nil {
		t.Fatal(err)
	}
	project, err := workspace.Project(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Open(t.Context(), f.path("warehouse/build/build.duckdb"), warehouse.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &rebuilding{db: db, project: project, env: env, wanted: append(project.Ancestors(targets...), targets...)}
}

// without does something while of a feed only those rows are there that stay, and all that is made of it is made anew.
func (r *rebuilding) without(t *testing.T, feed, stays string, do func()) {
	t.Helper()
	made := slices.DeleteFunc(r.project.Descendants(feed), func(relation string) bool { return !slices.Contains(r.wanted, relation) })
	r.exec(t, "alter view "+feed+" rename to "+aside(feed))
	r.exec(t, "create view "+feed+" as select * from "+feed+"_aside where "+stays)
	for _, relation := range made {
		r.exec(t, "alter table "+relation+" rename to "+aside(relation))
	}
	for _, relation := range made {
		if _, err := r.project.Produce(t.Context(), r.db, r.project.Nodes[relation], r.env.Estimators); err != nil {
			t.Fatal(err)
		}
	}
	do()
	r.exec(t, "drop view "+feed)
	r.exec(t, "alter view "+feed+"_aside rename to "+tableOf(feed))
	for _, relation := range made {
		r.exec(t, "drop table "+relation)
		r.exec(t, "alter table "+relation+"_aside rename to "+tableOf(relation))
	}
}

func (r *rebuilding) exec(t *testing.T, statement string) {
	t.Helper()
	if _, err := r.db.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func tableOf(relation string) string {
	_, table, _ := strings.Cut(relation, ".")
	return table
}

func aside(relation string) string { return tableOf(relation) + "_aside" }

// figures are all figures of the indicators, and what is known of onward grants, by what they are of.
func (r *rebuilding) figures(t *testing.T) map[string]toldFigure {
	t.Helper()
	questions := []string{}
	for _, relation := range figureRelations()[:4] {
		says := "null_reason"
		if columns, _ := r.project.Columns(relation); slices.ContainsFunc(columns, func(c model.Column) bool { return c.Name == "figure_basis" }) {
			says = "concat_ws(', ', null_reason, figure_basis)"
		}
		questions = append(questions, "select concat_ws(' ', indicator_id, financial_year, breakdown, breakdown_value), measured_value, bound_low, bound_high, "+
			says+" from "+relation)
	}
	for _, column := range []string{"awarded_gbp", "onward_grants_gbp", "reached_recipients_gbp", "identified_recipients", "disbursed_gbp"} {
		questions = append(questions, "select concat_ws(' ', '"+column+"', body_code, financial_year, breakdown, breakdown_value), "+column+
			", null, null, json_extract_string(null_reasons, '$."+column+"') from spend.grant_totals")
	}
	told := map[string]toldFigure{}
	for _, question := range questions {
		texts, err := r.db.Texts(t.Context(), "select concat_ws(chr(9), key, coalesce(value, ''), coalesce(low, ''), coalesce(high, ''), coalesce(says, '')) "+
			"from (select columns(*)::varchar from ("+question+")) as told(key, value, low, high, says)")
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			cells := strings.Split(text, "\t")
			told[cells[0]] = toldFigure{cells[1], cells[2], cells[3], cells[4]}
		}
	}
	return told
}
