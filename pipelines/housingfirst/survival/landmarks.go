package survival

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/internal/stats"
)

// Landmarks is survival_landmarks; its zero value is ready for use.
type Landmarks struct{}

// Run reads the landmarks, then the groups one at a time, and emits a row for each group and landmark.
func (Landmarks) Run(ctx context.Context, inputs map[string]array.RecordReader, params map[string]any, emit func(arrow.RecordBatch) error) error {
	if err := noParameters(params); err != nil {
		return err
	}
	episodes, marks := inputs[EpisodesInput], inputs[LandmarksInput]
	if episodes == nil || marks == nil || len(inputs) != 2 {
		return fmt.Errorf("needs the inputs %q and %q: name both in the model's inputs", EpisodesInput, LandmarksInput)
	}
	landmarks, err := readLandmarks(ctx, marks)
	if err != nil {
		return fmt.Errorf("input %s: %w", LandmarksInput, err)
	}
	out := newWriter(
		[]string{"landmark_months", "landmark_days", "people", "at_risk", "events", "competing", "censored", "unknown_ends", "at_risk_anniversary", "matured", "matured_open"},
		[]string{"survival", "std_error", "ci_low", "ci_high", "no_event_bound", "one_minus_cif", "rmst_days", "median_days", "survival_if_unknown_ended", "survival_anniversary"},
		[]string{"null_reason"})
	defer out.release()
	if err := read(ctx, episodes, func(p people) error {
		at := landmarks[p.measure]
		if len(at) == 0 {
			return fmt.Errorf("%s: its measure has no landmark: add it to the input %s", p.group, LandmarksInput)
		}
		curves, err := p.curves()
		if err != nil {
			return fmt.Errorf("%s: %w", p.group, err)
		}
		for _, l := range at {
			curves.write(out, p, l)
		}
		return nil
	}); err != nil {
		return fmt.Errorf("input %s: %w", EpisodesInput, err)
	}
	return out.emit(emit)
}

// curves are those of one group.
type curves struct{ days, months, unknownEnded stats.Curve }

func (p people) curves() (curves, error) {
	var c curves
	var err error
	if c.days, err = stats.KaplanMeier(p.by(inDays, false)); err != nil {
		return curves{}, err
	}
	if c.months, err = stats.KaplanMeier(p.by(inMonths, false)); err != nil {
		return curves{}, err
	}
	c.unknownEnded, err = stats.KaplanMeier(p.by(inDays, true))
	return c, err
}

// tally counts what had happened by a day, the day included.
type tally struct{ atRisk, events, competing, censored, unknown, matured, open int64 }

func (p people) tally(day int64) tally {
	var t tally
	for _, e := range p.episodes {
		if e.days >= float64(day) {
			t.atRisk++
		}
		// Open on the landmark: it ended later, or was seen open on the day that was both landmark and last.
		open := e.days > float64(day) || e.days == float64(day) && e.followed == day && e.ending == stats.Censored && !e.unknown
		if e.followed >= day {
			t.matured++
			if open {
				t.open++
			}
		}
		if e.days > float64(day) {
			continue
		}
		switch {
		case e.unknown:
			t.unknown++
			t.censored++
		case e.ending == stats.Event:
			t.events++
		case e.ending == stats.Competing:
			t.competing++
		default:
			t.censored++
		}
	}
	return t
}

func (c curves) write(out *writer, p people, l landmark) {
	day := float64(l.days)
	t := p.tally(l.days)
	var survival, stdErr, low, high, bound, oneMinus, mean *float64
	reason := "not_followed_so_long"
	if s, err := c.days.At(day); err == nil {
		reason = ""
		free := 1 - s.Incidence
		survival, stdErr, oneMinus = &s.Survival, known(s.StdErr()), &free
		low, high = ends(s)
		mean = known(c.days.RestrictedMean(day))
		if t.events == 0 {
			bound = known(stats.RuleOfThree(int(t.atRisk)))
		}
	}
	anniversaryAtRisk := int64(0)
	var anniversary *float64
	if s, err := c.months.At(float64(l.months)); err == nil {
		anniversaryAtRisk, anniversary = int64(s.AtRisk), &s.Survival
	}
	out.begin(p.group)
	out.whole(l.months, l.days, int64(len(p.episodes)), t.atRisk, t.events, t.competing, t.censored, t.unknown, anniversaryAtRisk, t.matured, t.open)
	out.real(survival, stdErr, low, high, bound, oneMinus, mean, known(c.days.Median()))
	if s, err := c.unknownEnded.At(day); err == nil {
		out.real(&s.Survival)
	} else {
		out.real(nil)
	}
	out.real(anniversary)
	out.text(reason)
}
