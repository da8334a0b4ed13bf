//go:build duckdb_arrow

package estimator_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/estimator"
	"socialvalue/internal/warehouse"
)

func open(t *testing.T) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := db.Exec(t.Context(), "create table spells as select 'p' || (i * 7919 % 1000) as person, i as days, i % 2 as unused from range(10000) as r(i)"); err != nil {
		t.Fatal(err)
	}
	return db
}

// batch is a record of one text column.
func batch(name string, values ...string) arrow.RecordBatch {
	builder := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: name, Type: arrow.BinaryTypes.String}}, nil))
	defer builder.Release()
	builder.Field(0).(*array.StringBuilder).AppendValues(values, nil)
	return builder.NewRecordBatch()
}

type inputs = map[string]array.RecordReader

func job(registry estimator.Registry, t *testing.T, db *warehouse.DB) error {
	t.Helper()
	return estimator.Job{
		Relation: "housing.spells", Name: "test@1", Table: "out", Parameters: map[string]any{"from": 3},
		Inputs: map[string]estimator.Input{"spells": {Relation: "spells", Columns: []string{"days", "person"}, OrderBy: []string{"person", "days"}}},
	}.Run(t.Context(), db, registry)
}

func TestInputsComeInTheirOrderAndRowsArrive(t *testing.T) {
	t.Parallel()
	db := open(t)
	registry := estimator.Registry{"test@1": estimator.Func(func(_ context.Context, in inputs, params map[string]any, emit func(arrow.RecordBatch) error) error {
		if params["from"] != 3 || params[estimator.SeedParameter] != estimator.Seed("housing.spells") {
			t.Errorf("parameters %v", params)
		}
		reader := in["spells"]
		if got := reader.Schema().Field(0).Name + reader.Schema().Field(1).Name; got != "daysperson" {
			t.Errorf("columns %s", got)
		}
		last, rows := "", 0
		for reader.Next() {
			people := reader.RecordBatch().Column(1).(*array.String)
			for i := range people.Len() {
				if people.Value(i) < last {
					t.Fatalf("%s comes after %s", people.Value(i), last)
				}
				last = people.Value(i)
			}
			rows += people.Len()
		}
		if rows != 10000 {
			t.Errorf("%d rows", rows)
		}
		for _, r := range []arrow.RecordBatch{batch("name", "a", "b"), batch("name"), batch("name", "c")} {
			err := emit(r)
			r.Release()
			if err != nil {
				return err
			}
		}
		return nil
	})}
	if err := job(registry, t, db); err != nil {
		t.Fatal(err)
	}
	got, err := db.Texts(t.Context(), "select name from out")
	if err != nil || strings.Join(got, "") != "abc" {
		t.Errorf("rows %q, %v", got, err)
	}
}

// A table that was written in the order of an input is read in portions of it, and gives the same rows in the same order.
func TestInputsComeInPortions(t *testing.T) {
	t.Parallel()
	db := open(t)
	if _, err := db.Exec(t.Context(), "create table sorted as select * from spells order by person, days"); err != nil {
		t.Fatal(err)
	}
	read := func(portion int64) (seen []string, batches int) {
		registry := estimator.Registry{"test@1": estimator.Func(func(_ context.Context, in inputs, _ map[string]any, emit func(arrow.RecordBatch) error) error {
			for in["spells"].Next() {
				batches++
				record := in["spells"].RecordBatch()
				days, people := record.Column(0).(*array.Int64), record.Column(1).(*array.String)
				for i := range days.Len() {
					seen = append(seen, fmt.Sprint(people.Value(i), days.Value(i)))
				}
			}
			return emit(batch("name"))
		})}
		err := estimator.Job{
			Relation: "housing.spells", Name: "test@1", Table: "out",
			Inputs: map[string]estimator.Input{"spells": {Relation: "sorted", Columns: []string{"days", "person"}, OrderBy: []string{"person", "days"}, Portion: portion}},
		}.Run(t.Context(), db, registry)
		if err != nil {
			t.Fatal(err)
		}
		return seen, batches
	}
	whole, batches := read(0)
	for _, portion := range []int64{333, 9_999, 10_000} {
		got, n := read(portion)
		if len(whole) != 10_000 || !slices.Equal(got, whole) {
			t.Errorf("portions of %d: %d rows, not the same %d", portion, len(got), len(whole))
		}
		if portion == 333 && n < 31 {
			t.Errorf("%d records of portions of %d, %d of all: not in portions", n, portion, batches)
		}
	}
}

func TestErrorsNameTheEstimator(t *testing.T) {
	t.Parallel()
	wrong := errors.New("not enough spells")
	tests := map[string]struct {
		run  func(emit func(arrow.RecordBatch) error) error
		want string
	}{
		"its own":   {func(func(arrow.RecordBatch) error) error { return wrong }, "test@1: not enough spells"},
		"no record": {func(func(arrow.RecordBatch) error) error { return nil }, "test@1: it emitted nothing: emit one record without rows when there are none, so that the columns are known"},
		"two schemas": {func(emit func(arrow.RecordBatch) error) error {
			return errors.Join(emit(batch("a", "x")), emit(batch("b", "x")))
		}, "test@1: it emits records of different columns: first a utf8, then b utf8; build every record from one schema"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := job(estimator.Registry{"test@1": estimator.Func(func(_ context.Context, _ inputs, _ map[string]any, emit func(arrow.RecordBatch) error) error {
				return tc.run(emit)
			})}, t, open(t))
			if err == nil || err.Error() != tc.want {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
	if err := job(estimator.Registry{}, t, open(t)); err == nil || err.Error() != "no estimator test@1" {
		t.Errorf("unknown estimator: %v", err)
	}
	missing := estimator.Job{Name: "test@1", Inputs: map[string]estimator.Input{"x": {Relation: "nothing", Columns: []string{"a"}}}}
	err := missing.Run(t.Context(), open(t), estimator.Registry{"test@1": estimator.Func(nil)})
	if err == nil || !strings.HasPrefix(err.Error(), "test@1: read nothing: Catalog Error") {
		t.Errorf("missing input: %v", err)
	}
}

func TestSeedsDifferAndStay(t *testing.T) {
	t.Parallel()
	if a, b := estimator.Seed("spend.a"), estimator.Seed("spend.b"); a == b || a < 0 || b < 0 || a != 4918490445462090180 {
		t.Errorf("seeds %d, %d", a, b)
	}
}
