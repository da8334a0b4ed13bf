package survival

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/internal/stats"
)

// Tests is survival_tests; its zero value is ready for use.
type Tests struct{}

// Run compares each group of a breakdown with all the others of it.
func (Tests) Run(ctx context.Context, inputs map[string]array.RecordReader, params map[string]any, emit func(arrow.RecordBatch) error) error {
	if err := noParameters(params); err != nil {
		return err
	}
	episodes := inputs[EpisodesInput]
	if episodes == nil || len(inputs) != 1 {
		return fmt.Errorf("needs the input %q, and no other: name it in the model's inputs", EpisodesInput)
	}
	out := newWriter([]string{"people", "others"}, []string{"observed", "expected", "chi_squared", "p_value", "q_value"}, []string{"null_reason"})
	defer out.release()
	var together []people // of one breakdown
	if err := read(ctx, episodes, func(p people) error {
		if len(together) > 0 && !together[0].ofOneBreakdown(p.group) {
			if err := compare(out, together); err != nil {
				return err
			}
			together = nil
		}
		together = append(together, p)
		return nil
	}); err != nil {
		return fmt.Errorf("input %s: %w", EpisodesInput, err)
	}
	if err := compare(out, together); err != nil {
		return err
	}
	return out.emit(emit)
}

func (g group) ofOneBreakdown(other group) bool {
	other.value = g.value
	return g == other
}

// compare writes the tests of the groups of one breakdown; of one group alone there is nothing to compare with.
func compare(out *writer, groups []people) error {
	if len(groups) < 2 {
		return nil
	}
	tests, ps := make([]*stats.LogRankTest, len(groups)), []float64{}
	for i, p := range groups {
		var others []stats.Followed
		for k, other := range groups {
			if k != i {
				others = append(others, other.by(inDays, false)...)
			}
		}
		test, err := stats.LogRank(p.by(inDays, false), others)
		if err != nil {
			continue // no event that could have been of either: null, with its reason
		}
		tests[i] = &test
		ps = append(ps, test.P)
	}
	qs, err := stats.BenjaminiHochberg(ps)
	if err != nil {
		return fmt.Errorf("%s: %w", groups[0].group, err)
	}
	all := 0
	for _, p := range groups {
		all += len(p.episodes)
	}
	for i, p := range groups {
		out.begin(p.group)
		out.whole(int64(len(p.episodes)), int64(all-len(p.episodes)))
		if t := tests[i]; t != nil {
			out.real(&t.Observed, &t.Expected, &t.ChiSquared, &t.P, &qs[0])
			qs = qs[1:]
			out.text("")
			continue
		}
		out.real(nil, nil, nil, nil, nil)
		out.text("no_event_to_compare")
	}
	return nil
}
