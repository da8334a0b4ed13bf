package assessment_test

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/estimator/estimatortest"
	"socialvalue/pipelines/impact/assessment"
)

// input is a relation: its columns with their kinds (t text, w whole, n number, f flag), and its rows as JSON.
type input struct{ columns, rows string }

// proposal is case A02 in 2024, with an uncertain displacement and an adjustment, as the inputs of the estimator.
func proposal() map[string]input {
	const of = "submission t, project_id t, "
	return map[string]input{
		"projects": {
			of + "approved_financial_year t, decision_year w, price_year w, year_basis t, perspective t, headline_level t, headline_system t, is_announced f, last_year_over w, as_of_day w, guidance_edition t, reference_income_gbp n",
			`[{"submission":"S","project_id":"P","approved_financial_year":"2024-25","decision_year":2024,"price_year":2024,"year_basis":"calendar","perspective":"all_society","headline_level":"LCR","headline_system":"own","is_announced":true,"last_year_over":2024,"as_of_day":20000,"guidance_edition":"Green Book 2026","reference_income_gbp":35000}]`,
		},
		"outcomes": {
			of + "outcome_id t, outcome_concept t, beneficiary_group t, quantity_unit t, system t, system_version t, system_version_after t, proxy_code t, value_type t, unit_value_gbp n, unit_value_price_year w, is_global f, is_new_cases f, overlap_group t, is_headline f, shared_ref t, our_share n, ref_method t, evidence_design t, is_comparison_group f, due_day w, source_ref t, group_income_gbp n",
			`[{"submission":"S","project_id":"P","outcome_id":"O1","outcome_concept":"jobs","quantity_unit":"people","system":"own","value_type":"economic","unit_value_gbp":2,"unit_value_price_year":2024,"is_headline":true,"evidence_design":"before_after","source_ref":"business case","group_income_gbp":15000}]`,
		},
		"quantities": {
			of + "outcome_id t, stage t, level t, impact_year w, gross_quantity n, reference_quantity n",
			`[{"submission":"S","project_id":"P","outcome_id":"O1","stage":"ex_ante","level":"LCR","impact_year":2024,"gross_quantity":250,"reference_quantity":80},
			  {"submission":"S","project_id":"P","outcome_id":"LOST","stage":"ex_ante","level":"LCR","impact_year":2024,"gross_quantity":1,"reference_quantity":0}]`,
		},
		"factors": {
			of + "outcome_id t, stage t, level t, side t, factor t, factor_value n, parameter_id t, basis t, multiplier_type t, evidence t",
			`[{"submission":"S","project_id":"P","side":"both","factor":"leakage","factor_value":0.1,"basis":"assumed","evidence":"commuting"},
			  {"submission":"S","project_id":"P","side":"both","factor":"displacement","parameter_id":"D","basis":"measured"},
			  {"submission":"S","project_id":"P","side":"both","factor":"substitution","factor_value":0.05,"basis":"assumed"},
			  {"submission":"S","project_id":"P","side":"both","factor":"multiplier","factor_value":1.25,"basis":"measured"}]`,
		},
		"parameters": {
			"submission t, parameter_id t, distribution t, low n, mode n, high n, mean n, sd n, values_list t, source_ref t, is_recalled f",
			`[{"submission":"SHARED","parameter_id":"D","distribution":"triangular","low":0.15,"mode":0.25,"high":0.35,"source_ref":"guide","is_recalled":true}]`,
		},
		"adjustments": {
			of + "adjustment_id t, kind t, committed f, legal_minimum f, extra_cost_gbp n, cost_year w, price_year w",
			`[{"submission":"S","project_id":"P","adjustment_id":"A1","kind":"do_differently","committed":false,"legal_minimum":false,"extra_cost_gbp":10,"cost_year":2024,"price_year":2024}]`,
		},
		"effects": {
			of + "effect_id t, adjustment_ids t, outcome_id t, level t, impact_year w, change t, operation t, amount n",
			`[{"submission":"S","project_id":"P","effect_id":"E1","adjustment_ids":"A1","outcome_id":"O1","change":"gross","operation":"add","amount":10}]`,
		},
		"costs": {
			of + "cost_id t, stage t, cost_year w, price_year w, amount_gbp n, is_capital f, optimism_category t, mitigated_share n, is_sunk f, is_transfer f",
			`[{"submission":"S","project_id":"P","cost_id":"C1","cost_year":2024,"price_year":2024,"amount_gbp":100,"is_capital":true,"optimism_category":"standard_buildings","mitigated_share":0.5}]`,
		},
		"proxies": {
			"submission t, system t, system_version t, proxy_code t, value_type t, duration_basis t, is_discounted f, net_of_deadweight t, net_of_attribution t, net_of_displacement t, is_global f, parent_code t, value_gbp n, price_year w, price_basis t, value_source t",
			`[]`,
		},
		"carbon":      {"system t, system_version t, proxy_code t, value_type t, impact_year w, price_year w, value_gbp n, value_source t", `[{"system":"desnz","system_version":"1","proxy_code":"C","value_type":"economic","impact_year":2024,"price_year":2024,"value_gbp":269}]`},
		"rates":       {"schedule t, year_from w, year_to w, rate n", `[{"schedule":"standard","year_from":0,"rate":0.035}]`},
		"deflators":   {"year_basis t, index_year w, index_value n", `[{"year_basis":"calendar","index_year":2024,"index_value":100}]`},
		"optimism":    {"category t, capital_share n", `[{"category":"standard_buildings","capital_share":0.24}]`},
		"value_types": {"value_type t, schedule t", `[{"value_type":"economic","schedule":"standard"}]`},
		"systems":     {"system t, enters_net_additional f", `[{"system":"own","enters_net_additional":true}]`},
		"designs":     {"evidence_design t, evidence_grade w", `[{"evidence_design":"before_after","evidence_grade":1}]`},
		"settings":    {"cost_schedule t, lower_schedule t, long_horizon_years w, high_multiplier n, income_elasticity n", `[{"income_elasticity":1.3,"cost_schedule":"standard","lower_schedule":"standard","long_horizon_years":50,"high_multiplier":2}]`},
	}
}

func readers(t *testing.T, inputs map[string]input) map[string]array.RecordReader {
	t.Helper()
	kinds := map[string]arrow.DataType{"t": arrow.BinaryTypes.String, "w": arrow.PrimitiveTypes.Int64, "n": arrow.PrimitiveTypes.Float64, "f": arrow.FixedWidthTypes.Boolean}
	out := map[string]array.RecordReader{}
	for name, in := range inputs {
		var fields []arrow.Field
		for column := range strings.SplitSeq(in.columns, ", ") {
			name, kind, _ := strings.Cut(column, " ")
			fields = append(fields, arrow.Field{Name: name, Type: kinds[kind], Nullable: true})
		}
		schema := arrow.NewSchema(fields, nil)
		var rows []json.RawMessage
		if err := json.Unmarshal([]byte(in.rows), &rows); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var batches []arrow.RecordBatch // one a row: a text kept without copying it is found
		for _, row := range rows {
			record, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader("["+string(row)+"]"))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			batches = append(batches, record)
		}
		reader, err := array.NewRecordReader(schema, batches)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = estimatortest.Forgetful{RecordReader: reader}
	}
	return out
}

// table runs the estimator and gives the values of its only column of that name.
func table(t *testing.T, name string, column string) []string {
	t.Helper()
	var values []string
	err := assessment.Estimator{}.Run(context.Background(), readers(t, proposal()), map[string]any{"table": name, "draws": 100, "draw_seed": 1, "seed": int64(7)}, func(r arrow.RecordBatch) error {
		for _, at := range r.Schema().FieldIndices(column) {
			for i := range int(r.NumRows()) {
				values = append(values, r.Column(at).ValueStr(i))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// yearMedian is the median of the only year, which is that of all years.
func yearMedian(t *testing.T) string { return strings.Join(table(t, "lines", "p50_gbp"), " ") }

// TestTables proves that what goes in comes out in every table, A02 at two pounds a unit.
func TestTables(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ table, column, want string }{
		{"years", "net_quantity", "136.265625"},
		{"years", "pv_gbp", "272.53125"},
		{"years", "p50_gbp", yearMedian(t)},
		{"years", "overlap_pv_gbp", "0"},
		{"lines", "source_refs", `["business case","commuting","guide"]`},
		{"lines", "flags", `["ready_reckoner_recalled"]`},
		{"lines", "distribution_weight", "3.008637"},
		{"lines", "weighted_pv_gbp", "819.95"},
		{"sums", "weighted_net_gbp", "819.95"},
		{"lines", "bar_reference", "-64.125"},
		{"lines", "evidence_grade", "1"},
		{"lines", "factor_basis", "assumed"},
		{"sums", "net_gbp", "272.53"},
		{"sums", "could_deliver_gbp", "16.03"},
		{"sums", "cost_gbp", "112"},
		{"adjustments", "contribution_gbp", "16.03"},
		{"adjustments", "value_for_cost", "1.603125"},
		{"comparisons", "null_reason", "not_measured"},
		{"swings", "parameter_id", "SHARED/D"},
		{"portfolio", "projects", "1"},
		{"portfolio", "draws", "100"},
		{"refusals", "code", "unknown_outcome"},
	} {
		if got := strings.Join(table(t, tc.table, tc.column), " "); got != tc.want {
			t.Errorf("%s.%s is %q, want %q", tc.table, tc.column, got, tc.want)
		}
	}
}

func TestWrongInputsAndParameters(t *testing.T) {
	t.Parallel()
	run := func(inputs map[string]input, params map[string]any) error {
		return assessment.Estimator{}.Run(context.Background(), readers(t, inputs), params, func(arrow.RecordBatch) error { return nil })
	}
	good := map[string]any{"table": "swings"}
	for _, tc := range []struct {
		name   string
		change func(map[string]input, map[string]any)
		want   string
	}{
		{"no such table", func(_ map[string]input, p map[string]any) { p["table"] = "all" }, "parameter table"},
		{"no draws", func(_ map[string]input, p map[string]any) { p["table"] = "sums" }, "give the parameter draws"},
		{"half a draw", func(_ map[string]input, p map[string]any) { p["draws"] = 0.5 }, "parameter draws"},
		{"unknown parameter", func(_ map[string]input, p map[string]any) { p["colour"] = 1 }, "no parameter colour"},
		{"input missing", func(in map[string]input, _ map[string]any) { delete(in, "costs") }, `needs the input "costs"`},
		{"column missing", func(in map[string]input, _ map[string]any) {
			in["designs"] = input{"evidence_design t", `[{"evidence_design":"x"}]`}
		}, "column evidence_grade is not there"},
		{"column of another type", func(in map[string]input, _ map[string]any) {
			in["designs"] = input{"evidence_design t, evidence_grade n", `[{"evidence_design":"x","evidence_grade":1}]`}
		}, "declare it BIGINT"},
		{"gap in the schedule", func(in map[string]input, _ map[string]any) {
			in["rates"] = input{"schedule t, year_from w, year_to w, rate n", `[{"schedule":"standard","year_from":5,"rate":0.03}]`}
		}, "discount bands"},
	} {
		inputs, params := proposal(), maps.Clone(good)
		tc.change(inputs, params)
		if err := run(inputs, params); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}
