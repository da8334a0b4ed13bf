package assess

import "socialvalue/pipelines/impact/chance"

// Codes of what is refused or not counted, beside those of package netting.
const (
	ProjectTwice       = "project_in_two_submissions"
	UnknownProject     = "unknown_project"
	UnknownOutcome     = "unknown_outcome"
	UnknownAdjustment  = "unknown_adjustment"
	UnknownParameter   = "unknown_parameter"
	UnknownProxy       = "unknown_proxy"
	UnknownOptimism    = "unknown_optimism_category"
	UnknownChange      = "unknown_change"
	BadDistribution    = "bad_distribution"
	UnboundedFactor    = "unbounded_factor"
	NoValueOfFactor    = "factor_without_value"
	NoFactors          = "no_factors" // leakage and displacement are said, if only to be nought
	FactorTwice        = "factor_twice"
	DropOffNotFixed    = "drop_off_not_fixed"
	NoPriceYear        = "no_price_year"
	NoDeflator         = "no_deflator"
	NoValue            = "no_value"
	NoUnitValue        = "two_unit_values"
	NoSchedule         = "no_schedule"
	DurationBasis      = "duration_basis"
	AlreadyDiscounted  = "already_discounted"
	ParentChild        = "parent_child"
	TwoHeadlines       = "two_headlines"
	NoHeadline         = "no_headline"
	NotHeadline        = "not_headline"
	SharesOverOne      = "shares_over_one"
	NotNetSystem       = "system_not_net"
	LegalMinimumCode   = "legal_minimum"
	TooManyAdjustments = "too_many_adjustments"
	BeforeDecision     = "before_decision_year"
	NoDecisionYear     = "no_decision_year"
	NoCosts            = "no_costs"
	NotDue             = "pending"
	NotMeasured        = "not_measured"
	NotDecomposable    = "not_decomposable"
	NotInPerspective   = "not_in_perspective"
	IncomeRange        = "income_range"
)

// Flags of lines: they are counted, and a reader should know.
const (
	FlagGlobal              = "global_scope_no_factors"
	FlagMultiplierHigh      = "multiplier_above_usual"
	FlagNationalMultiplier  = "national_multiplier"
	FlagDeadweightInProxy   = "deadweight_in_proxy"
	FlagDeadweightUnknown   = "deadweight_of_proxy_unknown"
	FlagAttributionInProxy  = "attribution_in_proxy"
	FlagDisplacementInProxy = "displacement_in_proxy"
	FlagStatic              = "static_reference_case"
	FlagRecalled            = "ready_reckoner_recalled"
)

// Forms of the reference case.
const (
	TwoSidedForm   = "two_sided"
	ShorthandForm  = "shorthand"
	ComparisonForm = "comparison_group"
	InProxyForm    = "in_proxy"
)

// Result is an assessment.
type Result struct {
	Lines       []Line
	Sums        []Sum
	Adjustments []AdjustmentValue
	Comparisons []Comparison
	Swings      []Swing
	Portfolio   []Portfolio
	Refusals    []Refusal
}

// Refusal is a row that was left out, or not counted, and why.
type Refusal struct {
	Project, Submission           string
	Subject, ID                   string // what kind of row, and which
	Outcome, Stage, Level, System string
	Code                          string
}

// Line is an outcome at one stage and level.
type Line struct {
	Outcome
	Stage, Level           string
	Form                   string
	Plain                  Numbers
	MultiplierType, Basis  string
	Years                  []Year
	Schedule               string
	ProxyValueType         string
	PriceYear              int // of what goes out
	UnitPriceYearUsed      int
	Totals                 Totals
	Mean, SD               float64 // exact, of the present value
	Drawn                  chance.Summary
	Low, High              float64 // at the corners
	HasBounds              bool
	Grade                  int // 0: unknown
	Confidence             string
	Counted                bool
	NetReason, ValueReason string // why there is no net quantity, no value
	NotCounted             string
	Flags                  []string
	AdjustmentIDs          []string
	Sources                []string
	Weight                 float64 // distributional; 0: there is none
	Guidance               string
	fiscalView             bool
	variants               *lineVariants
}

// Numbers are the factors where no chance is reckoned with.
type Numbers struct {
	Leakage, Displacement, Substitution, Multiplier             float64
	LeakageRef, DisplacementRef, SubstitutionRef, MultiplierRef float64
	Attribution, DropOff                                        float64
}

// Year is one year of a line.
type Year struct {
	Year                    int
	Gross, Reference        float64
	HasReference            bool
	Persistence             float64
	Net                     float64
	UnitValue, Undiscounted float64
	PV                      float64
	Inherent, Additional    float64        // of PV
	Overlap                 float64        // of Additional: what the adjustments do together beyond what each does alone
	Drawn                   chance.Summary // of PV, where years are drawn
}

// Totals are sums over the years of a line.
type Totals struct {
	Gross, Reference, Net              float64
	Waterfall                          [7]float64 // leakage, displacement, substitution, multiplier, reference, attribution, drop-off
	Undiscounted, PV                   float64
	Inherent, Additional, CouldDeliver float64
	Overlap                            float64
	Split                              bool
}

// Sum is a project at one stage, level and system: its counted lines together.
type Sum struct {
	Project                            Project
	Stage, Level, System               string
	Inherent, Additional, CouldDeliver float64
	Split                              bool
	Overlap                            float64
	PV, Fiscal                         float64 // fiscal values stand beside, never in the sum of a social view
	Mean                               float64
	Drawn                              chance.Summary
	Cost                               float64
	CostReason                         string
	NPSV, BCR, Switch                  float64
	BCRReason, Band                    string
	HasSwitch                          bool
	PBCRBelowOne                       float64
	Weighted                           float64 // PV with the distributional weight of each line
	HasWeighted                        bool    // every line has one
	LowerRatePV                        float64
	HasLowerRate                       bool
	Grade                              int // the least of its lines
	Lines, NotValued                   int
	draws                              []float64
}

// AdjustmentValue is what an adjustment adds, at one level in one system.
type AdjustmentValue struct {
	Adjustment
	Level, System    string
	Contribution     float64
	Reason           string
	Cost             float64
	CostReason       string
	ValueForCost     float64
	ValueForCostNull string
	Headline         bool
}

// Comparison is an outcome before and after.
type Comparison struct {
	Project, Outcome, Level, System                string
	ExAnte, Restated, ExPost                       float64
	Stage                                          string // of ex post
	ByQuantity, ByNetFactor, ByUnitValue, ByTiming float64
	Split                                          bool
	Pending                                        bool
	PendingYears                                   int
	DeliveryRatio                                  float64
	Reason, RatioReason                            string
}

// Swing is how far a sum moves when one parameter goes from its low to its high.
type Swing struct {
	Project, Stage, Level, System, Parameter string
	LowInput, HighInput                      float64
	AtLow, AtHigh                            float64
	Rank                                     int
}

// Portfolio are the announced projects of a financial year together.
type Portfolio struct {
	FinancialYear, Stage, Level, System string
	Inherent, Additional, Net, Fiscal   float64
	Split                               bool
	Cost                                float64
	CostReason                          string
	BCR, NPSV                           float64
	BCRReason                           string
	Mean                                float64
	Drawn                               chance.Summary
	Projects                            int
	Grade                               int // the least of its projects: a ratio never stands without it
}
