//go:build duckdb_arrow

package report_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"socialvalue/internal/query"
	"socialvalue/internal/report"
	"socialvalue/internal/warehouse"
)

// madeUp are the rows of a small open file: a measure that rose, one that is small money, one in parts, one withheld, one
// that nobody supplies, and one of two quantities with a target.
const madeUp = `
insert into indicators.definitions by name select unnest([
	{indicator_id: 'M18', measure_id: 'M18', indicator_order: 18, role: 'commissioner', indicator_name: 'Share within the city region', kind: 'framework', source_sentence: 'share of expenditure & what <b>improves</b> it', numerator: 'Paid to 2 kinds of supplier', denominator: 'Paid', unit: 'share', direction: 'up', target_note: null, source_dataset: 'spend.local_spend', baseline_rule: 'B1', baseline_rule_text: 'Flow over the year', baseline_is_later: false, change_rule: 'bounds', indicator_owner: 'Head of <Procurement>'},
	{indicator_id: 'M17', measure_id: 'M17', indicator_order: 17, role: 'commissioner', indicator_name: 'Retained', kind: 'framework', source_sentence: 'direct expenditure retained', numerator: 'Paid', denominator: null, unit: 'GBP', direction: 'up', target_note: null, source_dataset: 'spend.local_spend', baseline_rule: 'B1', baseline_rule_text: 'Flow', baseline_is_later: false, change_rule: 'bounds', indicator_owner: null},
	{indicator_id: 'M08', measure_id: 'M08', indicator_order: 8, role: 'employer', indicator_name: 'Pay gaps', kind: 'framework', source_sentence: 'pay gap for every equality', numerator: 'Pay', denominator: null, unit: 'percent', direction: 'down', target_note: null, source_dataset: 'people.pay_gaps', baseline_rule: 'B1', baseline_rule_text: 'Snapshot', baseline_is_later: false, change_rule: 'interval', indicator_owner: null},
	{indicator_id: 'M04', measure_id: 'M04', indicator_order: 4, role: 'employer', indicator_name: 'Long-term unemployed', kind: 'framework', source_sentence: 'new employees', numerator: 'People', denominator: null, unit: 'people', direction: 'up', target_note: null, source_dataset: 'people.new_starters', baseline_rule: 'B1', baseline_rule_text: 'Flow', baseline_is_later: false, change_rule: 'full_count', indicator_owner: null},
	{indicator_id: 'M13', measure_id: 'M13', indicator_order: 13, role: 'commissioner', indicator_name: 'Third sector', kind: 'framework', source_sentence: 'share of suppliers', numerator: 'Suppliers', denominator: 'Suppliers', unit: 'share', direction: 'up', target_note: 'at least 6%', source_dataset: null, baseline_rule: 'B3', baseline_rule_text: 'Later', baseline_is_later: true, change_rule: 'newcombe', indicator_owner: null},
	{indicator_id: 'M28', measure_id: 'M28', indicator_order: 28, role: 'services', indicator_name: 'Net zero', kind: 'framework', source_sentence: 'each service net zero by 2040', numerator: 'Emissions', denominator: null, unit: 'tCO2e', direction: 'down', target_note: 'net zero by 2040', source_dataset: 'indicators.registers', baseline_rule: 'B1', baseline_rule_text: 'Flow', baseline_is_later: false, change_rule: 'full_count', indicator_owner: null},
	{indicator_id: 'CL03', measure_id: null, indicator_order: 90, role: 'civic_leader', indicator_name: 'Members', kind: 'supporting', source_sentence: null, numerator: 'Members', denominator: null, unit: 'members', direction: 'up', target_note: null, source_dataset: 'indicators.registers', baseline_rule: 'B1', baseline_rule_text: 'Flow', baseline_is_later: false, change_rule: 'full_count', indicator_owner: null},
	{indicator_id: 'CL06', measure_id: null, indicator_order: 91, role: 'civic_leader', indicator_name: 'Reviews', kind: 'context', source_sentence: null, numerator: 'Reviews', denominator: null, unit: null, direction: 'none', target_note: null, source_dataset: null, baseline_rule: 'B1', baseline_rule_text: 'Flow', baseline_is_later: false, change_rule: 'none', indicator_owner: null}
], max_depth := 2);
insert into indicators.scorecard by name select unnest([
	{indicator_id: 'M18', unit: 'share', financial_year: '2024-25', baseline_year: '2022-23', baseline_value: 0.4596, prior_value: 0.538, measured_value: 0.6207, arrow: 'up', direction_met: true, significance: 'better', target: null, target_met: null, null_reason: null, sentence: '62.1% in 2024-25, 46.0% in 2022-23. It rose, as the framework wants.'},
	{indicator_id: 'M17', unit: 'GBP', financial_year: '2024-25', baseline_year: '2022-23', baseline_value: -20404.5, prior_value: 1499999.5, measured_value: 21028876.16, arrow: 'level', direction_met: null, significance: 'no_clear_change', target: null, target_met: null, null_reason: null, sentence: 'About the same.'},
	{indicator_id: 'M08', unit: 'percent', financial_year: '2024-25', baseline_year: '2022-23', baseline_value: null, prior_value: null, measured_value: null, arrow: null, direction_met: null, significance: 'no_value', target: null, target_met: null, null_reason: 'not_added', sentence: 'Its parts are never added; each has a row of its own.'},
	{indicator_id: 'M04', unit: 'people', financial_year: '2024-25', baseline_year: '2022-23', baseline_value: null, prior_value: null, measured_value: null, arrow: null, direction_met: null, significance: 'no_value', target: null, target_met: null, null_reason: 'withheld', sentence: 'Withheld: too few people are behind it.'},
	{indicator_id: 'M13', unit: 'share', financial_year: '2024-25', baseline_year: null, baseline_value: null, prior_value: null, measured_value: null, arrow: null, direction_met: null, significance: null, target: 0.06, target_met: null, null_reason: 'not_supplied', sentence: 'No feed supplies it for this year yet.'},
	{indicator_id: 'M28', unit: 'tCO2e', financial_year: '2024-25', baseline_year: '2022-23', baseline_value: 7920.7, prior_value: 7386.3, measured_value: 6861, arrow: 'down', direction_met: true, significance: 'better', target: 0, target_met: false, null_reason: null, sentence: '6,861 tCO2e in 2024-25. It fell, as the framework wants.'},
	{indicator_id: 'CL03', unit: 'members', financial_year: '2024-25', baseline_year: '2022-23', baseline_value: 12, prior_value: 19, measured_value: 1024, arrow: 'up', direction_met: true, significance: 'better', target: null, target_met: null, null_reason: null, sentence: '1,024 members in 2024-25.'},
	{indicator_id: 'CL06', unit: null, financial_year: '2024-25', baseline_year: null, baseline_value: null, prior_value: null, measured_value: null, arrow: null, direction_met: null, significance: null, target: null, target_met: null, null_reason: 'no_source', sentence: 'No feed is defined for it in this version.'}
], max_depth := 2);
insert into indicators.measurements by name select indicator_id, financial_year, breakdown, breakdown_value, breakdown_label, iod_edition, unit, measured_value, ci_low, ci_high, bound_low, bound_high, completeness_share, null_reason from (values
	('M18', '2022-23', 'all', 'all', 'All', null, 'share', 0.4596, null, null, 0.45, 0.47, null, null),
	('M18', '2023-24', 'all', 'all', 'All', null, 'share', null, null, null, 0.5, 0.58, null, 'unknown_above_limit'),
	('M18', '2024-25', 'all', 'all', 'All', null, 'share', 0.6207, null, null, 0.6118, 0.6264, 0.986, null),
	('M17', '2022-23', 'all', 'all', 'All', null, 'GBP', -20404.5, null, null, null, null, null, null),
	('M17', '2024-25', 'all', 'all', 'All', null, 'GBP', 21028876.16, null, null, null, null, null, null),
	('M08', '2024-25', 'all', 'all', 'All', null, 'percent', null, null, null, null, null, null, 'not_added'),
	('M08', '2024-25', 'sex', 'female against male', 'Women & men', null, 'percent', 10.6, 4.2, 16.4, null, null, null, null),
	('M08', '2024-25', 'age', '16_to_24 against 35_to_44', '16 to 24 against 35 to 44', null, 'percent', -0.04, -46.0, 2.0, null, null, null, null),
	('M08', '2024-25', 'age', '65 & over=100%', '65 and over', null, 'percent', null, null, null, null, null, null, 'withheld'),
	('M08', '2024-25', 'religion', 'sikh', 'Sikh', null, 'percent', null, null, null, null, null, null, 'withheld'),
	('M08', '2024-25', 'home_imd_decile', 'decile_10', 'Decile 10', '2019', 'percent', 1.5, null, null, null, null, null, null),
	('M08', '2024-25', 'home_imd_decile', 'decile_2', 'Decile 2', '2019', 'percent', 2.5, null, null, null, null, null, null),
	('M28', '2022-23', 'all', 'all', 'All', null, 'tCO2e', 7920.7, null, null, null, null, null, null),
	('M28', '2023-24', 'all', 'all', 'All', null, 'tCO2e', 7386.3, null, null, null, null, null, null),
	('M28', '2024-25', 'all', 'all', 'All', null, 'tCO2e', 6861, null, null, null, null, null, null)
) as rows(indicator_id, financial_year, breakdown, breakdown_value, breakdown_label, iod_edition, unit, measured_value, ci_low, ci_high, bound_low, bound_high, completeness_share, null_reason);
insert into indicators.comparison by name select * from (values
	('M08', '2024-25', 'sex', 'female against male', 'Women & men', null, 'percent', '2022-23', 12.25, 11.0, 10.6, -1.65, 'no_clear_change'),
	('M08', '2024-25', 'home_imd_decile', 'decile_2', 'Decile 2', '2019', 'percent', '2022-23', 3.5, null, 2.5, -1.0, 'better')
) as rows(indicator_id, financial_year, breakdown, breakdown_value, breakdown_label, iod_edition, unit, baseline_year, baseline_value, prior_value, measured_value, change, significance);
insert into indicators.commitments by name select * from (values
	('E-D1', '2023-24', 1, 'employer', 'day_one', 'done_differently', 'an earlier year', 'met', date '2023-03-31', 'x', 'y'),
	('E-D1', '2024-25', 1, 'employer', 'day_one', 'done_differently', 'monitor <script>alert("1")</script>', 'at_risk', date '2023-03-31', 'Report of 3 March', 'Head of People'),
	('X-E1', '2024-25', 2, 'employer', 'existing', 'existing', 'living-wage employer', null, null, null, null)
) as rows(commitment_id, financial_year, commitment_order, role, kind, change_kind, commitment_text, status, due, evidence, commitment_owner);
insert into indicators.actions by name select * from (values
	('A-01', 'M18', null, 'Meet the buyer in 6 districts', 'plan', 'Head of Procurement', date '2025-09-30', 'open', true, '41 firms came'),
	('A-02', null, 'SIF-12', 'Agree a new plan', 'recovery', 'Head of Investment', null, 'late', false, null)
) as rows(action_ref, indicator_id, deliverable, action_text, kind, action_owner, due, status, is_overdue, outcome);
insert into indicators.published by name select * from (values
	('M18', '2022-23', 'all', 'all', 0.41, 'share', 'Year One Review', 'counts 1 kind', 0.4596, true)
) as rows(indicator_id, financial_year, breakdown, breakdown_value, published_value, unit, published_in, definition_difference, recomputed_value, needs_explanation);
insert into indicators.baseline by name select * from (values
	('M18', '2022-23', 2, timestamptz '2023-09-20 10:00:00+00', '5f1c0a'), ('M17', '2022-23', 2, timestamptz '2023-09-20 10:00:00+00', '5f1c0a')
) as rows(indicator_id, financial_year, version, frozen_at, seal);
create schema meta;
create table meta.release as select * from (values
	('20250630T023000Z-1f3a', 'geo', timestamptz '2025-06-30 02:30:00+00', null::date, '[]', '[]', '1.0.0'),
	('20250630T023000Z-1f3a', 'spend', timestamptz '2025-06-30 02:30:00+00', date '2025-03-31', '["spend.local_spend"]', '[]', '1.0.0')
) as rows(release_id, domain, built_at, data_up_to, held_back, not_publishable, software_version);
create table meta.sources as select * from (values
	('ledger', 'spend', true, date '2025-03-31', timestamptz '2025-04-02 08:00:00+00', timestamptz '2025-07-31 00:00:00+00', 1234, 1200, 30, 4, 0),
	('payroll', null, true, null, timestamptz '2025-04-02 08:00:00+00', timestamptz '2025-06-30 11:59:59+00', 5, 5, 0, 0, 0),
	('travel', 'travel', false, null, null, null, null, null, null, null, null)
) as rows(source, domain, supplied, data_to, received_at, stale_after, rows_read, rows_loaded, rows_duplicate, rows_quarantined, rows_skipped);
create view meta.freshness as select source, supplied, data_to, received_at, stale_after from meta.sources;
create table meta.columns as select * from (values ('spend.local_spend', 'open'), ('indicators.scorecard', 'open'), ('geo.ward', 'open'), ('people.pay_gaps', 'restricted')) as rows(dataset, tier);
`

func made() time.Time { return time.Date(2025, 6, 30, 12, 0, 0, 0, time.UTC) }

// openFile is the small open file: the columns are those of the datasets, the rows are made up.
func openFile(t *testing.T, rows string) *query.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "social_value_open.duckdb")
	db, err := warehouse.Open(t.Context(), path, warehouse.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	script := "create schema indicators;\n"
	definitions, err := filepath.Glob("../../sql/indicators/*.yaml")
	if err != nil || len(definitions) < 9 {
		t.Fatalf("%v, %v", definitions, err)
	}
	for _, file := range definitions {
		var dataset struct {
			Columns []struct{ Name, Type string }
		}
		if err := yaml.Unmarshal(read(t, file), &dataset); err != nil {
			t.Fatal(err)
		}
		var columns []string
		for _, column := range dataset.Columns {
			columns = append(columns, fmt.Sprintf("%q %s", column.Name, column.Type))
		}
		script += "create table indicators." + strings.TrimSuffix(filepath.Base(file), ".yaml") + " (" + strings.Join(columns, ", ") + ");\n"
	}
	for _, sql := range []string{string(read(t, "../../sql/macros/figure_text.sql")), script + rows} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := query.Open(t.Context(), path, query.Limits{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return file
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pageOf is the page of a file.
func pageOf(t *testing.T, file *query.File) string {
	t.Helper()
	var out bytes.Buffer
	request := report.Request{Site: "Region of <Invention>", Made: made(), Exists: func(path string) bool { return !strings.HasSuffix(path, ".xlsx") }}
	if err := report.Write(t.Context(), file, request, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
