package contrast

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"math/big"
	"os"
	"strconv"
	"testing"
)

// Vectors of quarters: testdata/govuk_quarter_sizes.csv and testdata/quartile_tie_cases.json.

func TestVectorQuarterSizes(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/govuk_quarter_sizes.csv")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 30 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		var v [5]int
		for i := range v {
			if v[i], err = strconv.Atoi(row[i]); err != nil {
				t.Fatal(err)
			}
		}
		if got := quarterSizes(v[0]); got != [Bands]int(v[1:]) {
			t.Errorf("quarters of %d are %v, want %v", v[0], got, v[1:])
		}
	}
}

type tieCase struct {
	Name, Mode string
	People     [][2]string
	Sizes      map[string]int
	Counts     map[string]map[string]json.RawMessage
	Pct        map[string]map[string]*float64
}

func bandNames() []string { return []string{"lower", "lower_middle", "upper_middle", "upper"} }

func TestVectorQuartileTies(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/quartile_tie_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Cases []tieCase }
	if err := json.Unmarshal(text, &v); err != nil || len(v.Cases) < 12 {
		t.Fatalf("%d cases, %v", len(v.Cases), err)
	}
	for _, c := range v.Cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			// Each group against all others: with fractions, the others are those of a third side.
			groups := map[string]bool{}
			for _, p := range c.People {
				groups[p[1]] = true
			}
			for group := range groups {
				c.check(t, group, len(groups))
			}
		})
	}
}

// check holds the counts of one group in every band to the vector.
func (c tieCase) check(t *testing.T, group string, groups int) {
	t.Helper()
	var people []paid
	first := Focal
	for _, p := range c.People {
		rate, err := strconv.ParseFloat(p[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		side := Comparator
		switch {
		case p[1] == group:
			side = Focal
		case groups > 2:
			side = Other
		}
		if p[1] < group {
			first = Comparator
		}
		people = append(people, paid{int64(math.Round(rate * 10000)), side})
	}
	got := quartersOf(people, first)
	if c.Mode == "fractional" && groups == 2 {
		var places [Bands]int
		var tied [3]int
		for _, p := range people {
			tied[p.side]++
		}
		got = [Bands]Quarter{}
		for band, size := range quarterSizes(len(people)) {
			places[band], got[band].Size = size, size
		}
		shareOut(&got, places, tied, len(people), first, true)
	}
	for band, name := range bandNames() {
		if got[band].Size != c.Sizes[name] {
			t.Errorf("%s has %d, want %d", name, got[band].Size, c.Sizes[name])
		}
		want := number(t, c.Counts[name][group])
		if math.Abs(got[band].Counts[Focal]-want) > 1e-12 {
			t.Errorf("%s has %v of %s, want %v", name, got[band].Counts[Focal], group, want)
		}
		share := c.Pct[name][group]
		if (share == nil) != (got[band].Size == 0) {
			t.Errorf("%s: share %v of %d people", name, share, got[band].Size)
		}
		if share != nil && math.Abs(100*got[band].Counts[Focal]/float64(got[band].Size)-*share) > 1e-9 {
			t.Errorf("%s: not %v per cent", name, *share)
		}
	}
}

// number reads 2 and "3/2"; a group that is not named has nobody there.
func number(t *testing.T, text json.RawMessage) float64 {
	t.Helper()
	if len(text) == 0 {
		return 0
	}
	var fraction string
	if json.Unmarshal(text, &fraction) != nil {
		fraction = string(text)
	}
	r, ok := new(big.Rat).SetString(fraction)
	if !ok {
		t.Fatalf("no number: %s", text)
	}
	value, _ := r.Float64()
	return value
}

// SI 2017/353, Schedule 1; the methods, edge case 37: 40 tied, 36 women and 4 men, 10 places in one band and 30 in the next.
func TestEdge37TieAtAQuarterEdge(t *testing.T) {
	t.Parallel()
	for _, first := range []Side{Comparator, Focal} {
		var got [Bands]Quarter
		shareOut(&got, [Bands]int{10, 30}, [3]int{4, 36}, 40, first, false)
		if got[0].Counts != [3]float64{1, 9} || got[1].Counts != [3]float64{3, 27} {
			t.Errorf("9 women and 1 man, 27 and 3; got %v and %v", got[0].Counts, got[1].Counts)
		}
	}
}
