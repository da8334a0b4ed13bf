package assessment

import (
	"context"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/pipelines/impact/appraisal"
	"socialvalue/pipelines/impact/assess"
	"socialvalue/pipelines/impact/chance"
)

// read reads every input.
func read(ctx context.Context, inputs map[string]array.RecordReader) (assess.Input, error) {
	var in assess.Input
	var err error
	from := func(name string, take func(*row)) {
		if err == nil {
			err = each(ctx, inputs, name, take)
		}
	}
	from("projects", func(r *row) {
		in.Projects = append(in.Projects, assess.Project{
			Submission: r.text("submission"), ID: r.text("project_id"), FinancialYear: r.text("approved_financial_year"),
			DecisionYear: r.whole("decision_year"), PriceYear: r.whole("price_year"), YearBasis: r.text("year_basis"),
			Perspective: r.text("perspective"), HeadlineLevel: r.text("headline_level"), System: r.text("headline_system"),
			Announced: r.is("is_announced"), LastYearOver: r.whole("last_year_over"), AsOf: r.whole("as_of_day"),
			Guidance: r.text("guidance_edition"), ReferenceIncome: r.number("reference_income_gbp"),
		})
	})
	from("outcomes", func(r *row) {
		in.Outcomes = append(in.Outcomes, assess.Outcome{
			Submission: r.text("submission"), Project: r.text("project_id"), ID: r.text("outcome_id"),
			Concept: r.text("outcome_concept"), Group: r.text("beneficiary_group"), Unit: r.text("quantity_unit"),
			System: r.text("system"), Version: r.text("system_version"), VersionAfter: r.text("system_version_after"),
			Proxy: r.text("proxy_code"), ValueType: r.text("value_type"), UnitValue: r.number("unit_value_gbp"),
			UnitPriceYear: r.whole("unit_value_price_year"), Global: r.is("is_global"), NewCases: r.is("is_new_cases"),
			OverlapGroup: r.text("overlap_group"), Headline: r.is("is_headline"), SharedRef: r.text("shared_ref"),
			Share: r.number("our_share"), RefMethod: r.text("ref_method"), Design: r.text("evidence_design"),
			ComparisonGroup: r.is("is_comparison_group"), Due: r.whole("due_day"),
			Income: r.number("group_income_gbp"), Source: r.text("source_ref"),
		})
	})
	from("quantities", func(r *row) {
		in.Quantities = append(in.Quantities, assess.Quantity{
			Submission: r.text("submission"), Project: r.text("project_id"), Outcome: r.text("outcome_id"), Stage: r.text("stage"),
			Level: r.text("level"), Year: r.whole("impact_year"), Gross: r.given("gross_quantity"), Reference: r.number("reference_quantity"),
		})
	})
	from("factors", func(r *row) {
		in.Factors = append(in.Factors, assess.Factor{
			Submission: r.text("submission"), Project: r.text("project_id"), Outcome: r.text("outcome_id"), Stage: r.text("stage"),
			Level: r.text("level"), Side: r.text("side"), Name: r.text("factor"), Value: r.number("factor_value"),
			Parameter: r.text("parameter_id"), Basis: r.text("basis"), MultiplierType: r.text("multiplier_type"),
			Evidence: r.text("evidence"),
		})
	})
	from("parameters", func(r *row) {
		p := assess.Parameter{Submission: r.text("submission"), ID: r.text("parameter_id"), Source: r.text("source_ref"), Recalled: r.is("is_recalled"), Distribution: chance.Distribution{
			Kind: chance.Kind(r.text("distribution")), Low: r.given("low"), Mode: r.given("mode"), High: r.given("high"),
			Mean: r.given("mean"), SD: r.given("sd"),
		}}
		for _, text := range r.list("values_list") {
			v, notNumber := strconv.ParseFloat(text, 64)
			if notNumber != nil {
				p.Kind = "" // no distribution: refused where it is used
				break
			}
			p.Values = append(p.Values, v)
		}
		in.Parameters = append(in.Parameters, p)
	})
	from("adjustments", func(r *row) {
		in.Adjustments = append(in.Adjustments, assess.Adjustment{
			Submission: r.text("submission"), Project: r.text("project_id"), ID: r.text("adjustment_id"), Kind: r.text("kind"),
			Committed: r.is("committed"), LegalMinimum: r.is("legal_minimum"), ExtraCost: r.number("extra_cost_gbp"),
			CostYear: r.whole("cost_year"), PriceYear: r.whole("price_year"),
		})
	})
	from("effects", func(r *row) {
		in.Effects = append(in.Effects, assess.Effect{
			Submission: r.text("submission"), Project: r.text("project_id"), ID: r.text("effect_id"), Adjustments: r.list("adjustment_ids"),
			Outcome: r.text("outcome_id"), Level: r.text("level"), Year: r.whole("impact_year"), Change: r.text("change"),
			Operation: r.text("operation"), Amount: r.given("amount"),
		})
	})
	from("costs", func(r *row) {
		in.Costs = append(in.Costs, assess.Cost{
			Submission: r.text("submission"), Project: r.text("project_id"), ID: r.text("cost_id"), Stage: r.text("stage"),
			Year: r.whole("cost_year"), PriceYear: r.whole("price_year"), Amount: r.given("amount_gbp"), Capital: r.is("is_capital"),
			Optimism: r.text("optimism_category"), Mitigated: r.given("mitigated_share"), Sunk: r.is("is_sunk"), Transfer: r.is("is_transfer"),
		})
	})
	in.Proxies = readProxies(from)
	if err != nil {
		return assess.Input{}, err
	}
	in.Reference, err = readReference(ctx, inputs)
	return in, err
}

// readProxies reads unit values; those that differ from year to year come as a table of their own.
func readProxies(from func(string, func(*row))) []assess.Proxy {
	var proxies []assess.Proxy
	from("proxies", func(r *row) {
		proxies = append(proxies, assess.Proxy{
			Submission: r.text("submission"), System: r.text("system"), Version: r.text("system_version"), Code: r.text("proxy_code"),
			ValueType: r.text("value_type"), Duration: r.text("duration_basis"), Discounted: r.is("is_discounted"),
			NetOfDeadweight: r.text("net_of_deadweight"), NetOfAttribution: r.text("net_of_attribution"),
			NetOfDisplacement: r.text("net_of_displacement"), Global: r.is("is_global"), Parent: r.text("parent_code"),
			Value: r.number("value_gbp"), PriceYear: r.whole("price_year"),
			PriceBasis: r.text("price_basis"), Source: r.text("value_source"),
		})
	})
	type key struct{ system, version, code string }
	yearly := map[key]*assess.Proxy{}
	var order []key
	from("carbon", func(r *row) {
		k := key{r.text("system"), r.text("system_version"), r.text("proxy_code")}
		if yearly[k] == nil {
			yearly[k] = &assess.Proxy{
				Submission: assess.SharedSubmission, System: k.system, Version: k.version, Code: k.code, ValueType: r.text("value_type"),
				Duration: "per_year", NetOfDeadweight: "no", NetOfAttribution: "no", NetOfDisplacement: "no", Global: true,
				PriceYear: r.whole("price_year"), PriceBasis: "calendar", Source: r.text("value_source"), ByYear: map[int]float64{},
			}
			order = append(order, k)
		}
		yearly[k].ByYear[r.whole("impact_year")] = r.given("value_gbp")
	})
	for _, k := range order {
		proxies = append(proxies, *yearly[k])
	}
	return proxies
}

// readReference reads what the world says.
func readReference(ctx context.Context, inputs map[string]array.RecordReader) (assess.Reference, error) {
	ref := assess.Reference{
		Schedules: map[string]appraisal.Schedule{}, ScheduleOf: map[string]string{}, Prices: map[string]appraisal.Prices{},
		OptimismBias: map[string]float64{}, Grades: map[string]int{}, NotNet: map[string]bool{},
	}
	var err error
	from := func(name string, take func(*row)) {
		if err == nil {
			err = each(ctx, inputs, name, take)
		}
	}
	bands := map[string][]appraisal.Band{}
	from("rates", func(r *row) {
		band := appraisal.Band{From: r.whole("year_from"), To: appraisal.Forever, Rate: r.given("rate")}
		if to := r.whole("year_to"); to != 0 {
			band.To = to
		}
		bands[r.text("schedule")] = append(bands[r.text("schedule")], band)
	})
	indices := map[string]map[int]float64{}
	from("deflators", func(r *row) {
		basis := r.text("year_basis")
		if indices[basis] == nil {
			indices[basis] = map[int]float64{}
		}
		indices[basis][r.whole("index_year")] = r.given("index_value")
	})
	from("optimism", func(r *row) { ref.OptimismBias[r.text("category")] = r.given("capital_share") })
	from("value_types", func(r *row) { ref.ScheduleOf[r.text("value_type")] = r.text("schedule") })
	from("systems", func(r *row) { ref.NotNet[r.text("system")] = !r.is("enters_net_additional") })
	from("designs", func(r *row) { ref.Grades[r.text("evidence_design")] = r.whole("evidence_grade") })
	from("settings", func(r *row) {
		ref.Lower, ref.CostSchedule = r.text("lower_schedule"), r.text("cost_schedule")
		ref.LongHorizon, ref.HighMultiple = r.whole("long_horizon_years"), r.given("high_multiplier")
		ref.Elasticity = r.given("income_elasticity")
	})
	if err != nil {
		return ref, err
	}
	for name, of := range bands {
		if ref.Schedules[name], err = appraisal.NewSchedule(of); err != nil {
			return ref, err
		}
	}
	for basis, index := range indices {
		if ref.Prices[basis], err = appraisal.NewPrices(index); err != nil {
			return ref, err
		}
	}
	return ref, nil
}
