//go:build duckdb_arrow

package disclosure

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/warehouse"
)

// table is a relation about people as it stands in the build database, with
// what the rules speak of.
type table struct {
	Relation
	rows []row
}

// row is one row of it. Texts are the values of its key, "" for null.
type row struct {
	id     string // KeyText
	key    map[string]string
	labels map[string]string // the key, and other columns that counts are told by
	open   bool              // the model has not chosen to withhold it
	counts map[string]sql.NullInt64
	empty  map[string]bool // columns that are null
	vars   map[string]int  // count column → variable
	hidden map[string]reason
}

// reason says why a cell is withheld.
type reason struct {
	how  Withholding
	rule string
}

// KeyText is SQL that writes the key of a row as a JSON object, the same for
// the same key wherever it stands.
func KeyText(key []string) string {
	parts := make([]string, len(key))
	for i, name := range key {
		parts[i] = warehouse.Ident(name) + " := cast(" + warehouse.Ident(name) + " as varchar)"
	}
	return "cast(to_json(struct_pack(" + strings.Join(parts, ", ") + ")) as varchar)"
}

// readTable reads the rows of a relation about people.
func readTable(ctx context.Context, db *warehouse.DB, relation Relation) (read *table, err error) {
	counts, others := relation.Rules.measures()
	labels := relation.Rules.labels(relation.Key)
	shown := "true"
	if relation.Rules.ShownWhere != "" {
		shown = "coalesce(" + warehouse.Ident(relation.Rules.ShownWhere) + ", false)"
	}
	selected := []string{KeyText(relation.Key), shown}
	for _, name := range labels {
		selected = append(selected, "coalesce(cast("+warehouse.Ident(name)+" as varchar), '')")
	}
	for _, name := range counts {
		selected = append(selected, "cast("+warehouse.Ident(name)+" as bigint)")
	}
	for _, name := range others {
		selected = append(selected, warehouse.Ident(name)+" is null")
	}
	rows, err := db.Query(ctx, "select "+strings.Join(selected, ", ")+" from "+warehouse.Relation(relation.Source)+relation.announcedOnly(" where ")+" order by 1")
	if err != nil {
		return nil, fmt.Errorf("%s: read it: %w", relation.Name, warehouse.Scrub(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	read = &table{Relation: relation}
	texts, numbers, nulls := make([]string, len(labels)), make([]sql.NullInt64, len(counts)), make([]bool, len(others))
	var id string
	var open bool
	into := []any{&id, &open}
	for i := range texts {
		into = append(into, &texts[i])
	}
	for i := range numbers {
		into = append(into, &numbers[i])
	}
	for i := range nulls {
		into = append(into, &nulls[i])
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("%s: read it: %w", relation.Name, warehouse.Scrub(err))
		}
		one := row{
			id: id, open: open, key: map[string]string{}, labels: map[string]string{}, counts: map[string]sql.NullInt64{}, empty: map[string]bool{},
			vars: map[string]int{}, hidden: map[string]reason{},
		}
		for i, name := range labels {
			one.labels[name] = texts[i]
			if i < len(relation.Key) {
				one.key[name] = texts[i]
			}
		}
		for i, name := range counts {
			one.counts[name], one.empty[name] = numbers[i], !numbers[i].Valid
			if numbers[i].Valid && numbers[i].Int64 < 0 {
				return nil, fmt.Errorf("%s: %s counts fewer than no people in a row: mend the model", relation.where(), name)
			}
		}
		for i, name := range others {
			one.empty[name] = nulls[i]
		}
		read.rows = append(read.rows, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: read it: %w", relation.Name, warehouse.Scrub(err))
	}
	for i := 1; i < len(read.rows); i++ {
		if read.rows[i].id == read.rows[i-1].id {
			return nil, fmt.Errorf("%s: two rows have one key: mend the model", relation.where())
		}
	}
	return read, nil
}

// announcedOnly keeps the rows that have been announced, where the relation
// says by which column.
func (r Relation) announcedOnly(prefix string) string {
	if r.Announced == "" {
		return ""
	}
	for _, column := range r.Columns {
		if column.Name == r.Announced && strings.EqualFold(column.Type, "DATE") {
			return prefix + "coalesce(" + warehouse.Ident(r.Announced) + " <= date " + warehouse.Text(r.AsOf) + ", false)"
		}
	}
	return prefix + "coalesce(" + warehouse.Ident(r.Announced) + ", false)"
}

// holds says whether a row has one of the values asked for in each column.
func (r row) holds(when map[string][]string) bool {
	for name, values := range when {
		if !slices.Contains(values, r.labels[name]) {
			return false
		}
	}
	return true
}

// parents reads which part belongs to which whole.
func parents(ctx context.Context, db *warehouse.DB, through Through) (found map[string]string, err error) {
	rows, err := db.Query(ctx, "select distinct cast("+warehouse.Ident(through.Part)+" as varchar), cast("+warehouse.Ident(through.Whole)+" as varchar) from "+
		warehouse.Relation(through.Relation)+" where "+warehouse.Ident(through.Part)+" is not null and "+warehouse.Ident(through.Whole)+" is not null order by 1, 2")
	if err != nil {
		return nil, fmt.Errorf("read what is part of what in %s: %w", through.Relation, warehouse.Scrub(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	found = map[string]string{}
	for rows.Next() {
		var part, whole string
		if err := rows.Scan(&part, &whole); err != nil {
			return nil, fmt.Errorf("read what is part of what in %s: %w", through.Relation, err)
		}
		if other, twice := found[part]; twice && other != whole {
			return nil, fmt.Errorf("%s: a part belongs to two wholes, so nothing adds up through it: give one of them", through.Relation)
		}
		found[part] = whole
	}
	return found, rows.Err()
}
