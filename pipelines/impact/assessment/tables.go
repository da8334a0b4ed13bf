package assessment

import (
	"socialvalue/pipelines/impact/assess"
	"socialvalue/pipelines/impact/chance"
	"socialvalue/pipelines/impact/netting"
)

type (
	line = assess.Line
	sum  = assess.Sum
)

// yearRow is a year of a line, or a line of which no year is known.
type yearRow struct {
	line
	year assess.Year
}

// yearsOf are the years of all lines that have any; what has none stands in the table of lines with its reason.
func yearsOf(lines []line) []yearRow {
	var rows []yearRow
	for _, l := range lines {
		for _, y := range l.Years {
			rows = append(rows, yearRow{l, y})
		}
	}
	return rows
}

// lineKey are the columns that tell which line it is, and what both tables of lines say of it.
func lineKey[T any](of func(T) line) []col[T] {
	say := func(name string, f func(line) string) col[T] { return text(name, func(r T) string { return f(of(r)) }) }
	factor := func(name string, f func(assess.Numbers) float64) col[T] {
		return number(name, ratios, func(r T) (float64, bool) { l := of(r); return f(l.Plain), l.NetReason == "" })
	}
	return []col[T]{
		say("submission", func(l line) string { return l.Submission }),
		say("project_id", func(l line) string { return l.Project }),
		say("outcome_id", func(l line) string { return l.ID }),
		say("stage", func(l line) string { return l.Stage }),
		say("level", func(l line) string { return l.Level }),
		say("system", func(l line) string { return l.System }),
		say("system_version", func(l line) string { return l.Version }),
		say("proxy_code", func(l line) string { return l.Proxy }),
		say("outcome_concept", func(l line) string { return l.Concept }),
		say("beneficiary_group", func(l line) string { return l.Group }),
		say("quantity_unit", func(l line) string { return l.Unit }),
		say("guidance_edition", func(l line) string { return l.Guidance }),
		say("dw_form", func(l line) string { return l.Form }),
		factor("leakage", func(n assess.Numbers) float64 { return n.Leakage }),
		factor("displacement", func(n assess.Numbers) float64 { return n.Displacement }),
		factor("substitution", func(n assess.Numbers) float64 { return n.Substitution }),
		factor("multiplier", func(n assess.Numbers) float64 { return n.Multiplier }),
		factor("leakage_ref", func(n assess.Numbers) float64 { return n.LeakageRef }),
		factor("displacement_ref", func(n assess.Numbers) float64 { return n.DisplacementRef }),
		factor("substitution_ref", func(n assess.Numbers) float64 { return n.SubstitutionRef }),
		factor("multiplier_ref", func(n assess.Numbers) float64 { return n.MultiplierRef }),
		factor("attribution", func(n assess.Numbers) float64 { return n.Attribution }),
		factor("drop_off", func(n assess.Numbers) float64 { return n.DropOff }),
		say("multiplier_type", func(l line) string { return l.MultiplierType }),
		say("factor_basis", func(l line) string { return l.Basis }),
		say("value_type", func(l line) string { return l.ProxyValueType }),
		say("discount_schedule", func(l line) string { return l.Schedule }),
		known("price_year", func(r T) int { return of(r).PriceYear }),
		known("unit_value_price_year", func(r T) int { return of(r).UnitPriceYearUsed }),
		say("evidence_design", func(l line) string { return l.Design }),
		known("evidence_grade", func(r T) int { return of(r).Grade }),
		say("confidence", func(l line) string { return l.Confidence }),
		say("overlap_group", func(l line) string { return l.OverlapGroup }),
		flag("is_headline", func(r T) bool { return of(r).Headline }),
		flag("is_counted", func(r T) bool { return of(r).Counted }),
		say("not_counted_reason", func(l line) string { return l.NotCounted }),
		say("flags", func(l line) string { return list(l.Flags) }),
		say("adjustment_ids", func(l line) string { return list(l.AdjustmentIDs) }),
		say("source_refs", func(l line) string { return list(l.Sources) }),
		say("null_reason", func(l line) string {
			if l.NetReason != "" {
				return l.NetReason
			}
			return l.ValueReason
		}),
	}
}

func valued(l line) bool { return l.NetReason == "" && l.ValueReason == "" }

func yearColumns(s settings) []col[yearRow] {
	net := func(f func(assess.Year) float64) func(yearRow) (float64, bool) {
		return func(r yearRow) (float64, bool) { return f(r.year), r.NetReason == "" }
	}
	worth := func(f func(assess.Year) float64) func(yearRow) (float64, bool) {
		return func(r yearRow) (float64, bool) { return f(r.year), valued(r.line) }
	}
	split := func(f func(assess.Year) float64) func(yearRow) (float64, bool) {
		return func(r yearRow) (float64, bool) { return f(r.year), valued(r.line) && r.Totals.Split }
	}
	columns := append(lineKey(func(r yearRow) line { return r.line }),
		whole("impact_year", func(r yearRow) int { return r.year.Year }),
		number("gi", amounts, net(func(y assess.Year) float64 { return y.Gross })),
		number("gi_ref", amounts, func(r yearRow) (float64, bool) { return r.year.Reference, r.NetReason == "" && r.year.HasReference }),
		number("persistence", amounts, net(func(y assess.Year) float64 { return y.Persistence })),
		number("net_quantity", amounts, net(func(y assess.Year) float64 { return y.Net })),
		number("net_to_gross", ratios, func(r yearRow) (float64, bool) {
			if r.NetReason != "" {
				return 0, false
			}
			return netting.Ratio(r.year.Net, r.year.Gross)
		}),
		number("unit_value_gbp", ratios, worth(func(y assess.Year) float64 { return y.UnitValue })),
		number("value_undiscounted_gbp", money, worth(func(y assess.Year) float64 { return y.Undiscounted })),
		number("pv_gbp", ratios, worth(func(y assess.Year) float64 { return y.PV })),
		number("inherent_pv_gbp", ratios, split(func(y assess.Year) float64 { return y.Inherent })),
		number("additional_pv_gbp", ratios, split(func(y assess.Year) float64 { return y.Additional })),
		number("overlap_pv_gbp", money, split(func(y assess.Year) float64 { return y.Overlap })),
	)
	return append(columns, drawnColumns(func(r yearRow) (chance.Summary, bool) { return r.year.Drawn, valued(r.line) }, s)...)
}

// drawnColumns are what is told of draws.
func drawnColumns[T any](of func(T) (chance.Summary, bool), s settings) []col[T] {
	from := func(name string, decimals int, f func(chance.Summary) float64) col[T] {
		return number(name, decimals, func(r T) (float64, bool) { d, known := of(r); return f(d), known })
	}
	return []col[T]{
		from("sd_drawn_gbp", money, func(d chance.Summary) float64 { return d.SD }),
		from("p5_gbp", money, func(d chance.Summary) float64 { return d.P5 }),
		from("p50_gbp", money, func(d chance.Summary) float64 { return d.P50 }),
		from("p95_gbp", money, func(d chance.Summary) float64 { return d.P95 }),
		from("p_negative", likeliest, func(d chance.Summary) float64 { return d.PNegative }),
		whole("draws", func(T) int { return s.draws }),
	}
}

func lineColumns(s settings) []col[line] {
	net := func(f func(assess.Totals) float64) func(line) (float64, bool) {
		return func(l line) (float64, bool) { return f(l.Totals), l.NetReason == "" }
	}
	worth := func(f func(line) float64) func(line) (float64, bool) {
		return func(l line) (float64, bool) { return f(l), valued(l) }
	}
	split := func(f func(assess.Totals) float64) func(line) (float64, bool) {
		return func(l line) (float64, bool) { return f(l.Totals), valued(l) && l.Totals.Split }
	}
	columns := append(lineKey(func(l line) line { return l }),
		number("gi", amounts, net(func(t assess.Totals) float64 { return t.Gross })),
		number("gi_ref", amounts, func(l line) (float64, bool) {
			return l.Totals.Reference, l.NetReason == "" && (l.Form == assess.TwoSidedForm || l.Form == assess.ShorthandForm)
		}),
	)
	for i, name := range []string{"leakage", "displacement", "substitution", "multiplier", "reference", "attribution", "drop_off"} {
		columns = append(columns, number("bar_"+name, amounts, net(func(t assess.Totals) float64 { return t.Waterfall[i] })))
	}
	columns = append(columns,
		number("net_quantity", amounts, net(func(t assess.Totals) float64 { return t.Net })),
		number("net_to_gross", ratios, func(l line) (float64, bool) {
			if l.NetReason != "" {
				return 0, false
			}
			return netting.Ratio(l.Totals.Net, l.Totals.Gross)
		}),
		number("value_undiscounted_gbp", money, worth(func(l line) float64 { return l.Totals.Undiscounted })),
		number("pv_gbp", ratios, worth(func(l line) float64 { return l.Totals.PV })),
		number("inherent_pv_gbp", ratios, split(func(t assess.Totals) float64 { return t.Inherent })),
		number("additional_pv_gbp", ratios, split(func(t assess.Totals) float64 { return t.Additional })),
		number("overlap_pv_gbp", money, split(func(t assess.Totals) float64 { return t.Overlap })),
		number("could_deliver_pv_gbp", ratios, split(func(t assess.Totals) float64 { return t.CouldDeliver })),
		number("distribution_weight", ratios, func(l line) (float64, bool) { return l.Weight, l.Weight != 0 }),
		number("weighted_pv_gbp", money, func(l line) (float64, bool) { return l.Totals.PV * l.Weight, valued(l) && l.Weight != 0 }),
		number("mean_gbp", money, worth(func(l line) float64 { return l.Mean })),
		number("sd_gbp", money, worth(func(l line) float64 { return l.SD })),
		number("low_gbp", money, func(l line) (float64, bool) { return l.Low, valued(l) && l.HasBounds }),
		number("high_gbp", money, func(l line) (float64, bool) { return l.High, valued(l) && l.HasBounds }),
	)
	return append(columns, drawnColumns(func(l line) (chance.Summary, bool) { return l.Drawn, valued(l) }, s)...)
}

func sumColumns(s settings) []col[sum] {
	some := func(f func(sum) float64) func(sum) (float64, bool) {
		return func(r sum) (float64, bool) { return f(r), r.Lines > 0 }
	}
	split := func(f func(sum) float64) func(sum) (float64, bool) {
		return func(r sum) (float64, bool) { return f(r), r.Lines > 0 && r.Split }
	}
	costed := func(f func(sum) float64) func(sum) (float64, bool) {
		return func(r sum) (float64, bool) { return f(r), r.Lines > 0 && r.CostReason == "" }
	}
	columns := []col[sum]{
		text("submission", func(r sum) string { return r.Project.Submission }),
		text("project_id", func(r sum) string { return r.Project.ID }),
		text("stage", func(r sum) string { return r.Stage }),
		text("level", func(r sum) string { return r.Level }),
		text("system", func(r sum) string { return r.System }),
		text("perspective", func(r sum) string { return r.Project.Perspective }),
		flag("is_headline", func(r sum) bool { return r.Level == r.Project.HeadlineLevel && r.System == r.Project.System }),
		number("inherent_gbp", money, split(func(r sum) float64 { return r.Inherent })),
		number("additional_gbp", money, split(func(r sum) float64 { return r.Additional })),
		number("could_deliver_gbp", money, split(func(r sum) float64 { return r.CouldDeliver })),
		number("overlap_gbp", money, split(func(r sum) float64 { return r.Overlap })),
		number("net_gbp", money, some(func(r sum) float64 { return r.PV })),
		number("fiscal_gbp", money, func(r sum) (float64, bool) { return r.Fiscal, true }),
		number("weighted_net_gbp", money, func(r sum) (float64, bool) { return r.Weighted, r.Lines > 0 && r.HasWeighted }),
		number("mean_gbp", money, some(func(r sum) float64 { return r.Mean })),
		number("cost_gbp", money, costed(func(r sum) float64 { return r.Cost })),
		number("npsv_gbp", money, costed(func(r sum) float64 { return r.NPSV })),
		number("bcr", ratios, func(r sum) (float64, bool) { return r.BCR, r.Lines > 0 && r.BCRReason == "" }),
		text("bcr_band", func(r sum) string { return r.Band }),
		text("bcr_null_reason", func(r sum) string { return r.BCRReason }),
		number("switching_share", ratios, func(r sum) (float64, bool) { return r.Switch, r.Lines > 0 && r.HasSwitch }),
		number("p_bcr_below_one", likeliest, func(r sum) (float64, bool) { return r.PBCRBelowOne, r.Lines > 0 && r.BCRReason == "" }),
		number("lower_rate_net_gbp", money, func(r sum) (float64, bool) { return r.LowerRatePV, r.HasLowerRate }),
		known("evidence_grade", func(r sum) int { return r.Grade }),
		whole("outcomes_counted", func(r sum) int { return r.Lines }),
		whole("outcomes_not_valued", func(r sum) int { return r.NotValued }),
	}
	return append(columns, drawnColumns(func(r sum) (chance.Summary, bool) { return r.Drawn, r.Lines > 0 }, s)...)
}
