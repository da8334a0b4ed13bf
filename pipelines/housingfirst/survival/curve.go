package survival

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/internal/stats"
)

// Names of the estimators, with the version of their method.
const (
	CurveName     = "survival_curve@1"
	LandmarksName = "survival_landmarks@1"
	TestsName     = "survival_tests@1"
)

// Names of the inputs.
const (
	EpisodesInput  = "episodes"
	LandmarksInput = "landmarks"
)

// level is that of every interval.
const level = 0.95

// Curve is survival_curve; its zero value is ready for use.
type Curve struct{}

// Run reads the groups one at a time and emits the steps of each.
func (Curve) Run(ctx context.Context, inputs map[string]array.RecordReader, params map[string]any, emit func(arrow.RecordBatch) error) error {
	if err := noParameters(params); err != nil {
		return err
	}
	episodes := inputs[EpisodesInput]
	if episodes == nil || len(inputs) != 1 {
		return fmt.Errorf("needs the input %q, and no other: name it in the model's inputs", EpisodesInput)
	}
	out := newWriter([]string{"step", "time_days", "at_risk", "events", "competing", "censored"},
		[]string{"survival", "std_error", "ci_low", "ci_high", "incidence"}, nil)
	defer out.release()
	if err := read(ctx, episodes, func(p people) error {
		curve, err := stats.KaplanMeier(p.by(inDays, false))
		if err != nil {
			return fmt.Errorf("%s: %w", p.group, err)
		}
		for i, s := range curve.Steps {
			low, high := ends(s)
			out.begin(p.group)
			out.whole(int64(i+1), int64(s.Time), int64(s.AtRisk), int64(s.Events), int64(s.Competing), int64(s.Censored))
			out.real(&s.Survival, known(s.StdErr()), low, high, &s.Incidence)
		}
		return nil
	}); err != nil {
		return fmt.Errorf("input %s: %w", EpisodesInput, err)
	}
	return out.emit(emit)
}

// ends are those of the log-log interval, where it is defined.
func ends(s stats.Step) (low, high *float64) {
	interval, err := s.Interval(stats.LogLog, level)
	if err != nil {
		return nil, nil
	}
	return &interval.Low, &interval.High
}

func noParameters(params map[string]any) error {
	for name := range params {
		if name != "seed" { // nothing here is drawn by chance
			return fmt.Errorf("no parameter %s: there are none", name)
		}
	}
	return nil
}
