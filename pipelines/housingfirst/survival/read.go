package survival

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/internal/stats"
)

// group names people whose curve is one.
type group struct{ body, measure, cohort, breakdown, value string }

func groupColumns() [5]string {
	return [5]string{"body_code", "measure", "cohort", "breakdown", "breakdown_value"}
}

func (g group) texts() [5]string { return [5]string{g.body, g.measure, g.cohort, g.breakdown, g.value} }

// String names a group in messages. It holds no value of a person.
func (g group) String() string {
	return fmt.Sprintf("%s, %s, cohort %s, %s %s", g.body, g.measure, g.cohort, g.breakdown, g.value)
}

// episode is how long one was followed, and how that ended.
type episode struct {
	days, months float64
	followed     int64
	ending       stats.Ending
	unknown      bool // it ended, and nobody knows how
}

// people are the episodes of a group.
type people struct {
	group
	episodes []episode
}

// by is the curve's input on a scale of time; unknown endings are events if they are said to be.
func (p people) by(time func(episode) float64, unknownEnded bool) []stats.Followed {
	all := make([]stats.Followed, len(p.episodes))
	for i, e := range p.episodes {
		all[i] = stats.Followed{Time: time(e), Ending: e.ending}
		if e.unknown && unknownEnded {
			all[i].Ending = stats.Event
		}
	}
	return all
}

func inDays(e episode) float64 { return e.days }

func inMonths(e episode) float64 { return e.months }

// read hands on each group when all its episodes are read. Rows of no sense, and a group that is there twice, are errors.
func read(ctx context.Context, reader array.RecordReader, use func(people) error) error {
	var current *people
	done := map[group]bool{}
	finish := func() error {
		if current == nil {
			return nil
		}
		if done[current.group] {
			return fmt.Errorf("%s: its rows are not together: order the input by the group", current.group)
		}
		done[current.group] = true
		return use(*current)
	}
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped: %w", err)
		}
		in, err := newColumns(reader.RecordBatch())
		if err != nil {
			return err
		}
		for i := range in.rows {
			if current == nil || !in.same(i, current.group) {
				if err := finish(); err != nil {
					return err
				}
				next, err := in.group(i)
				if err != nil {
					return err
				}
				current = &people{group: next}
			}
			e, err := in.episode(i)
			if err != nil {
				return fmt.Errorf("%s: %w", current.group, err)
			}
			current.episodes = append(current.episodes, e)
		}
	}
	if err := reader.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return finish()
}

// columns are those of one batch of episodes.
type columns struct {
	rows           int
	texts          [5]*array.String
	days, followed *array.Int64
	months         *array.Float64
	outcome        *array.String
}

func newColumns(batch arrow.RecordBatch) (columns, error) {
	c, find := columns{rows: int(batch.NumRows())}, finder{batch: batch}
	for i, name := range groupColumns() {
		c.texts[i] = column[*array.String](&find, name, "VARCHAR")
	}
	c.days = column[*array.Int64](&find, "time_days", "BIGINT")
	c.months = column[*array.Float64](&find, "time_months", "DOUBLE")
	c.followed = column[*array.Int64](&find, "followed_days", "BIGINT")
	c.outcome = column[*array.String](&find, "outcome", "VARCHAR")
	return c, find.err
}

func (c columns) same(i int, g group) bool {
	for at, text := range g.texts() {
		if c.texts[at].IsNull(i) || c.texts[at].Value(i) != text {
			return false
		}
	}
	return true
}

// group is that of a row. Its texts are copies: a record's memory is not ours once the next is read.
func (c columns) group(i int) (group, error) {
	var texts [5]string
	for at, name := range groupColumns() {
		if c.texts[at].IsNull(i) {
			return group{}, fmt.Errorf("column %s is null in a row: give every part of the group", name)
		}
		texts[at] = strings.Clone(c.texts[at].Value(i))
	}
	return group{texts[0], texts[1], texts[2], texts[3], texts[4]}, nil
}

// episode reads a row. No error says a value of it.
func (c columns) episode(i int) (episode, error) {
	if c.days.IsNull(i) || c.months.IsNull(i) || c.followed.IsNull(i) || c.outcome.IsNull(i) {
		return episode{}, fmt.Errorf("time_days, time_months, followed_days or outcome of a row is null: give all four")
	}
	e := episode{days: float64(c.days.Value(i)), months: c.months.Value(i), followed: c.followed.Value(i)}
	if e.days < 0 || !(e.months >= 0) || math.IsInf(e.months, 0) || e.followed < c.days.Value(i) {
		return episode{}, fmt.Errorf("a time is negative, or ends after the last day of observation")
	}
	switch c.outcome.Value(i) {
	case "event":
		e.ending = stats.Event
	case "competing":
		e.ending = stats.Competing
	case "unknown":
		e.unknown = true
	case "censored":
	default:
		return episode{}, fmt.Errorf("an outcome is none of event, competing, unknown, censored")
	}
	return e, nil
}

// landmark is when a curve is read.
type landmark struct{ months, days int64 }

func readLandmarks(ctx context.Context, reader array.RecordReader) (map[string][]landmark, error) {
	all := map[string][]landmark{}
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("stopped: %w", err)
		}
		find := finder{batch: reader.RecordBatch()}
		measure := column[*array.String](&find, "measure", "VARCHAR")
		months := column[*array.Int64](&find, "landmark_months", "BIGINT")
		days := column[*array.Int64](&find, "landmark_days", "BIGINT")
		if find.err != nil {
			return nil, find.err
		}
		for i := range int(reader.RecordBatch().NumRows()) {
			if measure.IsNull(i) || months.IsNull(i) || days.IsNull(i) || months.Value(i) < 1 || days.Value(i) < 1 {
				return nil, fmt.Errorf("a landmark has no measure, months and days above nought")
			}
			name := strings.Clone(measure.Value(i))
			all[name] = append(all[name], landmark{months.Value(i), days.Value(i)})
		}
	}
	if err := reader.Err(); err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return all, nil
}

// finder looks columns up and keeps the first that is missing or of another type.
type finder struct {
	batch arrow.RecordBatch
	err   error
}

func column[T arrow.Array](f *finder, name, want string) T {
	var none T
	if f.err != nil {
		return none
	}
	for i, field := range f.batch.Schema().Fields() {
		if field.Name != name {
			continue
		}
		if found, ok := f.batch.Column(i).(T); ok {
			return found
		}
		f.err = fmt.Errorf("column %s is of type %s: cast it to %s", name, field.Type, want)
		return none
	}
	f.err = fmt.Errorf("no column %s: add it to the input, as %s", name, want)
	return none
}
