package contrast

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Read hands on each contrast when all its people are read, in the order of the input. No more than one is held. A row of
// no sense, and rows of a contrast that are not together, are errors, which tell of no person.
func Read(ctx context.Context, reader array.RecordReader, use func(*Contrast) error) error {
	var current *Contrast
	done := make(map[Series]bool)
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped: %w", err)
		}
		in, err := newColumns(reader.RecordBatch())
		if err != nil {
			return err
		}
		for i := range in.rows {
			if current == nil || !in.same(i, current.Key) {
				next, err := in.key(i)
				if err != nil {
					return err
				}
				if err := follow(current, next, done, use); err != nil {
					return err
				}
				current = &Contrast{Key: next}
			}
			p, err := in.person(i)
			if err != nil {
				return fmt.Errorf("%s: %w", current.Key, err)
			}
			current.People = append(current.People, p)
		}
	}
	if err := reader.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if current == nil {
		return nil
	}
	if err := current.settle(); err != nil {
		return err
	}
	return use(current)
}

// follow hands a contrast on when the next begins, and refuses a next one that was there before.
func follow(current *Contrast, next Key, done map[Series]bool, use func(*Contrast) error) error {
	if current != nil {
		if current.Key.Series == next.Series && current.Key.Snapshot > next.Snapshot {
			return fmt.Errorf("%s: its snapshots do not ascend: end the key in order_by with snapshot_date", next)
		}
		if current.Key.Series != next.Series {
			done[current.Key.Series] = true
		}
		if err := current.settle(); err != nil {
			return err
		}
		if err := use(current); err != nil {
			return err
		}
	}
	if done[next.Series] {
		return fmt.Errorf("%s: its rows are not together: order by the key, snapshot_date last", next)
	}
	return nil
}

// columns are the columns of one batch of the input.
type columns struct {
	rows              int
	texts             [7]*array.String // in the order of Series
	snapshot          *array.Date32
	side, personKey   *array.String
	hourlyRate, bonus *array.Float64
	quarterTie        *array.Int64
	paidBonus         *array.Boolean
}

// SeriesColumns are the columns of a series, in its order.
func SeriesColumns() [7]string {
	return [7]string{"body_code", "population", "characteristic", "comparator_group", "focal_group", "breakdown", "breakdown_value"}
}

func newColumns(batch arrow.RecordBatch) (columns, error) {
	c := columns{rows: int(batch.NumRows())}
	find := Finder{Batch: batch}
	for i, name := range SeriesColumns() {
		c.texts[i] = Column[*array.String](&find, name, "VARCHAR")
	}
	c.snapshot = Column[*array.Date32](&find, "snapshot_date", "DATE")
	c.side = Column[*array.String](&find, "side", "VARCHAR")
	c.personKey = Column[*array.String](&find, "person_key", "UUID or VARCHAR")
	c.hourlyRate = Column[*array.Float64](&find, "hourly_rate_gbp", "DOUBLE")
	c.quarterTie = Column[*array.Int64](&find, "quarter_tie", "BIGINT")
	c.bonus = Column[*array.Float64](&find, "bonus_gbp", "DOUBLE")
	c.paidBonus = Column[*array.Boolean](&find, "paid_bonus", "BOOLEAN")
	return c, find.Err
}

func (c columns) same(i int, k Key) bool {
	texts := k.Texts()
	for at, column := range c.texts {
		if column.IsNull(i) || column.Value(i) != texts[at] {
			return false
		}
	}
	return !c.snapshot.IsNull(i) && c.snapshot.Value(i) == k.Snapshot
}

// key is the contrast of a row. Its texts are copies: a record's memory is not ours once the next record is read.
func (c columns) key(i int) (Key, error) {
	var texts [7]string
	for at, column := range c.texts {
		if column.IsNull(i) {
			return Key{}, fmt.Errorf("column %s is null in a row: give every part of the key", SeriesColumns()[at])
		}
		texts[at] = strings.Clone(column.Value(i))
	}
	if c.snapshot.IsNull(i) {
		return Key{}, fmt.Errorf("column snapshot_date is null in a row: give every part of the key")
	}
	return Key{Series{texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6]}, c.snapshot.Value(i)}, nil
}

// tooMuch is beyond what anybody is paid, and below what sums lose digits of.
const tooMuch = 1e12

// person reads a row. No error says a value of it.
func (c columns) person(i int) (Person, error) {
	p := Person{HasRate: !c.hourlyRate.IsNull(i)}
	if c.personKey.IsNull(i) || c.side.IsNull(i) || c.paidBonus.IsNull(i) {
		return Person{}, fmt.Errorf("person_key, side or paid_bonus of a row is null: give all three")
	}
	p.Key, p.PaidBonus = strings.Clone(c.personKey.Value(i)), c.paidBonus.Value(i)
	switch c.side.Value(i) {
	case "comparator":
		p.Side = Comparator
	case "focal":
		p.Side = Focal
	case "other":
		p.Side = Other
	default:
		return Person{}, fmt.Errorf("the side of a row is neither comparator, focal nor other")
	}
	if p.HasRate {
		if c.quarterTie.IsNull(i) {
			return Person{}, fmt.Errorf("quarter_tie of a row with a rate is null: give both or neither")
		}
		p.Rate, p.Tie = c.hourlyRate.Value(i), c.quarterTie.Value(i)
		if !(p.Rate >= 0 && p.Rate < tooMuch) {
			return Person{}, fmt.Errorf("an hourly rate is negative or no number: it must be an exclusion before it comes here")
		}
	}
	if p.PaidBonus {
		if !c.bonus.IsNull(i) {
			p.Bonus = c.bonus.Value(i)
		}
		if !(p.Bonus > 0 && p.Bonus < tooMuch) {
			return Person{}, fmt.Errorf("paid_bonus is true for somebody whose bonus is null, no number or not above zero: who nets to nothing was not paid one")
		}
	}
	return p, nil
}

// Finder looks columns of a record up by name and keeps the first error.
type Finder struct {
	Batch arrow.RecordBatch
	Err   error
}

// Column is the named column, which must have the declared type.
func Column[T arrow.Array](f *Finder, name, declared string) T {
	var none T
	indices := f.Batch.Schema().FieldIndices(name)
	if len(indices) != 1 {
		f.fail("column %s stands %d times: the input needs it once, as %s", name, len(indices), declared)
		return none
	}
	found, ok := f.Batch.Column(indices[0]).(T)
	if !ok {
		f.fail("column %s is %s: declare it %s", name, f.Batch.Column(indices[0]).DataType(), declared)
		return none
	}
	return found
}

func (f *Finder) fail(format string, args ...any) {
	if f.Err == nil {
		f.Err = fmt.Errorf(format, args...)
	}
}
