//go:build duckdb_arrow

package estimator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/internal/warehouse"
)

// ErrNothing says that an estimator emitted no record, so that not even the columns of its table are known.
var ErrNothing = errors.New("it emitted nothing: emit one record without rows when there are none, so that the columns are known")

// Input is a relation an estimator reads.
type Input struct {
	Relation string
	Columns  []string // read in this order
	OrderBy  []string // a total order of its rows
	Portion  int64    // rows that are read at once, of a table that was written in this order; 0: all of them
}

// Job is one run of an estimator.
type Job struct {
	Relation   string // the one it makes; its seed comes from it
	Name       string // of the estimator, with its version
	Inputs     map[string]Input
	Parameters map[string]any
	Table      string // where its rows go, as they come
}

// SchemaError says that a record has another schema than the first one.
type SchemaError struct{ First, Then string }

func (e *SchemaError) Error() string {
	return fmt.Sprintf("it emits records of different columns: first %s, then %s; build every record from one schema", e.First, e.Then)
}

// Run runs the estimator and leaves its rows in the job's table.
func (j Job) Run(ctx context.Context, db *warehouse.DB, registry Registry) error {
	estimator := registry[j.Name]
	if estimator == nil {
		return fmt.Errorf("no estimator %s", j.Name)
	}
	inputs := make(map[string]array.RecordReader, len(j.Inputs))
	for name, input := range j.Inputs {
		reader, release, err := input.read(ctx, db)
		if err != nil {
			return fmt.Errorf("%s: read %s: %w", j.Name, input.Relation, warehouse.Scrub(err))
		}
		defer release()
		inputs[name] = reader
	}
	parameters := make(map[string]any, len(j.Parameters)+1)
	maps.Copy(parameters, j.Parameters)
	parameters[SeedParameter] = Seed(j.Relation)
	var out collector
	defer out.release()
	if err := estimator.Run(ctx, inputs, parameters, out.emit); err != nil {
		return fmt.Errorf("%s: %w", j.Name, err)
	}
	for name, reader := range inputs {
		if err := reader.Err(); err != nil {
			return fmt.Errorf("%s: read %s: %w", j.Name, j.Inputs[name].Relation, warehouse.Scrub(err))
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", j.Name, err)
	}
	if len(out.records) == 0 {
		return fmt.Errorf("%s: %w", j.Name, ErrNothing)
	}
	reader, err := array.NewRecordReader(out.records[0].Schema(), out.records)
	if err != nil {
		return fmt.Errorf("%s: %w", j.Name, err)
	}
	defer reader.Release()
	if err := db.CreateFromArrow(ctx, j.Table, "*", reader); err != nil {
		return fmt.Errorf("%s: %w", j.Name, warehouse.Scrub(err))
	}
	return nil
}

// read reads an input in its declared order. A table of more than a portion stands in that order already: it is read as it
// stands, portion by portion, without being sorted again.
func (i Input) read(ctx context.Context, db *warehouse.DB) (array.RecordReader, func(), error) {
	query := "select " + idents(i.Columns) + " from " + warehouse.Relation(i.Relation)
	var rows int64
	if i.Portion > 0 {
		if err := db.One(ctx, "select coalesce(max(rowid) + 1, 0) from "+warehouse.Relation(i.Relation), nil, &rows); err != nil {
			return nil, nil, fmt.Errorf("count its rows: %w", err)
		}
	}
	if rows <= i.Portion {
		if len(i.OrderBy) > 0 {
			query += " order by " + idents(i.OrderBy)
		}
		return db.ReadArrow(ctx, query)
	}
	var queries []string
	for from := int64(0); from < rows; from += i.Portion {
		queries = append(queries, fmt.Sprintf("%s where rowid >= %d and rowid < %d order by rowid", query, from, from+i.Portion))
	}
	return db.ReadArrow(ctx, queries[0], queries[1:]...)
}

func idents(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = warehouse.Ident(name)
	}
	return strings.Join(quoted, ", ")
}

// collector keeps what an estimator emits.
type collector struct{ records []arrow.RecordBatch }

func (c *collector) emit(record arrow.RecordBatch) error {
	if len(c.records) > 0 && !c.records[0].Schema().Equal(record.Schema()) {
		return &SchemaError{columnsOf(c.records[0].Schema()), columnsOf(record.Schema())}
	}
	record.Retain()
	c.records = append(c.records, record)
	return nil
}

func (c *collector) release() {
	for _, record := range c.records {
		record.Release()
	}
}

func columnsOf(schema *arrow.Schema) string {
	columns := make([]string, schema.NumFields())
	for i, field := range schema.Fields() {
		columns[i] = field.Name + " " + field.Type.String()
	}
	return strings.Join(columns, ", ")
}
