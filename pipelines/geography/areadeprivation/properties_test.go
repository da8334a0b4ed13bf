package areadeprivation_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anArea draws the LSOAs of an area with at least one person; ranks may be tied.
func anArea(t *rapid.T) []lsoaRow {
	ranked := rapid.Int64Range(1, 40000).Draw(t, "ranked")
	count := rapid.IntRange(1, 60).Draw(t, "lsoas")
	rows := make([]lsoaRow, count)
	for i := range rows {
		rank := rapid.Int64Range(1, ranked).Draw(t, "rank")
		rows[i] = lsoaRow{
			area: "E06000006", edition: "2025", name: "Halton", basis: "published", inArea: true,
			code: "E010" + string(rune('A'+i/26)) + string(rune('A'+i%26)),
			rank: ptr(rank), decile: ptr((rank*10 + ranked - 1) / ranked),
			population: ptr(rapid.Int64Range(0, 5000).Draw(t, "people")),
			score:      ptr(rapid.Float64Range(0, 95).Draw(t, "score")),
			ranked:     ranked,
		}
	}
	rows[0].population = ptr(*rows[0].population + 1)
	return rows
}

func summariesOf(t *rapid.T, rows []lsoaRow) summaryRow {
	got, err := tryRun(t.Context(), [][]lsoaRow{rows}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got[0]
}

func TestOrderOfRowsChangesNoBit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := anArea(t)
		shuffled := rapid.Permutation(rows).Draw(t, "shuffled")
		if diff := cmp.Diff(summariesOf(t, rows), summariesOf(t, shuffled)); diff != "" {
			t.Fatalf("another order of rows gives another summary:\n%s", diff)
		}
	})
}

func TestMeasuresStayInTheirRange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := anArea(t)
		got := summariesOf(t, rows)
		lowest, highest := math.Inf(1), math.Inf(-1)
		for _, r := range rows {
			lowest = math.Min(lowest, float64(r.ranked+1-*r.rank))
			highest = math.Max(highest, float64(r.ranked+1-*r.rank))
		}
		const slack = 1e-9
		switch {
		case *got.Extent < 0 || *got.Extent > 1:
			t.Fatalf("extent %v", *got.Extent)
		case *got.AverageRank < lowest-slack || *got.AverageRank > highest+slack:
			t.Fatalf("average rank %v outside %v to %v", *got.AverageRank, lowest, highest)
		case *got.LocalConcentration < *got.AverageRank-slack:
			t.Fatalf("the most deprived tenth (%v) is less deprived than the whole (%v)", *got.LocalConcentration, *got.AverageRank)
		case *got.LocalConcentration > highest+slack:
			t.Fatalf("local concentration %v above the most deprived LSOA %v", *got.LocalConcentration, highest)
		}
	})
}

func TestManyTimesThePeopleChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := anArea(t)
		before := summariesOf(t, rows)
		times := rapid.Int64Range(2, 50).Draw(t, "times")
		for i := range rows {
			rows[i].population = ptr(*rows[i].population * times)
		}
		after := summariesOf(t, rows)
		after.Population = before.Population
		if diff := cmp.Diff(before, after, cmp.Comparer(closeEnough)); diff != "" {
			t.Fatalf("weights of the same proportions give another summary:\n%s", diff)
		}
	})
}
