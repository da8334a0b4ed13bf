package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/warehouse"
)

// Scaffold makes the project's macros and an empty table for each relation given, with its declared columns, in a
// database of its own: what unit tests and Verify stand on.
func (p *Project) Scaffold(ctx context.Context, db *warehouse.DB, relations []string) error {
	schemas := []string{"_svw"}
	for _, relation := range relations {
		if schema := schemaOf(relation); !slices.Contains(schemas, schema) {
			schemas = append(schemas, schema)
		}
	}
	for _, schema := range schemas {
		if _, err := db.Exec(ctx, "create schema if not exists "+warehouse.Ident(schema)); err != nil {
			return fmt.Errorf("create schema %s: %w", schema, warehouse.Scrub(err))
		}
	}
	for _, relation := range relations {
		columns, ok := p.Columns(relation)
		if !ok || len(columns) == 0 {
			return fmt.Errorf("the columns of %s are not known: declare them in its YAML or contract", relation)
		}
		if _, err := db.Exec(ctx, EmptyTable(relation, columns)); err != nil {
			return fmt.Errorf("create %s: %w", relation, warehouse.Scrub(err))
		}
	}
	return p.createMacros(ctx, db)
}

// EmptyTable is the statement that makes a relation without rows.
func EmptyTable(relation string, columns []Column) string {
	typed := make([]string, len(columns))
	for i, c := range columns {
		typed[i] = warehouse.Ident(c.Name) + " " + normalType(c.Type)
	}
	return "create or replace table " + warehouse.Relation(relation) + " (" + strings.Join(typed, ", ") + ")"
}

// Verify has DuckDB resolve every model, check and query against empty tables: names, types, and what only types can
// tell. It needs no data; a build does the same for what it builds.
func (p *Project) Verify(ctx context.Context) (err error) {
	db, err := warehouse.Open(ctx, "", warehouse.Options{Threads: 1})
	if err != nil {
		return fmt.Errorf("open a database to verify in: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := p.refuseShadowing(ctx, db); err != nil {
		return err
	}
	if err := p.Scaffold(ctx, db, p.relations()); err != nil {
		return err
	}
	var found []error
	for _, relation := range p.Order {
		node := p.Nodes[relation]
		if node.Kind == KindSQL {
			found = append(found, bind(ctx, db, node))
		}
		for _, check := range node.Spec.Checks {
			found = append(found, bindOther(ctx, db, node.SpecFile+": check "+check.Name, check.SQL))
		}
	}
	for _, check := range p.Checks {
		found = append(found, bindOther(ctx, db, check.File, check.SQL))
	}
	for _, query := range p.Queries {
		found = append(found, bindOther(ctx, db, query.File, query.SQL))
	}
	return errors.Join(found...)
}

func bindOther(ctx context.Context, db *warehouse.DB, place, query string) error {
	if _, err := describe(ctx, db, query); err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	return nil
}
