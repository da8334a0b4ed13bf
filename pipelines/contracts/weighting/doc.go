// Package weighting tells what social value weighed in the decision about each lot of a contract.
//
// # Input
//
// criteria has a row for each criterion, those of a lot together:
//
//	body_code, process_ref, lot_ref VARCHAR   the lot
//	criterion_ref, parent_ref VARCHAR         the criterion, and what it is a part of (null at the top)
//	weight DOUBLE                             null where it has none
//	weight_type VARCHAR                       of_parent, of_total, points, pass_fail, order, or null: not known
//	evaluation_method VARCHAR                 price_per_quality_point, or weighted (also null)
//	is_social_value BOOLEAN
//	is_full_record BOOLEAN                    whether the rows are all criteria there were
//
// # Output of effective_weight@1
//
// A row for each lot:
//
//	body_code, process_ref, lot_ref VARCHAR
//	criteria, sv_criteria BIGINT   how many there are, and how many of them are about social value
//	in_decision BOOLEAN            null where none is and there may be others
//	weight DOUBLE                  the product of weights down to each social value criterion, added up; a fraction
//	weight_basis VARCHAR           total, or quality: of the quality score that a price is divided by
//	null_reason VARCHAR            weight_sum, order_of_importance, weight_missing, weight_types_mixed, parent_missing, not_evidenced
//
// A criterion about social value counts once, at the highest place where it is said; its parts are not added again. Where the
// weights of a level do not add up within the parameter weight_sum_tolerance (percentage points), there is no weight.
//
// Source: methods, C6; vectors W1 to W8. Lots are put together in SQL (W9). The package imports Arrow.
package weighting
