// Package payfigures reads what pay_gaps made, the figures of one contrast and snapshot after the other.
package payfigures

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/pipelines/people/contrast"
)

// Figure is a row of pay_gaps; nil is null.
type Figure struct {
	Value, Low, High                     *float64
	Focal, Comparator                    int64
	Numerator                            *float64
	Denominator                          *int64
	Reliability, Reason                  string
	Prior, Change, ChangeLow, ChangeHigh *float64
}

// Set is the figures of a contrast at a snapshot, by measure.
type Set struct {
	Key     contrast.Key
	Figures map[string]Figure
}

// Read hands on the figures of each contrast and snapshot, in the order of the input. Rows of one that are not together,
// and a measure that stands twice, are errors.
func Read(ctx context.Context, reader array.RecordReader, use func(Set) error) error {
	var current *Set
	done := map[contrast.Key]bool{}
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped: %w", err)
		}
		in, err := newColumns(reader.RecordBatch())
		if err != nil {
			return err
		}
		for i := range int(reader.RecordBatch().NumRows()) {
			key, measure, figure, err := in.row(i)
			if err != nil {
				return err
			}
			if current == nil || current.Key != key {
				if current != nil {
					done[current.Key] = true
					if err := use(*current); err != nil {
						return err
					}
				}
				if done[key] {
					return fmt.Errorf("%s: its rows are not together: order by the key of the contrast and snapshot_date", key)
				}
				current = &Set{key, map[string]Figure{}}
			}
			if _, twice := current.Figures[measure]; twice {
				return fmt.Errorf("%s: the measure %s stands twice", key, measure)
			}
			current.Figures[measure] = figure
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

type columns struct {
	texts                                [7]*array.String
	snapshot                             *array.Date32
	measure, reliability, reason         *array.String
	value, low, high, numerator          *array.Float64
	prior, change, changeLow, changeHigh *array.Float64
	focal, comparator, denominator       *array.Int64
}

func newColumns(batch arrow.RecordBatch) (columns, error) {
	find := contrast.Finder{Batch: batch}
	text := func(name string) *array.String { return contrast.Column[*array.String](&find, name, "VARCHAR") }
	number := func(name string) *array.Float64 { return contrast.Column[*array.Float64](&find, name, "DOUBLE") }
	whole := func(name string) *array.Int64 { return contrast.Column[*array.Int64](&find, name, "BIGINT") }
	c := columns{
		snapshot: contrast.Column[*array.Date32](&find, "snapshot_date", "DATE"),
		measure:  text("measure"), reliability: text("reliability"), reason: text("null_reason"),
		value: number("value"), low: number("ci_low"), high: number("ci_high"), numerator: number("numerator"),
		prior: number("prior_value"), change: number("change_pp"),
		changeLow: number("change_ci_low"), changeHigh: number("change_ci_high"),
		focal: whole("n_focal"), comparator: whole("n_comparator"), denominator: whole("denominator"),
	}
	for i, name := range contrast.SeriesColumns() {
		c.texts[i] = text(name)
	}
	return c, find.Err
}

// row reads a row; its texts are copies.
func (c columns) row(i int) (contrast.Key, string, Figure, error) {
	var texts [7]string
	for at, column := range c.texts {
		texts[at] = textAt(column, i)
	}
	if c.snapshot.IsNull(i) || c.measure.IsNull(i) {
		return contrast.Key{}, "", Figure{}, fmt.Errorf("snapshot_date or measure of a row is null: give both")
	}
	key := contrast.Key{
		Series: contrast.Series{
			Body: texts[0], Population: texts[1], Characteristic: texts[2], Comparator: texts[3], Focal: texts[4],
			Breakdown: texts[5], Value: texts[6],
		},
		Snapshot: c.snapshot.Value(i),
	}
	figure := Figure{
		Value: numberAt(c.value, i), Low: numberAt(c.low, i), High: numberAt(c.high, i), Numerator: numberAt(c.numerator, i),
		Reliability: textAt(c.reliability, i), Reason: textAt(c.reason, i),
		Prior: numberAt(c.prior, i), Change: numberAt(c.change, i),
		ChangeLow: numberAt(c.changeLow, i), ChangeHigh: numberAt(c.changeHigh, i),
	}
	if !c.focal.IsNull(i) {
		figure.Focal = c.focal.Value(i)
	}
	if !c.comparator.IsNull(i) {
		figure.Comparator = c.comparator.Value(i)
	}
	if !c.denominator.IsNull(i) {
		whole := c.denominator.Value(i)
		figure.Denominator = &whole
	}
	return key, textAt(c.measure, i), figure, nil
}

func textAt(column *array.String, i int) string {
	if column.IsNull(i) {
		return ""
	}
	return strings.Clone(column.Value(i))
}

func numberAt(column *array.Float64, i int) *float64 {
	if column.IsNull(i) {
		return nil
	}
	value := column.Value(i)
	return &value
}
