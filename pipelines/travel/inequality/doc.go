// Package inequality measures how unequally passes and journeys are spread over deprivation: the slope and the relative
// index of inequality, and the concentration index, with intervals. It is an estimator of the travel pipeline; the
// statistics themselves are in internal/stats.
package inequality
