// Package paydrivers says where a pay gap comes from: from people working in different grades, or from different pay
// within a grade; what is left when people of the same grade, tenure and contract are compared; where the gap is five per
// cent or more; and what closing it would cost.
//
// # Input
//
// Two relations. contrasts is that of package paygaps, in the same order; only its breakdown all is read. people has a row
// for everybody in it, in any order:
//
//	body_code, grade, directorate, working_pattern, contract_type VARCHAR, the last four may be null (not_known)
//	snapshot_date DATE, person_key VARCHAR or UUID
//	tenure_years DOUBLE, weekly_hours DOUBLE, may be null
//
// # Output
//
// A row for each contrast, snapshot, component and category:
//
//	body_code, population, characteristic, comparator_group, focal_group VARCHAR, snapshot_date DATE
//	component, category  VARCHAR; category is a grade, or all
//	value DOUBLE, null with null_reason; unit VARCHAR
//	ci_low, ci_high DOUBLE, ci_method VARCHAR
//	p_value, q_value DOUBLE: of no difference, and adjusted for there being many grades (Benjamini and Hochberg)
//	n_focal, n_comparator BIGINT; reliability, null_reason VARCHAR, as of package paygaps
//	is_flagged BOOLEAN, of grade_gap and mean_gap: five per cent or more in either direction
//
//	component                     unit
//	mean_gap                      pct    what the others explain, interval by the delta method, p by Welch's test
//	between_grades, within_grades pct    of the comparator's mean; they add up to mean_gap (Kitagawa 1955)
//	grade_dissimilarity           share  who would have to change grade for the two to be spread alike (Duncan)
//	grades_of_one_group           grades in which one side is missing; its mean there is taken to be the other's
//	grade_gap                     pct    the mean gap of each grade
//	grade_cost_to_close           GBP    a year: what raising the lower-paid side of a flagged grade to the other's mean costs
//	cost_to_close                 GBP    of all flagged grades together
//	grades_3_pct_below            grades with a gap of three per cent or more, ten people on each side
//	grades_3_pct_above            grades with as much in the other direction
//	adjusted_gap                  pct    100 (1 - exp b), interval from HC3
//	adjusted_gap_kennedy          pct    100 (1 - exp(b - v/2))
//	typical_gap                   pct    100 (1 - exp shift), the shift of log pay by Hodges and Lehmann, interval by Wilcoxon
//	upper_quarter_representation  ratio  share of the upper quarter over share of all; 1: no glass ceiling
//
// adjusted_gap comes from ln(rate) = a + grade + tenure + tenure² + working pattern + contract + directorate + b focal, of
// those whose tenure is known, with 50 people and 10 on each side at least. Performance and bonus are not in it: they may
// hold the bias. Grade itself may be the way a gap is made, so the raw gap comes first.
//
// null_reason: those of package paygaps; too_few_people, rate_not_positive (a logarithm of nought), not_identified (the
// side cannot be told from the grade), hours_not_known.
//
// # Parameters
//
//	decimals        1               of per cent; shares and ratios have two more
//	weeks_per_year  365.25/7        in the cost
//
// Sources: the methods, 4.2 to 4.4; EHRC, equal pay audit, for three and five per cent; Directive (EU) 2023/970, Article 10,
// for five per cent by category. The package imports Arrow, internal/stats and package contrast.
package paydrivers
