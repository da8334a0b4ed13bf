// Package paygaps computes pay gaps between two groups of people: the six statutory measures of SI 2017/353, gaps at
// quantiles, what a group earns for each pound, intervals, and the change since the year before.
//
// # Input
//
// One relation, named contrasts: a row for each person on a side of a contrast. A contrast compares a focal group with a
// comparator, among the people of one body, snapshot and population, all of them or those of a breakdown's value.
//
//	body_code, population, characteristic, comparator_group, focal_group, breakdown, breakdown_value   VARCHAR
//	snapshot_date      DATE
//	side               VARCHAR, comparator, focal or other
//	person_key         VARCHAR or UUID, the same for the same person in every year
//	hourly_rate_gbp    DOUBLE, null for who is no full-pay relevant employee or has no rate
//	quarter_tie        BIGINT, the rate in the units in which equal ones are tied at the edge of a quarter; null with it
//	bonus_gbp          DOUBLE, may be null where nothing was paid
//	paid_bonus         BOOLEAN
//
// Its order_by is the key with snapshot_date last, then side, hourly_rate_gbp and person_key:
//
//	[body_code, population, characteristic, comparator_group, focal_group, breakdown, breakdown_value, snapshot_date,
//	 side, hourly_rate_gbp, person_key]
//
// so that the snapshots of a contrast follow each other, and no more than two are held in memory. Another order of the
// rows of one snapshot, or of contrasts, changes no bit of the result. Rows of a contrast that are not together, or
// snapshots that do not ascend, are an error. A person stands once in a contrast and snapshot.
//
// Every row is a relevant employee, whatever its side. The side other is for those whose group is known and neither of the
// two, such as Asian staff in a contrast of Black with White British: they count in the quarters, whose shares then are of
// everybody with a known group, and in nothing else. Without rows of that side a quarter is one of the two groups alone.
// Those whose group is not known have no row.
//
// # Output
//
// A row for each contrast, snapshot and measure:
//
//	the key of the contrast, with snapshot_date DATE; measure, unit VARCHAR
//	value              DOUBLE, null with null_reason; pct for gaps, share (0 to 1) for shares
//	pence_in_pound     DOUBLE, of gaps: 100 - value
//	ci_low, ci_high    DOUBLE, in the unit of value; ci_method VARCHAR
//	n_focal, n_comparator BIGINT, the people the figure is made of: full-pay for hourly figures and quarters,
//	                   who were paid a bonus for bonus gaps, all relevant for the shares paid one
//	numerator DOUBLE, denominator BIGINT, of shares; a quarter's numerator may be a fraction, see below
//	reliability, null_reason VARCHAR
//	prior_value        DOUBLE, value of the snapshot a year before
//	change_pp, change_ci_low, change_ci_high DOUBLE, percentage points
//
// Values are computed from unrounded ones and rounded once, halves away from zero, to a tenth of a per cent (shares to
// 0.001). A change is the rounded difference of unrounded values and may differ by 0.1 from that of the shown ones.
//
// Measures: mean_hourly, median_hourly, gap_p10, gap_p25, gap_p75, gap_p90, mean_bonus, median_bonus,
// bonus_share_comparator, bonus_share_focal, and quarter_share_lower, quarter_share_lower_middle,
// quarter_share_upper_middle, quarter_share_upper: the focal group's share of the quarter.
//
// null_reason: no_people, no_focal_people, no_comparator_people (a side is empty), zero_base (the comparator's mean or
// median is nought), nobody_paid_bonus, no_comparator_paid_bonus, empty_quarter, few_beyond_quantile (a quantile with fewer
// than ten people of a group beyond it says what those earn).
//
// reliability, by the smaller of n_focal and n_comparator: not_applicable (0), suppressed (1 to 9), low_reliability (10
// to 29), reliable. The value of a suppressed figure stands in its row: it is for those who may see it, and open tables
// withhold it. Figures of fewer than ten have no interval.
//
// ci_method, and what the interval of the change then is: bootstrap_percentile (people drawn over both years), delta (by
// what each person adds to both years' gaps), order_statistics (of both years, combined as if they were independent),
// wilson (Newcombe's method 10, as if independent). Where people overlap, the last two are wider than they need be. The
// bootstrap is used up to bootstrap_people people of a figure, in both years for its change. The people are the whole
// workforce: an interval says what chance alone could make of them, not what a sample left unseen.
//
// # Parameters
//
//	replicates        10000  of the bootstrap
//	bootstrap_people  5000
//	decimals          1      of per cent
//
// # Quarters
//
// People in the order of their rate, in four bands: of n = 4k + r the lower has k and one more when r >= 1, the lower middle
// when r = 3, the upper middle when r >= 2. Those tied at an edge are shared out to the bands they touch in the same mix of
// groups: whole people between two groups (floors, what is left by largest remainder, then lowest band, counted for the
// group whose name comes first in the alphabet), fractions of people where there are others.
//
// Sources: SI 2017/353, Schedule 1; GOV.UK, Making your calculations; the methods, 1.8 to 1.10, 2.8, 4.1 and 4.2. The
// package imports Arrow and internal/stats.
package paygaps
