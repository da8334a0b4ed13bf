package paydrivers

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/pipelines/people/contrast"
)

// Name is how a model names the estimator, with the version of its method.
const Name = "pay_gap_drivers@1"

// Names of the inputs.
const (
	ContrastsInput = "contrasts"
	PeopleInput    = "people"
)

// everybody is the breakdown that is read, and the category of what is no grade's.
const everybody = "all"

// Estimator finds the drivers of pay gaps; its zero value is ready for use.
type Estimator struct{}

// Run reads the people, then the contrasts one at a time, and emits the components of each.
func (Estimator) Run(
	ctx context.Context,
	inputs map[string]array.RecordReader,
	params map[string]any,
	emit func(arrow.RecordBatch) error,
) error {
	settings, err := readSettings(params)
	if err != nil {
		return err
	}
	contrasts, people := inputs[ContrastsInput], inputs[PeopleInput]
	if contrasts == nil || people == nil || len(inputs) != 2 {
		return fmt.Errorf("needs the inputs %q and %q: name both in the model's inputs", ContrastsInput, PeopleInput)
	}
	staff, err := readPeople(ctx, people)
	if err != nil {
		return fmt.Errorf("input %s: %w", PeopleInput, err)
	}
	out := newOutput(settings)
	defer out.release()
	if err := contrast.Read(ctx, contrasts, func(c *contrast.Contrast) error {
		if c.Key.Breakdown != everybody {
			return nil
		}
		members, err := staff.join(c)
		if err != nil {
			return err
		}
		rows, err := components(c, members, settings)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Key, err)
		}
		out.write(c.Key, rows)
		return nil
	}); err != nil {
		return fmt.Errorf("input %s: %w", ContrastsInput, err)
	}
	return out.emit(emit)
}

// settings are the parameters of a model.
type settings struct {
	decimals int
	weeks    float64 // of a year
}

const (
	defaultDecimals = 1
	defaultWeeks    = 365.25 / 7 // the statutory year in weeks
)

// level is that of every interval.
const level = 0.95

func readSettings(params map[string]any) (settings, error) {
	s := settings{defaultDecimals, defaultWeeks}
	for name, value := range params {
		switch name {
		case "seed": // nothing here is drawn by chance
		case "decimals":
			number, ok := value.(int)
			if !ok || number < 0 || number > 12 {
				return settings{}, fmt.Errorf("parameter decimals must be a whole number from 0 to 12")
			}
			s.decimals = number
		case "weeks_per_year":
			whole, isWhole := value.(int)
			number, isReal := value.(float64)
			if isWhole {
				number = float64(whole)
			}
			if !isWhole && !isReal || !(number >= 1 && number <= 53) {
				return settings{}, fmt.Errorf("parameter weeks_per_year must be a number from 1 to 53")
			}
			s.weeks = number
		default:
			return settings{}, fmt.Errorf("no parameter %s: there are decimals and weeks_per_year", name)
		}
	}
	return s, nil
}
