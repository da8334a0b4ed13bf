package assessment

import (
	"socialvalue/pipelines/impact/assess"
	"socialvalue/pipelines/impact/chance"
)

// adjustmentRow is an adjustment at a level in a system.
type adjustmentRow struct{ assess.AdjustmentValue }

func adjustmentsOf(r *assess.Result) []adjustmentRow {
	rows := make([]adjustmentRow, len(r.Adjustments))
	for i, a := range r.Adjustments {
		rows[i] = adjustmentRow{a}
	}
	return rows
}

func adjustmentColumns() []col[adjustmentRow] {
	return []col[adjustmentRow]{
		text("submission", func(a adjustmentRow) string { return a.Submission }),
		text("project_id", func(a adjustmentRow) string { return a.Project }),
		text("adjustment_id", func(a adjustmentRow) string { return a.ID }),
		text("level", func(a adjustmentRow) string { return a.Level }),
		text("system", func(a adjustmentRow) string { return a.System }),
		text("kind", func(a adjustmentRow) string { return a.Kind }),
		flag("committed", func(a adjustmentRow) bool { return a.Committed }),
		flag("is_headline", func(a adjustmentRow) bool { return a.Headline }),
		number("extra_cost_gbp", money, func(a adjustmentRow) (float64, bool) { return a.Cost, a.CostReason == "" }),
		number("contribution_gbp", money, func(a adjustmentRow) (float64, bool) { return a.Contribution, a.Reason == "" }),
		number("value_for_cost", ratios, func(a adjustmentRow) (float64, bool) { return a.ValueForCost, a.ValueForCostNull == "" }),
		text("null_reason", func(a adjustmentRow) string { return a.Reason }),
		text("value_for_cost_null_reason", func(a adjustmentRow) string { return a.ValueForCostNull }),
	}
}

func comparisonColumns() []col[assess.Comparison] {
	type c = assess.Comparison
	due := func(f func(c) float64) func(c) (float64, bool) {
		return func(r c) (float64, bool) { return f(r), !r.Pending }
	}
	split := func(f func(c) float64) func(c) (float64, bool) {
		return func(r c) (float64, bool) { return f(r), r.Split }
	}
	measured := func(r c) bool { return r.Stage != "" }
	return []col[c]{
		text("project_id", func(r c) string { return r.Project }),
		text("outcome_id", func(r c) string { return r.Outcome }),
		text("level", func(r c) string { return r.Level }),
		text("system", func(r c) string { return r.System }),
		text("ex_post_stage", func(r c) string { return r.Stage }),
		number("ex_ante_gbp", money, due(func(r c) float64 { return r.ExAnte })),
		number("ex_ante_restated_gbp", money, due(func(r c) float64 { return r.Restated })),
		number("ex_post_gbp", money, func(r c) (float64, bool) { return r.ExPost, measured(r) }),
		number("difference_gbp", money, func(r c) (float64, bool) { return r.ExPost - r.Restated, measured(r) }),
		number("by_quantity_gbp", money, split(func(r c) float64 { return r.ByQuantity })),
		number("by_net_factor_gbp", money, split(func(r c) float64 { return r.ByNetFactor })),
		number("by_unit_value_gbp", money, split(func(r c) float64 { return r.ByUnitValue })),
		number("by_timing_gbp", money, split(func(r c) float64 { return r.ByTiming })),
		number("delivery_ratio", ratios, func(r c) (float64, bool) { return r.DeliveryRatio, measured(r) && r.RatioReason == "" }),
		flag("pending", func(r c) bool { return r.Pending }),
		whole("pending_years", func(r c) int { return r.PendingYears }),
		text("null_reason", func(r c) string { return r.Reason }),
		text("delivery_ratio_null_reason", func(r c) string { return r.RatioReason }),
	}
}

func swingColumns() []col[assess.Swing] {
	type w = assess.Swing
	all := func(f func(w) float64) func(w) (float64, bool) {
		return func(r w) (float64, bool) { return f(r), true }
	}
	return []col[w]{
		text("project_id", func(r w) string { return r.Project }),
		text("stage", func(r w) string { return r.Stage }),
		text("level", func(r w) string { return r.Level }),
		text("system", func(r w) string { return r.System }),
		text("parameter_id", func(r w) string { return r.Parameter }),
		whole("swing_rank", func(r w) int { return r.Rank }),
		number("low_input", ratios, all(func(r w) float64 { return r.LowInput })),
		number("high_input", ratios, all(func(r w) float64 { return r.HighInput })),
		number("net_at_low_gbp", money, all(func(r w) float64 { return r.AtLow })),
		number("net_at_high_gbp", money, all(func(r w) float64 { return r.AtHigh })),
	}
}

func portfolioColumns(s settings) []col[assess.Portfolio] {
	type p = assess.Portfolio
	all := func(f func(p) float64) func(p) (float64, bool) {
		return func(r p) (float64, bool) { return f(r), true }
	}
	split := func(f func(p) float64) func(p) (float64, bool) {
		return func(r p) (float64, bool) { return f(r), r.Split }
	}
	costed := func(f func(p) float64) func(p) (float64, bool) {
		return func(r p) (float64, bool) { return f(r), r.CostReason == "" }
	}
	columns := []col[p]{
		text("financial_year", func(r p) string { return r.FinancialYear }),
		text("stage", func(r p) string { return r.Stage }),
		text("level", func(r p) string { return r.Level }),
		text("system", func(r p) string { return r.System }),
		number("inherent_gbp", money, split(func(r p) float64 { return r.Inherent })),
		number("additional_gbp", money, split(func(r p) float64 { return r.Additional })),
		number("net_gbp", money, all(func(r p) float64 { return r.Net })),
		number("fiscal_gbp", money, all(func(r p) float64 { return r.Fiscal })),
		number("cost_gbp", money, costed(func(r p) float64 { return r.Cost })),
		number("mean_gbp", money, all(func(r p) float64 { return r.Mean })),
		number("bcr", ratios, func(r p) (float64, bool) { return r.BCR, r.BCRReason == "" }),
		text("bcr_null_reason", func(r p) string { return r.BCRReason }),
		number("npsv_gbp", money, costed(func(r p) float64 { return r.NPSV })),
		known("evidence_grade", func(r p) int { return r.Grade }),
		whole("projects", func(r p) int { return r.Projects }),
	}
	return append(columns, drawnColumns(func(r p) (chance.Summary, bool) { return r.Drawn, true }, s)...)
}

// refusalRow is a refusal with a number of its own, as several rows may be refused for one reason.
type refusalRow struct {
	assess.Refusal
	number int
}

func refusalsOf(refusals []assess.Refusal) []refusalRow {
	rows := make([]refusalRow, len(refusals))
	for i, r := range refusals {
		rows[i] = refusalRow{r, i + 1}
	}
	return rows
}

func refusalColumns() []col[refusalRow] {
	return []col[refusalRow]{
		whole("refusal_number", func(r refusalRow) int { return r.number }),
		text("submission", func(r refusalRow) string { return r.Submission }),
		text("project_id", func(r refusalRow) string { return r.Project }),
		text("subject", func(r refusalRow) string { return r.Subject }),
		text("subject_id", func(r refusalRow) string { return r.ID }),
		text("outcome_id", func(r refusalRow) string { return r.Outcome }),
		text("stage", func(r refusalRow) string { return r.Stage }),
		text("level", func(r refusalRow) string { return r.Level }),
		text("system", func(r refusalRow) string { return r.System }),
		text("code", func(r refusalRow) string { return r.Code }),
	}
}
