// Package areadeprivation computes the summary measures of the English Indices
// of Deprivation for areas made of LSOAs: districts, and a city region as a
// whole, which is built from its LSOAs and never from district averages.
//
// With p the people of an LSOA as counted by the edition (the denominators
// issued with it, not a census), r its rank in England (1 is most deprived), s
// its score, N the number of LSOAs ranked in England:
//
//	average_score        sum p*s / sum p                        score
//	average_rank         sum p*(N+1-r) / sum p                  rank; the most deprived LSOA counts N
//	decile_1_share       LSOAs in decile 1 / LSOAs              share, not weighted
//	extent               sum p*w / sum p                        share; k = ceil(100*r/N), w = 1 for
//	                     k <= 10, 0.95 - (0.9/19)*(k-11) for 11 <= k <= 30, else 0
//	local_concentration  sum t*(N+1-r) / (sum p / 10)           rank; over the most deprived LSOAs,
//	                     t = p until a tenth of the area's people is reached, the last LSOA in part
//
// Source: the technical reports of the Indices of Deprivation 2019 and 2025;
// the published district summaries of 2025 are reproduced to their printed
// precision.
//
// A measure that lacks a figure of one LSOA is null for the area, with its
// reason: a mean over the rest would be a mean of another area. The package
// imports Arrow and nothing of the engine.
package areadeprivation
