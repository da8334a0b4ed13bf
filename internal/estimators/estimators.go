//go:build duckdb_arrow

// Package estimators is the one map of all estimators: adding one is its
// package and one line here.
package estimators

import (
	"socialvalue/internal/estimator"
	"socialvalue/pipelines/contracts/compile"
	"socialvalue/pipelines/contracts/weighting"
	"socialvalue/pipelines/geography/areadeprivation"
	"socialvalue/pipelines/housingfirst/paired"
	"socialvalue/pipelines/housingfirst/survival"
	"socialvalue/pipelines/impact/assessment"
	"socialvalue/pipelines/people/govuk"
	"socialvalue/pipelines/people/paydrivers"
	"socialvalue/pipelines/people/paygaps"
	"socialvalue/pipelines/people/paywords"
	"socialvalue/pipelines/travel/inequality"
)

// All returns every estimator by name@version.
func All() estimator.Registry {
	return estimator.Registry{
		areadeprivation.Name: areadeprivation.Estimator{},
		assessment.Name:      assessment.Estimator{},
		paygaps.Name:         paygaps.Estimator{},
		paydrivers.Name:      paydrivers.Estimator{},
		govuk.Name:           govuk.Estimator{},
		paywords.Name:        paywords.Estimator{},
		inequality.Name:      inequality.Estimator{},
		compile.Name:         compile.Estimator{},
		weighting.Name:       weighting.Estimator{},

		survival.CurveName:     survival.Curve{},
		survival.LandmarksName: survival.Landmarks{},
		survival.TestsName:     survival.Tests{},
		paired.Name:            paired.Estimator{},
	}
}
