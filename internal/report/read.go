//go:build duckdb_arrow

package report

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"socialvalue/internal/query"
)

// record is one row of an answer, by column.
type record map[string]query.Value

func (r record) text(column string) string { return r[column].Text }

func (r record) isNull(column string) bool { return r[column].Null }

// number is a value, and whether there is one.
func (r record) number(column string) (float64, bool) {
	if value, known := r[column]; !known || value.Null {
		return 0, false
	}
	number, err := strconv.ParseFloat(r[column].Text, 64)
	return number, err == nil
}

// contents are the tables of a release that the page is made of.
type contents struct {
	scorecard, years, parts, commitments, actions, published []record
	baselines, domains, sources, datasets                    []record
}

// The last financial year that is over is that of the scorecard.
const latestYear = "(select max(financial_year) from indicators.scorecard)"

// readContents reads everything the page tells from the open file of a release.
func readContents(ctx context.Context, file *query.File) (contents, error) {
	var all contents
	for _, table := range []struct {
		name string
		into *[]record
		sql  string
	}{
		{"indicators.scorecard", &all.scorecard, `
			select
				definition.indicator_id, definition.measure_id, definition.role, definition.indicator_name, definition.kind,
				definition.source_sentence, definition.numerator, definition.denominator, definition.direction,
				definition.target_note, definition.source_dataset, definition.baseline_rule_text, definition.change_rule,
				definition.indicator_owner, scorecard.unit, scorecard.financial_year, scorecard.baseline_year,
				scorecard.baseline_value, scorecard.prior_value, scorecard.measured_value, scorecard.arrow,
				scorecard.significance, scorecard.target, scorecard.target_met, scorecard.null_reason, scorecard.sentence
			from indicators.definitions as definition
			inner join indicators.scorecard as scorecard on definition.indicator_id = scorecard.indicator_id
			order by definition.indicator_order, definition.indicator_id`},
		{"indicators.measurements", &all.years, `
			select
				indicator_id, financial_year, unit, measured_value, ci_low, ci_high, bound_low, bound_high,
				completeness_share
			from indicators.measurements
			where breakdown = 'all' and iod_edition is null
			order by indicator_id, financial_year`},
		{"indicators.measurements", &all.parts, `
			select
				measurement.indicator_id, measurement.financial_year, measurement.breakdown, measurement.breakdown_value,
				measurement.breakdown_label, measurement.iod_edition, measurement.unit, measurement.measured_value,
				measurement.ci_low, measurement.ci_high, measurement.bound_low, measurement.bound_high,
				measurement.null_reason, comparison.baseline_year, comparison.baseline_value, comparison.prior_value,
				comparison.change, comparison.significance
			from indicators.measurements as measurement
			left join indicators.comparison as comparison
				on
					measurement.indicator_id = comparison.indicator_id
					and measurement.financial_year = comparison.financial_year
					and measurement.breakdown = comparison.breakdown
					and measurement.breakdown_value = comparison.breakdown_value
					and measurement.iod_edition is not distinct from comparison.iod_edition
			where
				(measurement.breakdown <> 'all' or measurement.iod_edition is not null)
				and measurement.financial_year = ` + latestYear + `
			order by
				measurement.indicator_id, measurement.breakdown, measurement.iod_edition,
				try_cast(regexp_extract(measurement.breakdown_value, '[0-9]+$') as integer) nulls last,
				measurement.breakdown_value`},
		{"indicators.commitments", &all.commitments, `
			select
				commitment_id, financial_year, role, kind, change_kind, commitment_text, status, due, evidence,
				commitment_owner
			from indicators.commitments
			where financial_year = (select max(financial_year) from indicators.commitments)
			order by commitment_order, commitment_id`},
		{"indicators.actions", &all.actions, `
			select action_ref, indicator_id, deliverable, action_text, kind, action_owner, due, status, is_overdue, outcome
			from indicators.actions
			order by indicator_id nulls last, action_ref`},
		{"indicators.published", &all.published, `
			select
				indicator_id, financial_year, breakdown, breakdown_value, published_value, unit, published_in, page,
				published_date, definition_difference, recomputed_value, needs_explanation
			from indicators.published
			order by indicator_id, financial_year, breakdown, breakdown_value, published_in`},
		{"indicators.baseline", &all.baselines, `
			select financial_year, version, seal, cast(min(frozen_at) as date) as frozen_on, any_value(software) as software
			from indicators.baseline
			group by financial_year, version, seal
			order by financial_year, version`},
		{"meta.release", &all.domains, `
			select release_id, domain, cast(built_at as date) as built_on, data_up_to, held_back, not_publishable, software_version
			from meta.release
			order by domain`},
		{"meta.freshness", &all.sources, `
			select
				freshness.source, source.domain, freshness.supplied, freshness.data_to, freshness.received_at,
				freshness.stale_after, epoch_ms(freshness.stale_after) as stale_after_ms, source.rows_read, source.rows_loaded, source.rows_duplicate,
				source.rows_quarantined, source.rows_skipped
			from meta.freshness as freshness
			inner join meta.sources as source on freshness.source = source.source
			order by source.domain, freshness.source`},
		{"meta.columns", &all.datasets, `
			select distinct dataset
			from meta.columns
			where tier = 'open' and dataset not like 'meta.%'
			order by dataset`},
	} {
		answer, err := file.Ask(ctx, table.sql)
		if err != nil {
			return contents{}, fmt.Errorf("read %s: %w", table.name, err)
		}
		for _, values := range answer.Rows {
			row := record{}
			for i, column := range answer.Columns {
				row[column.Name] = values[i]
			}
			*table.into = append(*table.into, row)
		}
	}
	return all, nil
}

// key names a row of a table by the columns that tell it apart, as in indicator_id=M18&financial_year=2024-25.
func key(row record, columns ...string) string {
	parts := make([]string, 0, len(columns))
	for _, column := range columns {
		if !row.isNull(column) {
			parts = append(parts, column+"="+url.QueryEscape(row.text(column)))
		}
	}
	return strings.Join(parts, "&")
}

// yearKey names the row of a measure as a whole in a year.
func yearKey(row record) string {
	return key(row, "indicator_id", "financial_year") + "&breakdown=all&breakdown_value=all"
}
