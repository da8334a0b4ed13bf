// Package paired says what changed for people between two looks at them: the same people, both times, and beside them those
// who were due and were not seen again.
//
// # Input
//
// changes has a row for each person who was due, the rows of a group together, in any order within it:
//
//	body_code, measure, wave, financial_year, breakdown, breakdown_value VARCHAR   the group
//	better VARCHAR               up or down: which way is better
//	baseline, follow_up DOUBLE   null where it was not asked, or has no score
//
// # Output of paired_changes@1
//
// A row for each group:
//
//	the group; due, pairs, lost, improved, same, worsened BIGINT
//	baseline_of_pairs, follow_up_of_pairs, baseline_of_lost DOUBLE   means
//	mean_change, ci_low, ci_high DOUBLE   follow-up less baseline, t interval of 95%
//	null_reason VARCHAR                   no_pairs
//
// lost had a baseline and no follow-up. Who had neither, or a follow-up alone, is in due and nowhere else. improved and
// worsened follow better; mean_change does not: of what should fall, a fall is below nought.
//
// Source: methods, B6. The package imports Arrow and internal/stats.
package paired
