package model

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/estimator"
	"socialvalue/internal/warehouse"
)

// Produce makes the table or view of a node from its inputs, which stand in db, and gives its number of rows. Macros,
// the node's schema and the schema _svw must be there. An estimator sees committed rows of its inputs only.
func (p *Project) Produce(ctx context.Context, db *warehouse.DB, node *Node, estimators estimator.Registry) (rows int64, err error) {
	body := node.SQL
	if node.Kind != KindSQL {
		if err := p.arrive(ctx, db, node, estimators); err != nil {
			return 0, err
		}
		body = "select * from " + arriving
	}
	if _, err := db.Exec(ctx, node.statementFor(node.overridden(body))); err != nil {
		return 0, fmt.Errorf("%s: %w", node.File, warehouse.Scrub(err))
	}
	if node.Kind != KindSQL {
		if _, err := db.Exec(ctx, "drop table "+arriving); err != nil {
			return 0, fmt.Errorf("%s: %w", node.File, warehouse.Scrub(err))
		}
	}
	if err := refuseUnfinite(ctx, db, node, warehouse.Relation(node.Relation)); err != nil {
		return 0, err
	}
	if err := db.One(ctx, "select count(*) from "+warehouse.Relation(node.Relation), nil, &rows); err != nil {
		return 0, fmt.Errorf("count %s: %w", node.Relation, warehouse.Scrub(err))
	}
	return rows, nil
}

// arrive puts the rows of reference data or an estimator into a table, as they come.
func (p *Project) arrive(ctx context.Context, db *warehouse.DB, node *Node, estimators estimator.Registry) error {
	if node.Kind == KindReference {
		reader := referenceReader(node)
		defer reader.Release()
		if err := db.CreateFromArrow(ctx, arriving, "*", reader); err != nil {
			return fmt.Errorf("%s: %w", node.File, warehouse.Scrub(err))
		}
		return nil
	}
	job := estimator.Job{
		Relation: node.Relation, Name: node.Spec.Estimator, Parameters: node.Spec.Parameters, Table: arriving,
		Inputs: make(map[string]estimator.Input, len(node.Spec.Inputs)),
	}
	for name, relation := range node.Spec.Inputs {
		job.Inputs[name] = p.estimatorInput(relation)
	}
	if err := job.Run(ctx, db, estimators); err != nil {
		return fmt.Errorf("%s: %w", node.File, err)
	}
	result, err := describe(ctx, db, "select * from "+arriving)
	if err != nil {
		return fmt.Errorf("%s: %w", node.File, err)
	}
	if differences := differences(node.Spec.Columns, result); len(differences) > 0 {
		return &ContractError{node.Relation, node.File, node.SpecFile, differences}
	}
	return nil
}

// rowsOfAPortion is how many rows of a table an estimator's input holds in memory at once: some hundred megabytes.
const rowsOfAPortion = 500_000

// estimatorInput says how an estimator reads a relation.
func (p *Project) estimatorInput(relation string) estimator.Input {
	input := estimator.Input{Relation: relation}
	columns, _ := p.Columns(relation)
	for _, c := range columns {
		input.Columns = append(input.Columns, c.Name)
	}
	if node := p.Nodes[relation]; node != nil {
		input.OrderBy = node.Order()
		if len(input.OrderBy) > 0 && !node.standsAsView() {
			input.Portion = rowsOfAPortion
		}
	}
	return input
}

// referenceReader gives the rows of reference data as texts; an empty one is NULL.
func referenceReader(node *Node) array.RecordReader {
	fields := make([]arrow.Field, len(node.Spec.Columns))
	for i, c := range node.Spec.Columns {
		fields[i] = arrow.Field{Name: c.Name, Type: arrow.BinaryTypes.String, Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	for i := range fields {
		texts, _ := builder.Field(i).(*array.StringBuilder)
		for _, row := range node.Ref.Rows {
			if row[i] == "" {
				texts.AppendNull()
			} else {
				texts.Append(row[i])
			}
		}
	}
	record := builder.NewRecordBatch()
	defer record.Release()
	reader, _ := array.NewRecordReader(schema, []arrow.RecordBatch{record}) // it fails only for another schema
	return reader
}

// refuseUnfinite refuses NaN and infinity in what is published.
func refuseUnfinite(ctx context.Context, db *warehouse.DB, node *Node, rows string) error {
	query := node.unfinite(rows)
	if query == "" {
		return nil
	}
	var column, key string
	err := db.One(ctx, query, nil, &column, &key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", node.File, warehouse.Scrub(err))
	}
	return fmt.Errorf("%s: column %s is not a number (NaN or infinite) in the row with %s: give NULL and its reason, such as zero_base", node.File, column, key)
}

func createSchemas(ctx context.Context, db *warehouse.DB, steps []Step) error {
	var schemas []string
	for _, step := range steps {
		if schema := step.Node.Schema(); !slices.Contains(schemas, schema) {
			schemas = append(schemas, schema)
		}
	}
	for _, schema := range schemas {
		if _, err := db.Exec(ctx, "create schema if not exists "+warehouse.Ident(schema)); err != nil {
			return fmt.Errorf("create schema %s: %w", schema, warehouse.Scrub(err))
		}
	}
	return nil
}
