// Package survival draws survival curves of groups of people and says what they are at landmarks: how many homes are kept,
// how soon people are housed, how soon they find work.
//
// # Input
//
// episodes has a row for each time that somebody was followed, the rows of a group together, in any order within it:
//
//	body_code, measure, cohort, breakdown, breakdown_value VARCHAR   the group
//	time_days BIGINT       days from the start to the ending; nought where both are one day
//	time_months DOUBLE     the same in calendar months: a whole number on the day of the month that it began on
//	followed_days BIGINT   days from the start to the last day of observation, whatever happened
//	outcome VARCHAR        event, competing (death), censored, or unknown: it ended, and nobody knows how
//
// landmarks (of survival_landmarks alone) says for each measure when the curve is read:
//
//	measure VARCHAR, landmark_months BIGINT, landmark_days BIGINT
//
// An open tenancy is censored and no failure. At equal times events come first. unknown is censored in the curve, and an
// event in survival_if_unknown_ended, which is how low the truth may lie.
//
// # Output
//
// survival_curve@1: a row for each group and day on which anybody's time ended:
//
//	the group; step BIGINT from 1; time_days, at_risk, events, competing, censored BIGINT
//	survival, std_error, ci_low, ci_high, incidence DOUBLE
//
// survival_landmarks@1: a row for each group and landmark of its measure:
//
//	the group; landmark_months, landmark_days, people BIGINT
//	at_risk BIGINT             followed up to the landmark day, or ended on it
//	events, competing, censored, unknown_ends BIGINT   up to the landmark, its day included
//	survival, std_error, ci_low, ci_high DOUBLE        Kaplan-Meier, Greenwood, log-log 95%
//	no_event_bound DOUBLE      where there was no event: 1 - 3/at_risk
//	one_minus_cif DOUBLE       one minus the cumulative incidence, death ending the risk
//	rmst_days, median_days DOUBLE; survival_if_unknown_ended DOUBLE
//	at_risk_anniversary BIGINT, survival_anniversary DOUBLE   by calendar anniversaries in the place of days
//	matured, matured_open BIGINT   who started so long before the last day of observation, and of them who had not ended
//	null_reason VARCHAR        not_followed_so_long
//
// survival_tests@1: a row for each group of a breakdown with two groups or more, against all others of it:
//
//	the group; people, others BIGINT; observed, expected, chi_squared, p_value, q_value DOUBLE; null_reason VARCHAR
//
// q_value is adjusted for there being many groups (Benjamini and Hochberg). An interval and an error that are not defined
// (survival one or nought) are null.
//
// Sources: methods, B4 and B5; internal/stats. The package imports Arrow and internal/stats.
package survival
