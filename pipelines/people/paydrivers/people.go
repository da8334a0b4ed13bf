package paydrivers

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/pipelines/people/contrast"
)

// traits are what may explain somebody's pay. A number that is not known is nil.
type traits struct {
	grade, directorate, pattern, contract string
	tenure, hours                         *float64
}

// notKnown stands for a trait that is null.
const notKnown = "not_known"

// staff are the traits of everybody, by body and snapshot.
type staff map[moment]map[string]traits

type moment struct {
	body     string
	snapshot arrow.Date32
}

// member is somebody on a side of a contrast who has an hourly rate.
type member struct {
	traits
	focal bool
	rate  float64
}

func readPeople(ctx context.Context, reader array.RecordReader) (staff, error) {
	all, names := staff{}, interned{}
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("stopped: %w", err)
		}
		find := contrast.Finder{Batch: reader.RecordBatch()}
		text := func(name string) *array.String { return contrast.Column[*array.String](&find, name, "VARCHAR") }
		body, person, grade, directorate := text("body_code"), text("person_key"), text("grade"), text("directorate")
		pattern, contract := text("working_pattern"), text("contract_type")
		snapshot := contrast.Column[*array.Date32](&find, "snapshot_date", "DATE")
		tenure := contrast.Column[*array.Float64](&find, "tenure_years", "DOUBLE")
		hours := contrast.Column[*array.Float64](&find, "weekly_hours", "DOUBLE")
		if find.Err != nil {
			return nil, find.Err
		}
		for i := range int(reader.RecordBatch().NumRows()) {
			if body.IsNull(i) || snapshot.IsNull(i) || person.IsNull(i) {
				return nil, fmt.Errorf("body_code, snapshot_date or person_key of a row is null: give all three")
			}
			at := moment{names.text(body, i), snapshot.Value(i)}
			if all[at] == nil {
				all[at] = map[string]traits{}
			}
			key := strings.Clone(person.Value(i))
			if _, twice := all[at][key]; twice {
				return nil, fmt.Errorf("%s, %s: a person stands twice: one row for each person_key", at.body, at.snapshot.FormattedString())
			}
			all[at][key] = traits{
				names.text(grade, i), names.text(directorate, i), names.text(pattern, i), names.text(contract, i),
				number(tenure, i), number(hours, i),
			}
		}
	}
	if err := reader.Err(); err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return all, nil
}

// interned keeps each text once: there are few grades and many people.
type interned map[string]string

func (n interned) text(column *array.String, i int) string {
	if column.IsNull(i) || column.Value(i) == "" {
		return notKnown
	}
	known, ok := n[column.Value(i)]
	if !ok {
		known = strings.Clone(column.Value(i))
		n[known] = known
	}
	return known
}

func number(column *array.Float64, i int) *float64 {
	if column.IsNull(i) {
		return nil
	}
	value := column.Value(i)
	return &value
}

// join gives the people of a contrast's two sides who have a rate their traits.
func (s staff) join(c *contrast.Contrast) ([]member, error) {
	known := s[moment{c.Key.Body, c.Key.Snapshot}]
	var members []member
	for _, p := range c.People {
		if !p.HasRate || p.Side == contrast.Other {
			continue
		}
		t, ok := known[p.Key]
		if !ok {
			return nil, fmt.Errorf("%s: somebody is not in the input %s: both must come from the same people", c.Key, PeopleInput)
		}
		members = append(members, member{t, p.Side == contrast.Focal, p.Rate})
	}
	return members, nil
}
