package areadeprivation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Name is how a model names the estimator, with the version of its method.
const Name = "area_deprivation@1"

// InputName is the one input of the estimator: a row per LSOA of an area and
// edition, rows of an area and edition together.
const InputName = "lsoas"

// Estimator computes the summary measures; its zero value is ready for use.
type Estimator struct{}

// seedParameter is given to every estimator; nothing here is drawn by chance.
const seedParameter = "seed"

// Run reads the LSOAs and emits one record with a row per area and edition, in
// the order of edition and area code. It takes no parameters but the seed it
// has no use for: another share or another extent would be another version of
// the method.
func (Estimator) Run(
	ctx context.Context,
	inputs map[string]array.RecordReader,
	params map[string]any,
	emit func(arrow.RecordBatch) error,
) error {
	for name := range params {
		if name != seedParameter {
			return errors.New("takes no parameters: remove them from the model")
		}
	}
	reader, ok := inputs[InputName]
	if !ok || len(inputs) != 1 {
		return fmt.Errorf("needs the one input %q: name it in the model's inputs", InputName)
	}
	areas, err := summariseAll(ctx, reader)
	if err != nil {
		return fmt.Errorf("input %s: %w", InputName, err)
	}
	record := newRecord(areas)
	defer record.Release()
	return emit(record)
}

// areaKey identifies a row of the result.
type areaKey struct {
	edition, area string
}

// areaRow is an area in an edition: what describes it, and its measures.
type areaRow struct {
	key areaKey
	areaFacts
	scoreBasis string
	summary
}

// areaFacts are the columns that are equal on all LSOAs of an area and edition.
type areaFacts struct {
	name, kind string
	inArea     bool
	ranked     int64
}

// mixedBasis stands where an area has published and derived scores.
const mixedBasis = "mixed"

func summariseAll(ctx context.Context, reader array.RecordReader) ([]areaRow, error) {
	var (
		rows    []areaRow
		done    = make(map[areaKey]bool)
		members []lsoa
		current areaRow
	)
	finish := func() error {
		if len(members) == 0 {
			return nil
		}
		var err error
		current.summary, err = summarise(members, current.ranked)
		if err != nil {
			return fmt.Errorf("area %s, edition %s: %w", current.key.area, current.key.edition, err)
		}
		rows = append(rows, current)
		done[current.key] = true
		members = members[:0]
		return nil
	}
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("stopped: %w", err)
		}
		in, err := newColumns(reader.RecordBatch())
		if err != nil {
			return nil, err
		}
		for i := range in.rows {
			key := areaKey{edition: in.edition.at(i), area: in.area.at(i)}
			facts, basis := in.facts(i), in.scoreBasis.at(i)
			if len(members) == 0 || key != current.key {
				if err := finish(); err != nil {
					return nil, err
				}
				if done[key] {
					return nil, fmt.Errorf("area %s, edition %s: its rows are not together: order the input by area_code, iod_edition", key.area, key.edition)
				}
				current = areaRow{key: key, areaFacts: facts, scoreBasis: basis}
			}
			if facts != current.areaFacts {
				return nil, fmt.Errorf("area %s, edition %s: name, type, in_area or lsoas_in_england differ between its LSOAs", key.area, key.edition)
			}
			if basis != current.scoreBasis {
				current.scoreBasis = mixedBasis
			}
			members = append(members, in.lsoa(i))
		}
	}
	if err := reader.Err(); err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if err := finish(); err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b areaRow) int {
		return cmp.Or(cmp.Compare(a.key.edition, b.key.edition), cmp.Compare(a.key.area, b.key.area))
	})
	return rows, nil
}
