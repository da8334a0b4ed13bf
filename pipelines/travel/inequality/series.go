package inequality

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/internal/stats"
)

// key names a series.
type key struct{ year, authority, measure, edition string }

func (k key) String() string {
	return strings.Join([]string{k.year, k.authority, k.measure, k.edition}, ", ")
}

// kind is what the values of a series are.
type kind string

const (
	proportion kind = "proportion" // people of people
	rate       kind = "rate"       // happenings for a person
)

// form is how the line is fitted.
type form string

const (
	linear form = "linear"
	logit  form = "logit"
)

func (f form) scale() stats.Scale {
	if f == logit {
		return stats.Logit
	}
	return stats.Linear
}

func (k kind) forms() []form {
	if k == proportion {
		return []form{linear, logit}
	}
	return []form{linear}
}

// group is one decile.
type group struct {
	decile           int64
	people, happened float64
}

type series struct {
	key    key
	kind   kind
	groups []group // most deprived first; those without people are there, with none
}

// rungs are the groups with the standard error of each value on the scale of a form: binomial of shares, Poisson of rates.
// Journeys of one person are not independent, so the intervals of rates are too narrow.
func (s series) rungs(f form) []stats.Rung {
	rungs := make([]stats.Rung, len(s.groups))
	for i, g := range s.groups {
		r := stats.Rung{Size: g.people}
		if g.people > 0 {
			r.Value = g.happened / g.people
			variance := r.Value / g.people
			if s.kind == proportion {
				variance = max(0, r.Value*(1-r.Value)) / g.people
			}
			if f == logit && r.Value > 0 && r.Value < 1 { // of the logarithm of the odds
				variance /= r.Value * (1 - r.Value) * r.Value * (1 - r.Value)
			}
			r.Error = math.Sqrt(variance)
		}
		rungs[i] = r
	}
	return rungs
}

// readSeries hands on each series when all its deciles are read. Deciles that do not ascend are an error: fed in reverse,
// every index would change its sign.
func readSeries(ctx context.Context, reader array.RecordReader, use func(series) error) error {
	var current *series
	done := map[key]bool{}
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped: %w", err)
		}
		in, err := newColumns(reader.RecordBatch())
		if err != nil {
			return err
		}
		for i := range in.rows {
			k, err := in.key(i)
			if err != nil {
				return err
			}
			if current != nil && current.key != k {
				if err := use(*current); err != nil {
					return err
				}
				done[current.key] = true
				current = nil
			}
			if done[k] {
				return fmt.Errorf("%s: its rows are not together: order the input by its key", k)
			}
			if current == nil {
				current = &series{key: k, kind: kind(strings.Clone(in.kind.Value(i)))}
			}
			if err := current.add(in, i); err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
		}
	}
	if err := reader.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if current == nil {
		return nil
	}
	return use(*current)
}

func (s *series) add(in columns, i int) error {
	g := group{decile: in.decile.Value(i)}
	if n := len(s.groups); n > 0 && s.groups[n-1].decile >= g.decile {
		return fmt.Errorf("decile %d comes after %d: deciles ascend from 1, the most deprived", g.decile, s.groups[n-1].decile)
	}
	if k := kind(in.kind.Value(i)); k != s.kind || (k != proportion && k != rate) {
		return fmt.Errorf("value_kind is neither proportion nor rate, or not the same in all rows")
	}
	if !in.people.IsNull(i) {
		g.people = float64(in.people.Value(i))
	}
	if !in.happened.IsNull(i) {
		g.happened = float64(in.happened.Value(i))
	}
	if g.people < 0 || g.happened < 0 {
		return fmt.Errorf("people or happened is negative")
	}
	s.groups = append(s.groups, g)
	return nil
}

// columns are those of one batch of the input.
type columns struct {
	rows                              int
	year, authority, measure, edition *array.String
	kind                              *array.String
	decile, people, happened          *array.Int64
}

func newColumns(batch arrow.RecordBatch) (columns, error) {
	c := columns{rows: int(batch.NumRows())}
	for _, text := range []struct {
		name string
		into **array.String
	}{{"financial_year", &c.year}, {"authority", &c.authority}, {"measure", &c.measure}, {"iod_edition", &c.edition}, {"value_kind", &c.kind}} {
		if err := find(batch, text.name, "VARCHAR", text.into); err != nil {
			return columns{}, err
		}
	}
	for _, number := range []struct {
		name string
		into **array.Int64
	}{{"imd_decile", &c.decile}, {"people", &c.people}, {"happened", &c.happened}} {
		if err := find(batch, number.name, "BIGINT", number.into); err != nil {
			return columns{}, err
		}
	}
	return c, nil
}

func find[T arrow.Array](batch arrow.RecordBatch, name, declared string, into *T) error {
	indices := batch.Schema().FieldIndices(name)
	if len(indices) != 1 {
		return fmt.Errorf("column %s stands %d times: the input needs it once, as %s", name, len(indices), declared)
	}
	found, ok := batch.Column(indices[0]).(T)
	if !ok {
		return fmt.Errorf("column %s is %s: declare it %s", name, batch.Column(indices[0]).DataType(), declared)
	}
	*into = found
	return nil
}

// key is the series of a row. Its texts are copies: a record's memory is not ours once the next record is read.
func (c columns) key(i int) (key, error) {
	for _, column := range []*array.String{c.year, c.authority, c.measure, c.edition, c.kind} {
		if column.IsNull(i) {
			return key{}, fmt.Errorf("a text of the key is null in a row: give all of them")
		}
	}
	if c.decile.IsNull(i) {
		return key{}, fmt.Errorf("imd_decile is null in a row: leave out what is not placed")
	}
	return key{strings.Clone(c.year.Value(i)), strings.Clone(c.authority.Value(i)), strings.Clone(c.measure.Value(i)), strings.Clone(c.edition.Value(i))}, nil
}
