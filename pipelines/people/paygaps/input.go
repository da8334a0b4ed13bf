package paygaps

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// series is the key of a contrast without its snapshot.
type series struct {
	body, population, characteristic, comparator, focal, breakdown, value string
}

// key is that of a contrast at a snapshot.
type key struct {
	series
	snapshot arrow.Date32
}

// String names a contrast in messages. It holds no value of a person.
func (k key) String() string {
	return fmt.Sprintf("%s, %s, population %s, %s of %s against %s, %s %s", k.body, k.snapshot.FormattedString(), k.population,
		k.characteristic, k.focal, k.comparator, k.breakdown, k.value)
}

// side is where somebody stands in a contrast.
type side uint8

const (
	comparatorSide side = iota
	focalSide
	otherSide
)

// person is a row of a contrast.
type person struct {
	key         string
	side        side
	hasRate     bool
	paidBonus   bool
	rate, bonus float64
}

// contrast is the people of a contrast at a snapshot.
type contrast struct {
	key    key
	people []person
}

// readContrasts hands on each contrast when all its people are read, in the order of the input.
func readContrasts(ctx context.Context, reader array.RecordReader, use func(*contrast) error) error {
	var current *contrast
	done := make(map[series]bool)
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped: %w", err)
		}
		in, err := newColumns(reader.RecordBatch())
		if err != nil {
			return err
		}
		for i := range in.rows {
			if current == nil || !in.same(i, current.key) {
				next, err := in.key(i)
				if err != nil {
					return err
				}
				if err := follow(current, next, done, use); err != nil {
					return err
				}
				current = &contrast{key: next}
			}
			p, err := in.person(i)
			if err != nil {
				return fmt.Errorf("%s: %w", current.key, err)
			}
			current.people = append(current.people, p)
		}
	}
	if err := reader.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if current == nil {
		return nil
	}
	return use(current)
}

// follow hands a contrast on when the next begins, and refuses a next one that was there before.
func follow(current *contrast, next key, done map[series]bool, use func(*contrast) error) error {
	if current != nil {
		if current.key.series == next.series && current.key.snapshot > next.snapshot {
			return fmt.Errorf("%s: its snapshots do not ascend: end the key in order_by with snapshot_date", next)
		}
		if current.key.series != next.series {
			done[current.key.series] = true
		}
		if err := use(current); err != nil {
			return err
		}
	}
	if done[next.series] {
		return fmt.Errorf("%s: its rows are not together: order by the key, snapshot_date last", next)
	}
	return nil
}

// columns are the columns of one batch of the input.
type columns struct {
	rows              int
	texts             [7]*array.String // in the order of series
	snapshot          *array.Date32
	side, personKey   *array.String
	hourlyRate, bonus *array.Float64
	paidBonus         *array.Boolean
}

// seriesColumns are the columns of series, in its order.
func seriesColumns() [7]string {
	return [7]string{"body_code", "population", "characteristic", "comparator_group", "focal_group", "breakdown", "breakdown_value"}
}

func newColumns(batch arrow.RecordBatch) (columns, error) {
	c := columns{rows: int(batch.NumRows())}
	find := finder{batch: batch}
	for i, name := range seriesColumns() {
		c.texts[i] = column[*array.String](&find, name, "VARCHAR")
	}
	c.snapshot = column[*array.Date32](&find, "snapshot_date", "DATE")
	c.side = column[*array.String](&find, "side", "VARCHAR")
	c.personKey = column[*array.String](&find, "person_key", "UUID or VARCHAR")
	c.hourlyRate = column[*array.Float64](&find, "hourly_rate_gbp", "DOUBLE")
	c.bonus = column[*array.Float64](&find, "bonus_gbp", "DOUBLE")
	c.paidBonus = column[*array.Boolean](&find, "paid_bonus", "BOOLEAN")
	return c, find.err
}

func (c columns) same(i int, k key) bool {
	texts := k.texts()
	for at, column := range c.texts {
		if column.IsNull(i) || column.Value(i) != texts[at] {
			return false
		}
	}
	return !c.snapshot.IsNull(i) && c.snapshot.Value(i) == k.snapshot
}

func (s series) texts() [7]string {
	return [7]string{s.body, s.population, s.characteristic, s.comparator, s.focal, s.breakdown, s.value}
}

// key is the contrast of a row. Its texts are copies: a record's memory is not ours once the next record is read.
func (c columns) key(i int) (key, error) {
	var texts [7]string
	for at, column := range c.texts {
		if column.IsNull(i) {
			return key{}, fmt.Errorf("column %s is null in a row: give every part of the key", seriesColumns()[at])
		}
		texts[at] = strings.Clone(column.Value(i))
	}
	if c.snapshot.IsNull(i) {
		return key{}, fmt.Errorf("column snapshot_date is null in a row: give every part of the key")
	}
	return key{series{texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6]}, c.snapshot.Value(i)}, nil
}

// person reads a row. No error says a value of it.
func (c columns) person(i int) (person, error) {
	p := person{hasRate: !c.hourlyRate.IsNull(i)}
	if c.personKey.IsNull(i) || c.side.IsNull(i) || c.paidBonus.IsNull(i) {
		return person{}, fmt.Errorf("person_key, side or paid_bonus of a row is null: give all three")
	}
	p.key, p.paidBonus = strings.Clone(c.personKey.Value(i)), c.paidBonus.Value(i)
	switch c.side.Value(i) {
	case "comparator":
		p.side = comparatorSide
	case "focal":
		p.side = focalSide
	case "other":
		p.side = otherSide
	default:
		return person{}, fmt.Errorf("the side of a row is neither comparator, focal nor other")
	}
	if p.hasRate {
		p.rate = c.hourlyRate.Value(i)
		if !(p.rate >= 0 && p.rate < tooMuch) {
			return person{}, fmt.Errorf("an hourly rate is negative or no number: it must be an exclusion before it comes here")
		}
	}
	if p.paidBonus {
		if !c.bonus.IsNull(i) {
			p.bonus = c.bonus.Value(i)
		}
		if !(p.bonus > 0 && p.bonus < tooMuch) {
			return person{}, fmt.Errorf("paid_bonus is true for somebody whose bonus is null, no number or not above zero: who nets to nothing was not paid one")
		}
	}
	return p, nil
}

// tooMuch is beyond what anybody is paid, and below what sums lose digits of.
const tooMuch = 1e12

// finder looks columns up by name and keeps the first error.
type finder struct {
	batch arrow.RecordBatch
	err   error
}

// column is the named column, which must have the declared type.
func column[T arrow.Array](f *finder, name, declared string) T {
	var none T
	indices := f.batch.Schema().FieldIndices(name)
	if len(indices) != 1 {
		f.fail("column %s stands %d times: the input needs it once, as %s", name, len(indices), declared)
		return none
	}
	found, ok := f.batch.Column(indices[0]).(T)
	if !ok {
		f.fail("column %s is %s: declare it %s", name, f.batch.Column(indices[0]).DataType(), declared)
		return none
	}
	return found
}

func (f *finder) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf(format, args...)
	}
}
