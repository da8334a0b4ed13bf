package stats

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Regression is a least-squares fit with standard errors that hold also where the spread differs from one to another.
type Regression struct {
	Coefficients []float64 // one for each column of the design, NaN for those in Dropped
	Errors       []float64 // their HC3 standard errors
	Dropped      []int     // columns that the ones before them already say, left out
	Freedom      int       // rows less the columns kept
}

// collinear is how much of a column must remain, as a part of its length, once the columns before it are taken out.
const collinear = 1e-9

// alone is the leverage from which a row is fitted by its own coefficient, whatever its value.
const alone = 1 - 1e-9

// OLS regresses y on the columns of a design, given row by row, an intercept being one of them. The standard errors are
// HC3: (X'X)⁻¹ X' diag(e²/(1-h)²) X (X'X)⁻¹, h the leverage. A row with a coefficient of its own (h = 1: the only one of a
// grade) has no residual and adds nothing. A column that is a combination of those before it is left out, so the columns
// that matter come first. ErrEmpty unless there are more rows than columns kept, ErrNotFinite for other values than
// numbers, ErrRange for rows of different lengths.
//
// Source: MacKinnon and White (1985), Journal of Econometrics 29:305; Long and Ervin (2000) for HC3 in small samples.
func OLS(design [][]float64, y []float64) (Regression, error) {
	if len(design) == 0 || len(design) != len(y) {
		return Regression{}, fmt.Errorf("regression of %d rows on %d: %w", len(y), len(design), ErrEmpty)
	}
	columns := len(design[0])
	for _, row := range design {
		if len(row) != columns {
			return Regression{}, fmt.Errorf("regression: rows of %d and %d columns: %w", columns, len(row), ErrRange)
		}
		if err := finite(row); err != nil {
			return Regression{}, fmt.Errorf("regression: %w", err)
		}
	}
	if err := finite(y); err != nil {
		return Regression{}, fmt.Errorf("regression: %w", err)
	}
	kept, dropped := independent(design, columns)
	n, p := len(design), len(kept)
	if n <= p {
		return Regression{}, fmt.Errorf("regression of %d rows on %d columns: %w", n, p, ErrEmpty)
	}
	x := mat.NewDense(n, p, nil)
	for i, row := range design {
		for k, column := range kept {
			x.Set(i, k, row[column])
		}
	}
	beta, covariance, err := fit(x, mat.NewVecDense(n, y))
	if err != nil {
		return Regression{}, err
	}
	result := Regression{
		Coefficients: make([]float64, columns), Errors: make([]float64, columns), Dropped: dropped, Freedom: n - p,
	}
	for _, column := range dropped {
		result.Coefficients[column], result.Errors[column] = math.NaN(), math.NaN()
	}
	for k, column := range kept {
		result.Coefficients[column] = beta.AtVec(k)
		result.Errors[column] = math.Sqrt(covariance.At(k, k))
	}
	return result, nil
}

// fit solves by QR, whose R alone is kept: X = Q R, so that X R⁻¹ has the leverages as its rows' squared lengths.
func fit(x *mat.Dense, y *mat.VecDense) (*mat.VecDense, *mat.Dense, error) {
	n, p := x.Dims()
	var qr mat.QR
	qr.Factorize(x) //nolint:misspell // gonum spells it so
	beta := mat.NewVecDense(p, nil)
	if err := qr.SolveVecTo(beta, false, y); err != nil {
		return nil, nil, fmt.Errorf("regression: %w: %w", ErrNotIdentified, err)
	}
	var full mat.Dense
	qr.RTo(&full)
	r := mat.NewTriDense(p, mat.Upper, nil)
	for i := range p {
		for j := i; j < p; j++ {
			r.SetTri(i, j, full.At(i, j))
		}
	}
	var inverse mat.TriDense
	if err := inverse.InverseTri(r); err != nil {
		return nil, nil, fmt.Errorf("regression: %w: %w", ErrNotIdentified, err)
	}
	// The meat Z' diag(e²/(1-h)²) Z of Z = X R⁻¹; the covariance is R⁻¹ meat R⁻¹'.
	meat := mat.NewSymDense(p, nil)
	z := mat.NewVecDense(p, nil)
	for i := range n {
		row := x.RowView(i)
		z.MulVec(inverse.T(), row)
		leverage := mat.Dot(z, z)
		if leverage >= alone {
			continue
		}
		residual := (y.AtVec(i) - mat.Dot(row, beta)) / (1 - leverage)
		meat.SymRankOne(meat, residual*residual, z)
	}
	covariance := new(mat.Dense)
	covariance.Product(&inverse, meat, inverse.T())
	return beta, covariance, nil
}

// independent are the columns that those before them do not already say, and the others, by orthogonalisation in order,
// done twice for its digits.
func independent(design [][]float64, columns int) (kept, dropped []int) {
	basis := make([][]float64, 0, columns)
	for column := range columns {
		rest := make([]float64, len(design))
		for i, row := range design {
			rest[i] = row[column]
		}
		length := norm(rest)
		for range 2 {
			for _, b := range basis {
				along := 0.0
				for i := range rest {
					along += rest[i] * b[i]
				}
				for i := range rest {
					rest[i] -= along * b[i]
				}
			}
		}
		left := norm(rest)
		if left <= length*collinear {
			dropped = append(dropped, column)
			continue
		}
		for i := range rest {
			rest[i] /= left
		}
		basis = append(basis, rest)
		kept = append(kept, column)
	}
	return kept, dropped
}

func norm(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v * v
	}
	return math.Sqrt(sum)
}

// Interval is the interval of the coefficient of a column, b ± t se, t with the degrees of freedom of the fit.
// ErrNotIdentified for a column that was left out, ErrRange for one that there is not and a level that is none.
func (r Regression) Interval(column int, level float64) (Interval, error) {
	if err := checkLevel(level); err != nil {
		return Interval{}, err
	}
	if column < 0 || column >= len(r.Coefficients) {
		return Interval{}, fmt.Errorf("column %d of %d: %w", column, len(r.Coefficients), ErrRange)
	}
	if slices.Contains(r.Dropped, column) {
		return Interval{}, fmt.Errorf("column %d: %w", column, ErrNotIdentified)
	}
	half := studentQuantile(float64(r.Freedom), level) * r.Errors[column]
	return Interval{r.Coefficients[column] - half, r.Coefficients[column] + half}, nil
}

// P is the two-sided probability of a coefficient at least so far from zero, if it were zero. Errors as of Interval.
func (r Regression) P(column int) (float64, error) {
	if _, err := r.Interval(column, 0.5); err != nil {
		return 0, err
	}
	if r.Errors[column] == 0 {
		return 0, fmt.Errorf("column %d has no spread: %w", column, ErrZeroBase)
	}
	t := math.Abs(r.Coefficients[column] / r.Errors[column])
	return 2 * distuv.StudentsT{Sigma: 1, Nu: float64(r.Freedom)}.CDF(-t), nil
}
