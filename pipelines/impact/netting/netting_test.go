package netting_test

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"socialvalue/pipelines/impact/netting"
)

// TestVectorsA01ToA20 proves additionality-cases.csv, and rows 61 to 69 of the edge cases with it.
func TestVectorsA01ToA20(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/additionality-cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		t.Run(row[0], func(t *testing.T) {
			t.Parallel()
			number := func(i int) float64 {
				v, err := strconv.ParseFloat(row[i], 64)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			with := netting.Factors{Leakage: number(2), Displacement: number(3), Substitution: number(4), Multiplier: number(5)}
			without := netting.Factors{Leakage: number(7), Displacement: number(8), Substitution: number(9), Multiplier: number(10)}
			code := with.Check()
			if code == "" {
				code = without.Check()
			}
			if want, refused := strings.CutPrefix(row[15], "reject:"); refused {
				if string(code) != strings.ToLower(want) {
					t.Fatalf("refused with %q, want %s", code, want)
				}
				return
			}
			if code != "" {
				t.Fatalf("refused with %s", code)
			}
			got := netting.TwoSided(number(1), number(6), with, without)
			same(t, "intervention", got.Intervention, number(11))
			same(t, "reference", got.Reference, number(12))
			same(t, "net", got.Net, number(13))
			ratio, ok := netting.Ratio(got.Net, number(1))
			if ok != (row[14] != "") {
				t.Fatalf("ratio known: %v, want %q", ok, row[14])
			}
			if ok {
				same(t, "net to gross", ratio, number(14))
			}
		})
	}
}

func same(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s is %.12f, want %.12f", what, got, want)
	}
}

// TestWaterfallOfA01 proves the canonical order of A2.
func TestWaterfallOfA01(t *testing.T) {
	t.Parallel()
	steps := netting.Waterfall(250, netting.Factors{Leakage: 0.1, Displacement: 0.25, Substitution: 0.05, Multiplier: 1.25})
	want := []float64{-25, -56.25, -8.4375, 40.078125}
	for i, step := range steps {
		same(t, step.Name, step.Change, want[i])
	}
	same(t, "end", steps[3].After, 200.390625)
}

// TestPublishedLevels proves P03: 200 gross, 60 in the borough and 30 in the region would have been there anyway.
func TestPublishedLevels(t *testing.T) {
	t.Parallel()
	same(t, "P01", netting.Shorthand(1500, 0.4, netting.None()).Net, 900)
	same(t, "P03 in the borough", netting.TwoSided(200, 60, netting.None(), netting.None()).Net, 140)
}

func TestNetProperties(t *testing.T) {
	t.Parallel()
	share := rapid.Float64Range(0, 1)
	rapid.Check(t, func(t *rapid.T) {
		f := netting.Factors{share.Draw(t, "l"), share.Draw(t, "d"), share.Draw(t, "s"), rapid.Float64Range(1, 3).Draw(t, "m")}
		gross, deadweight := rapid.Float64Range(-1e6, 1e6).Draw(t, "gross"), share.Draw(t, "deadweight")
		short, long := netting.Shorthand(gross, deadweight, f), netting.TwoSided(gross, gross*deadweight, f, f)
		if short != long {
			t.Fatalf("the shorthand gives %v, two sides %v", short, long)
		}
		if math.Abs(short.Net-gross*(1-deadweight)*f.Kept()) > 1e-6 {
			t.Fatalf("net %v is not gross without deadweight times what is kept", short.Net)
		}
		steps := netting.Waterfall(gross, f)
		sum := gross
		for _, step := range steps {
			sum += step.Change
		}
		if math.Abs(sum-short.Intervention) > 1e-6*math.Max(1, math.Abs(sum)) {
			t.Fatalf("the waterfall ends at %v, not %v", sum, short.Intervention)
		}
		if f.Check() != "" {
			t.Fatalf("refused: %s", f.Check())
		}
	})
}

func TestNoNumberIsNoFactor(t *testing.T) {
	t.Parallel()
	bad := netting.None()
	bad.Leakage = math.NaN()
	if bad.Check() != netting.FactorRange {
		t.Errorf("a leakage that is no number: %q", bad.Check())
	}
	bad = netting.None()
	bad.Multiplier = math.Inf(1)
	if bad.Check() != netting.MultiplierRange {
		t.Errorf("an endless multiplier: %q", bad.Check())
	}
}
