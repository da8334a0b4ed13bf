//go:build duckdb_arrow

package proposal

// Assessment is what is told of a workbook. Its JSON form is stable: fields are added, not renamed.
type Assessment struct {
	Submission      string           `json:"submission"`
	AsOf            string           `json:"as_of"`
	Projects        []Project        `json:"projects"`
	Refusals        []Refusal        `json:"refusals"`
	QuarantinedRows []QuarantinedRow `json:"quarantined_rows"`
	RefusedSheets   []RefusedSheet   `json:"refused_sheets,omitempty"`
}

// Refused tells whether anything of the workbook does not count.
func (a *Assessment) Refused() bool {
	return len(a.Refusals)+len(a.QuarantinedRows)+len(a.RefusedSheets) > 0
}

// Project is a proposal.
type Project struct {
	ID             string       `json:"project_id"`
	Title          string       `json:"title"`
	HeadlineLevel  string       `json:"headline_level"`
	HeadlineSystem string       `json:"headline_system"`
	Values         []Value      `json:"values"`
	Outcomes       []Outcome    `json:"outcomes"`
	Adjustments    []Adjustment `json:"adjustments"`
	Sensitivity    []Swing      `json:"sensitivity"`
	WorthMost      string       `json:"worth_most_adjustment_id,omitempty"`
	Notes          []string     `json:"notes"`
}

// Value is a proposal at one stage and level, in one system.
type Value struct {
	Project           string   `json:"project_id"`
	Stage             string   `json:"stage"`
	Level             string   `json:"level"`
	System            string   `json:"system"`
	IsHeadline        bool     `json:"is_headline"`
	Inherent          *float64 `json:"inherent_gbp"`
	Additional        *float64 `json:"additional_gbp"`
	CouldDeliver      *float64 `json:"could_deliver_gbp"`
	Overlap           *float64 `json:"overlap_gbp"`
	Net               *float64 `json:"net_gbp"`
	Fiscal            *float64 `json:"fiscal_gbp"`
	Mean              *float64 `json:"mean_gbp"`
	P5                *float64 `json:"p5_gbp"`
	P50               *float64 `json:"p50_gbp"`
	P95               *float64 `json:"p95_gbp"`
	PNegative         *float64 `json:"p_negative"`
	Cost              *float64 `json:"cost_gbp"`
	NPSV              *float64 `json:"npsv_gbp"`
	BCR               *float64 `json:"bcr"`
	BCRBand           *string  `json:"bcr_band"`
	BCRReason         *string  `json:"bcr_null_reason"`
	Switching         *float64 `json:"switching_share"`
	LowerRateNet      *float64 `json:"lower_rate_net_gbp"`
	EvidenceGrade     *int     `json:"evidence_grade"`
	OutcomesCounted   int      `json:"outcomes_counted"`
	OutcomesNotValued int      `json:"outcomes_not_valued"`
	Weighted          *float64 `json:"weighted_net_gbp"`
	Withheld          *string  `json:"withheld"`
}

// Outcome is an outcome at one stage and level: the bars take its gross to its net quantity.
type Outcome struct {
	Project      string   `json:"project_id"`
	ID           string   `json:"outcome_id"`
	Stage        string   `json:"stage"`
	Level        string   `json:"level"`
	System       string   `json:"system"`
	Concept      string   `json:"outcome_concept"`
	Unit         string   `json:"quantity_unit"`
	Gross        *float64 `json:"gi"`
	Leakage      *float64 `json:"bar_leakage"`
	Displacement *float64 `json:"bar_displacement"`
	Substitution *float64 `json:"bar_substitution"`
	Multiplier   *float64 `json:"bar_multiplier"`
	Reference    *float64 `json:"bar_reference"`
	Attribution  *float64 `json:"bar_attribution"`
	DropOff      *float64 `json:"bar_drop_off"`
	Net          *float64 `json:"net_quantity"`
	PV           *float64 `json:"pv_gbp"`
	P5           *float64 `json:"p5_gbp"`
	P95          *float64 `json:"p95_gbp"`
	Grade        *int     `json:"evidence_grade"`
	Flags        *string  `json:"flags"`
	IsCounted    bool     `json:"is_counted"`
	NullReason   *string  `json:"null_reason"`
	NotCounted   *string  `json:"not_counted_reason"`
	Withheld     *string  `json:"withheld"`
}

// Adjustment is what an adjustment adds.
type Adjustment struct {
	Project      string   `json:"project_id"`
	ID           string   `json:"adjustment_id"`
	Level        string   `json:"level"`
	System       string   `json:"system"`
	Title        string   `json:"title"`
	Kind         string   `json:"kind"`
	Committed    bool     `json:"committed"`
	IsHeadline   bool     `json:"is_headline"`
	ExtraCost    *float64 `json:"extra_cost_gbp"`
	Contribution *float64 `json:"contribution_gbp"`
	ValueForCost *float64 `json:"value_for_cost"`
	NullReason   *string  `json:"null_reason"`
}

// Swing is how far a value moves with one parameter.
type Swing struct {
	Project   string   `json:"project_id"`
	Stage     string   `json:"stage"`
	Level     string   `json:"level"`
	System    string   `json:"system"`
	Parameter string   `json:"parameter_id"`
	Rank      int      `json:"swing_rank"`
	AtLow     *float64 `json:"net_at_low_gbp"`
	AtHigh    *float64 `json:"net_at_high_gbp"`
}

// Refusal is a row of the workbook that does not count.
type Refusal struct {
	Project *string `json:"project_id"`
	Subject string  `json:"subject"`
	ID      *string `json:"subject_id"`
	Outcome *string `json:"outcome_id"`
	Stage   *string `json:"stage"`
	Level   *string `json:"level"`
	Code    string  `json:"code"`
	Reason  *string `json:"reason_text"`
	Remedy  *string `json:"remedy"`
}

// QuarantinedRow is a row that could not be read.
type QuarantinedRow struct {
	File   string  `json:"source_file"`
	Row    int     `json:"source_row"`
	Column *string `json:"column_name"`
	Shown  *string `json:"shown_value"`
	Reason *string `json:"reason"`
}

// RefusedSheet is a sheet of which nothing could be read.
type RefusedSheet struct {
	Feed   string `json:"feed"`
	Reason string `json:"reason"`
}
