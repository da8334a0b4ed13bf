package stats_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"socialvalue/internal/stats"
)

// Of two groups and an indicator, least squares and HC3 are known by hand: the difference of means, with variance
// sum e²/(n-1)² of each group, since every leverage is 1/n.
func TestOLSOfTwoGroupsByHand(t *testing.T) {
	t.Parallel()
	a, b := []float64{2, 3, 7, 8}, []float64{1, 4, 4, 5, 11}
	var design [][]float64
	var y []float64
	variance := 0.0
	for i, group := range [][]float64{a, b} {
		mean := must[float64](t)(sample(t, group...).Mean())
		for _, v := range group {
			design, y = append(design, []float64{1, float64(i)}), append(y, v)
			variance += (v - mean) * (v - mean) / math.Pow(float64(len(group)-1), 2)
		}
	}
	got := must[stats.Regression](t)(stats.OLS(design, y))
	near(t, "intercept", got.Coefficients[0], 5, digits)
	near(t, "difference", got.Coefficients[1], 0, digits)
	near(t, "HC3 standard error", got.Errors[1], math.Sqrt(variance), digits)
	if got.Freedom != 7 || len(got.Dropped) != 0 {
		t.Errorf("%+v", got)
	}
}

// The sandwich written out with the normal equations, on drawn data with a constant spread that grows with x.
func TestOLSAgreesWithTheSandwichWrittenOut(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	const n, p = 200, 5
	x, y := mat.NewDense(n, p, nil), mat.NewVecDense(n, nil)
	var design [][]float64
	var values []float64
	for i := range n {
		row := []float64{1, random.Float64() * 30, 0, float64(i % 2), float64(i % 3 / 2)}
		row[2] = row[1] * row[1]
		value := 2 + 0.03*row[1] - 0.0004*row[2] - 0.08*row[3] + random.NormFloat64()*(0.1+0.01*row[1])
		x.SetRow(i, row)
		y.SetVec(i, value)
		design, values = append(design, row), append(values, value)
	}
	var gram, inverse, hat, beta mat.Dense
	gram.Mul(x.T(), x)
	if err := inverse.Inverse(&gram); err != nil {
		t.Fatal(err)
	}
	hat.Product(x, &inverse, x.T())
	beta.Product(&inverse, x.T(), y)
	middle := mat.NewDense(n, n, nil)
	for i := range n {
		residual := y.AtVec(i)
		for k := range p {
			residual -= x.At(i, k) * beta.At(k, 0)
		}
		middle.Set(i, i, math.Pow(residual/(1-hat.At(i, i)), 2))
	}
	var covariance mat.Dense
	covariance.Product(&inverse, x.T(), middle, x, &inverse)
	got := must[stats.Regression](t)(stats.OLS(design, values))
	for k := range p {
		near(t, "coefficient", got.Coefficients[k], beta.At(k, 0), 1e-8)
		near(t, "HC3", got.Errors[k], math.Sqrt(covariance.At(k, k)), 1e-8)
	}
}

func TestOLSLeavesOutWhatIsSaidAlready(t *testing.T) {
	t.Parallel()
	// The last column is the sum of the two before it; one row has a column of its own.
	var design [][]float64
	var y []float64
	for i := range 12 {
		a, own := float64(i%2), 0.0
		if i == 11 {
			own = 1
		}
		design = append(design, []float64{1, a, own, a + own})
		y = append(y, float64(i*i%7))
	}
	got := must[stats.Regression](t)(stats.OLS(design, y))
	if len(got.Dropped) != 1 || got.Dropped[0] != 3 || !math.IsNaN(got.Coefficients[3]) {
		t.Fatalf("dropped %v", got.Dropped)
	}
	// Without that row nothing else changes.
	without := must[stats.Regression](t)(stats.OLS(firstTwo(design[:11]), y[:11]))
	near(t, "coefficient", got.Coefficients[1], without.Coefficients[1], digits)
	near(t, "HC3", got.Errors[1], without.Errors[1], digits)
}

func firstTwo(design [][]float64) [][]float64 {
	var rows [][]float64
	for _, row := range design {
		rows = append(rows, row[:2])
	}
	return rows
}
