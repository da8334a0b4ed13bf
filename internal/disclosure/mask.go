//go:build duckdb_arrow

package disclosure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/warehouse"
)

// Schema is the schema of the build database that holds protected forms.
const Schema = "_protected"

// cellsTable holds, for the table being masked, what is withheld and rounded.
const cellsTable = Schema + "._cells"

// Version changes when the same rules would withhold other cells.
const Version = 3

// maskName is the relation that holds the protected form.
func (r Relation) maskName() string { return Schema + "." + strings.ReplaceAll(r.Name, ".", "__") }

// mask writes the protected form of a table about people.
func (r *Result) mask(ctx context.Context, db *warehouse.DB, t *table, shown []int64, thresholds Thresholds) error {
	rounded := t.roundedColumns()
	var rows [][]string
	for _, one := range t.rows {
		cells := []string{one.id, strings.Join(t.inOrder(one.hidden), ",")}
		for _, column := range rounded {
			cell := ""
			if v, counted := one.vars[column]; counted {
				cell = strconv.FormatInt(shown[v], 10)
			}
			cells = append(cells, cell)
		}
		rows = append(rows, cells)
	}
	names := []string{"cell_key", "withheld_columns"}
	for _, column := range rounded {
		names = append(names, "shown_"+column)
	}
	if err := createTexts(ctx, db, cellsTable, names, rows); err != nil {
		return err
	}
	statement := "create or replace table " + warehouse.Relation(t.maskName()) + " as select " + strings.Join(t.protectedColumns(), ", ") +
		" from (select o.* replace (" + strings.Join(t.shownCounts(rounded), ", ") + "), m.withheld_columns from " + warehouse.Relation(t.Source) + " as o join " +
		warehouse.Relation(cellsTable) + " as m on m.cell_key = " + KeyText(t.Key) + ") as s;\ndrop table " + warehouse.Relation(cellsTable)
	if _, err := db.Exec(ctx, statement); err != nil {
		return fmt.Errorf("write its protected form: %w", warehouse.Scrub(err))
	}
	hash, err := hashOf(Version, thresholds, t.Rules, rows)
	if err != nil {
		return err
	}
	r.Masks[t.Name] = Mask{Relation: t.maskName(), Hash: hash}
	return nil
}

// announced writes the announced rows of a relation that holds no people.
func (r *Result) announced(ctx context.Context, db *warehouse.DB, relation Relation) error {
	statement := "create schema if not exists " + Schema + ";\ncreate or replace table " + warehouse.Relation(relation.maskName()) + " as select * from " +
		warehouse.Relation(relation.Source) + relation.announcedOnly(" where ")
	if _, err := db.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: write its announced rows: %w", relation.Name, warehouse.Scrub(err))
	}
	hash, err := hashOf(Version, relation.Announced, relation.AsOf)
	if err != nil {
		return err
	}
	r.Masks[relation.Name] = Mask{Relation: relation.maskName(), Hash: hash}
	return nil
}

// roundedColumns are the counts that are published rounded.
func (t *table) roundedColumns() []string {
	var names []string
	for _, count := range t.Rules.Counts {
		if count.rounded() && !slices.Contains(names, count.Column) {
			names = append(names, count.Column)
		}
	}
	return names
}

// inOrder names the withheld columns in the order of the table.
func (t *table) inOrder(hidden map[string]reason) []string {
	var names []string
	for _, column := range t.Columns {
		if _, withheld := hidden[column.Name]; withheld {
			names = append(names, column.Name)
		}
	}
	return names
}

// withheldHere is SQL that is true where a row withholds a column.
func withheldHere(column string) string {
	return "list_contains(string_split(withheld_columns, ','), " + warehouse.Text(column) + ")"
}

// shownCounts are the counts as they are shown: null where withheld, and rounded.
func (t *table) shownCounts(rounded []string) []string {
	counts, _ := t.Rules.measures()
	list := make([]string, len(counts))
	for i, name := range counts {
		value := "o." + warehouse.Ident(name)
		if slices.Contains(rounded, name) {
			value = "coalesce(cast(nullif(m." + warehouse.Ident("shown_"+name) + ", '') as bigint), " + value + ")"
		}
		list[i] = "case when " + withheldHere(name) + " then null else " + value + " end as " + warehouse.Ident(name)
	}
	return list
}

// protectedColumns is the select list of the protected form: withheld cells are
// null, what is made anew (where there is something) is made of the counts that
// are shown, the row names
// what it withholds, and does not say in another way why there is nothing.
func (t *table) protectedColumns() []string {
	_, others := t.Rules.measures()
	list := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		name := "s." + warehouse.Ident(column.Name)
		value := name
		switch {
		case slices.Contains(others, column.Name):
			if again := t.Rules.again(column.Name); again != "" {
				value = "case when " + name + " is not null then " + again + " end"
			}
			value = "case when " + withheldHere(column.Name) + " then null else " + value + " end"
		case column.Name == WithheldColumn:
			value = "nullif(concat_ws(',', " + name + ", nullif(withheld_columns, '')), '')"
		case column.Name == SuppressedColumn && strings.EqualFold(column.Type, "BOOLEAN"):
			value = "coalesce(" + name + ", false) or withheld_columns <> ''"
		case column.Name == "null_reason", column.Name == "null_reasons":
			value = "case when withheld_columns = '' then " + name + " end"
		}
		list[i] = "cast(" + value + " as " + column.Type + ") as " + warehouse.Ident(column.Name)
	}
	return list
}

// createTexts makes a table of texts.
func createTexts(ctx context.Context, db *warehouse.DB, name string, columns []string, rows [][]string) error {
	fields := make([]arrow.Field, len(columns))
	for i, column := range columns {
		fields[i] = arrow.Field{Name: column, Type: arrow.BinaryTypes.String}
	}
	schema := arrow.NewSchema(fields, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	for _, row := range rows {
		for i, cell := range row {
			if texts, ok := builder.Field(i).(*array.StringBuilder); ok {
				texts.Append(cell)
			}
		}
	}
	record := builder.NewRecordBatch()
	defer record.Release()
	reader, err := array.NewRecordReader(schema, []arrow.RecordBatch{record})
	if err != nil {
		return fmt.Errorf("give cells to DuckDB: %w", err)
	}
	defer reader.Release()
	if _, err := db.Exec(ctx, "create schema if not exists "+Schema); err != nil {
		return fmt.Errorf("make a schema for protected forms: %w", err)
	}
	return db.CreateFromArrow(ctx, name, "*", reader)
}

// hashOf is the SHA-256 of values' JSON form.
func hashOf(values ...any) (string, error) {
	data, err := json.Marshal(values)
	if err != nil {
		return "", fmt.Errorf("hash what decides a protected form: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// Families lists relations that are judged together because they count the same
// people: those of one cannot change while another stands still.
func Families(open []Relation) [][]string {
	family := map[string]string{} // of → first relation
	group := map[string]string{}
	find := func(name string) string {
		for group[name] != name {
			name = group[name]
		}
		return name
	}
	for _, relation := range open {
		if relation.Rules == nil {
			continue
		}
		group[relation.Name] = relation.Name
		for _, count := range relation.Rules.Counts {
			of := count.of(relation.Name)
			if first, known := family[of]; known {
				group[find(relation.Name)] = find(first)
			} else {
				family[of] = relation.Name
			}
		}
	}
	members := map[string][]string{}
	for name := range group {
		members[find(name)] = append(members[find(name)], name)
	}
	var families [][]string
	for _, root := range slices.Sorted(maps.Keys(members)) {
		slices.Sort(members[root])
		families = append(families, members[root])
	}
	return families
}
