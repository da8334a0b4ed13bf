// Package assess values proposals (methods, A and B): every outcome net of what would have happened anyway, at each level by
// itself; what is inherent in a proposal and what its adjustments add; with the uncertainty of what goes in; before and
// after. Levels are never added to each other, nor are measurement systems. What cannot be valued is left out with a code.
//
// Everything is a function of the rows that come in, in whatever order, and of the seed. The package imports the arithmetic
// of its neighbours (netting, appraisal, shapley, chance) and nothing else of the project.
package assess

import (
	"socialvalue/pipelines/impact/appraisal"
	"socialvalue/pipelines/impact/chance"
)

// Stages of quantities and costs as they come in.
const (
	ExAnte        = "ex_ante"
	ExPostInterim = "ex_post_interim"
	ExPostFinal   = "ex_post_final"
)

// Stages as they go out: what was approved, and the same with what was learnt since.
const (
	AsApproved = "ex_ante_as_approved"
	Restated   = "ex_ante_restated"
)

// Input are the rows of an assessment. Years are whole numbers of the project's basis; 0 is a year not given.
type Input struct {
	Projects    []Project
	Outcomes    []Outcome
	Quantities  []Quantity
	Factors     []Factor
	Parameters  []Parameter
	Adjustments []Adjustment
	Effects     []Effect
	Costs       []Cost
	Proxies     []Proxy
	Reference   Reference
}

// Project is a proposal. A submission is the workbook or register it stands in.
type Project struct {
	Submission, ID         string
	FinancialYear          string // of approval; empty while undecided
	DecisionYear           int    // year 0
	PriceYear              int    // of all values that go out
	YearBasis              string // calendar or financial
	Perspective            string // all_society or public_accounts
	HeadlineLevel, System  string
	Announced              bool
	LastYearOver           int // the last impact year that is over on the day of the assessment
	AsOf                   int // that day, in days
	Guidance, FundingTitle string
	ReferenceIncome        *float64 // of distributional weights; nil: none are asked for
}

// Outcome is something a project changes for somebody, valued in one system.
type Outcome struct {
	Submission, Project, ID       string
	Concept, Group, Unit          string
	System, Version, VersionAfter string // the version after is that of the ex post valuation
	Proxy                         string // code of a unit value; without it UnitValue is the project's own
	ValueType                     string // of UnitValue
	UnitValue                     *float64
	UnitPriceYear                 int
	Global                        bool // carbon and the like: no leakage, no displacement
	NewCases                      bool // quantities are new cases of a year, not people who still have the outcome
	OverlapGroup                  string
	Headline                      bool
	SharedRef                     string // names the outcome that several claim
	Share                         *float64
	RefMethod, Design             string
	ComparisonGroup               bool     // quantities are net of deadweight by measurement
	Due                           int      // in days; 0: when its years are over
	Income                        *float64 // of the households it comes to, for distributional weights
	Source                        string   // where its figures come from
}

// Quantity is an outcome in one year, at one level and stage. Reference is what would have been anyway.
type Quantity struct {
	Submission, Project, Outcome, Stage, Level string
	Year                                       int
	Gross                                      float64
	Reference                                  *float64
}

// Factor is one number of the formula. Outcome, Stage and Level may be empty: it holds for all; the most particular row wins.
type Factor struct {
	Submission, Project, Outcome, Stage, Level string
	Side                                       string // intervention, reference or both
	Name                                       string
	Value                                      *float64
	Parameter                                  string // in place of Value
	Basis                                      string
	MultiplierType                             string
	Evidence                                   string // where the number comes from
}

// Names of factors.
const (
	Leakage        = "leakage"
	Displacement   = "displacement"
	Substitution   = "substitution"
	Multiplier     = "multiplier"
	Deadweight     = "deadweight"
	Attribution    = "attribution"
	DropOff        = "drop_off"
	QuantityScale  = "quantity_scale"  // times every gross quantity
	ReferenceScale = "reference_scale" // times every reference quantity
	UnitValueName  = "unit_value"      // in place of the proxy's or the project's
	ValueScale     = "value_scale"     // times the unit value
)

// Sides of the formula.
const (
	Intervention = "intervention"
	ReferenceOf  = "reference"
	Both         = "both"
)

// SharedSubmission is the one whose parameters and unit values every project may use.
const SharedSubmission = "SHARED"

// Parameter is a number with a distribution, drawn once wherever it stands.
type Parameter struct {
	Submission, ID string
	chance.Distribution
	Source   string
	Recalled bool // a ready reckoner that nobody has checked against its source
}

// Adjustment is something that could be done differently, or another thing that could be done.
type Adjustment struct {
	Submission, Project, ID, Kind string
	Committed, LegalMinimum       bool
	ExtraCost                     *float64
	CostYear, PriceYear           int
}

// Effect is what adjustments change of an outcome where all those named are made. An effect of two is their overlap.
type Effect struct {
	Submission, Project, ID string
	Adjustments             []string
	Outcome, Level          string // no level: all
	Year                    int    // 0: every year
	Change                  string // gross, reference, or the name of a factor of the intervention
	Operation               string // add or multiply
	Amount                  float64
}

// What an effect can change besides factors.
const (
	GrossQuantity     = "gross"
	ReferenceQuantity = "reference"
)

// Cost is money that goes out in a year.
type Cost struct {
	Submission, Project, ID, Stage string
	Year, PriceYear                int // no price year: money of its own year
	Amount                         float64
	Capital                        bool
	Optimism                       string // category of optimism bias
	Mitigated                      float64
	Sunk, Transfer                 bool
}

// Proxy is a unit value of a measurement system.
type Proxy struct {
	Submission, System, Version, Code string
	ValueType, Duration               string // per_year, one_off or lifetime
	Discounted                        bool
	NetOfDeadweight, NetOfAttribution string // yes, no or unknown
	NetOfDisplacement                 string
	Global                            bool
	Parent                            string
	Value                             *float64 // nil: it may not be handed on, or was not loaded
	PriceYear                         int
	PriceBasis                        string          // calendar or financial: of which kind the price year is
	ByYear                            map[int]float64 // in place of Value, for the year in which it falls
	Source                            string
}

// Reference is what the world says.
type Reference struct {
	Schedules    map[string]appraisal.Schedule
	Lower        string                      // the schedule for horizons beyond LongHorizon
	LongHorizon  int                         // years
	ScheduleOf   map[string]string           // by value type
	Prices       map[string]appraisal.Prices // by year basis, all on one scale
	OptimismBias map[string]float64
	Grades       map[string]int  // by evidence design
	NotNet       map[string]bool // systems whose values are no net impact
	CostSchedule string
	HighMultiple float64 // a multiplier of type I above it is flagged
	Elasticity   float64 // of distributional weights
}
