package attack_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"socialvalue/internal/disclosure/attack"
)

// The attacker finds what is there to be found: 43 − 40 is 3, and of rounded numbers what they leave.
func TestRangeOfWhatIsLeft(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ slack, low, high float64 }{{0, 3, 3}, {2, 0, 7}} {
		s := attack.NewSystem()
		part, rest, total := s.Var("part"), s.Var("rest"), s.Var("total")
		s.Between(40-test.slack, 40+test.slack, attack.Term{V: part, By: 1})
		s.Between(43-test.slack, 43+test.slack, attack.Term{V: total, By: 1})
		s.Between(0, 0, attack.Term{V: part, By: 1}, attack.Term{V: rest, By: 1}, attack.Term{V: total, By: -1})
		low, high, err := s.Range(attack.Term{V: rest, By: 1})
		if err != nil || math.Abs(low-test.low) > 1e-6 || math.Abs(high-test.high) > 1e-6 {
			t.Errorf("with slack %v: %v to %v, %v", test.slack, low, high, err)
		}
	}
	s := attack.NewSystem()
	s.Between(3, math.Inf(1), attack.Term{V: s.Var("a"), By: 1})
	s.Between(math.Inf(-1), 2, attack.Term{V: s.Var("a"), By: 1})
	if _, _, err := s.Range(attack.Term{V: s.Var("a"), By: 1}); !errors.Is(err, attack.ErrContradiction) {
		t.Errorf("at least 3 and at most 2: %v", err)
	}
}

// In any table with its margins the truth lies within the range, and the ends of the range of a cell of a two by two table
// are those of Fréchet.
func TestRangeHoldsTheTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := attack.NewSystem()
		cell := make([]float64, 4)
		for i := range cell {
			cell[i] = float64(rapid.IntRange(0, 50).Draw(t, "cell"))
		}
		margin := func(a, b int) float64 {
			s.Between(cell[a]+cell[b], cell[a]+cell[b], attack.Term{V: s.Var(string(rune('a' + a))), By: 1}, attack.Term{V: s.Var(string(rune('a' + b))), By: 1})
			return cell[a] + cell[b]
		}
		top, left := margin(0, 1), margin(0, 2)
		margin(2, 3)
		margin(1, 3)
		all := cell[0] + cell[1] + cell[2] + cell[3]
		low, high, err := s.Range(attack.Term{V: s.Var("a"), By: 1})
		if err != nil || math.Abs(low-max(0, top+left-all)) > 1e-6 || math.Abs(high-min(top, left)) > 1e-6 {
			t.Fatalf("%v: %v to %v, %v", cell, low, high, err)
		}
	})
}
