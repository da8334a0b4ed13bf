// Package assessment is the estimator of the impact pipeline: it reads the rows of proposals and reference data as Arrow
// records, has package assess value them, and gives one of the tables that come of it.
//
// # Inputs
//
// projects, outcomes, quantities, factors, parameters, adjustments, effects, costs and proxies are the relations of the same
// name below stage.impact_; rates, deflators, optimism, value_types, systems, designs, carbon and settings are reference data.
// read.go names the columns. They may come in any order.
//
// # Parameters
//
//	table      which table to give: years, lines, sums, adjustments, comparisons, swings, portfolio or refusals
//	draws      how often the tables that tell of uncertainty (years, lines, sums, portfolio) are drawn, up to 1,000,000
//	draw_seed  seed of all streams, the same in every table, so that they tell of the same draws
//
// Money is rounded to pence, factors to six decimals, quantities to nine; codes are those of package assess.
package assessment
