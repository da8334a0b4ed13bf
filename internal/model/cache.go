package model

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"socialvalue/internal/sqlast"
	"socialvalue/internal/warehouse"
)

// Cache keeps what was found in texts of SQL. Having DuckDB parse sixty models takes longer than all the rest of reading
// a project, and mostly none has changed.
type Cache interface {
	// All gives everything that is kept, by key.
	All(ctx context.Context) (map[string]string, error)
	// Replace keeps these and nothing else.
	Replace(ctx context.Context, found map[string]string) error
}

// DatabaseCache keeps it in the table _svw.parsed of the build database.
type DatabaseCache struct{ DB *warehouse.DB }

// All reads the table.
func (c DatabaseCache) All(ctx context.Context) (map[string]string, error) {
	if _, err := c.DB.Exec(ctx, "create schema if not exists _svw; create table if not exists _svw.parsed (key varchar, found varchar)"); err != nil {
		return nil, fmt.Errorf("prepare the cache of parsed SQL: %w", err)
	}
	all := make(map[string]string)
	err := each(ctx, c.DB, "select key, found from _svw.parsed", func(scan func(...any) error) error {
		var key, found string
		err := scan(&key, &found)
		all[key] = found
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the cache of parsed SQL: %w", err)
	}
	return all, nil
}

// Replace rewrites the table.
func (c DatabaseCache) Replace(ctx context.Context, found map[string]string) error {
	var b strings.Builder
	b.WriteString("create or replace table _svw.parsed as select * from (values ")
	for i, key := range sortedKeys(found) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + warehouse.Text(key) + ", " + warehouse.Text(found[key]) + ")")
	}
	b.WriteString(") as parsed(key, found)")
	if len(found) == 0 {
		b.Reset()
		b.WriteString("delete from _svw.parsed")
	}
	if _, err := c.DB.Exec(ctx, b.String()); err != nil {
		return fmt.Errorf("write the cache of parsed SQL: %w", err)
	}
	return nil
}

// key names a text under the rules it was read by. Which columns are DOUBLE is among them.
func (l *loader) key(p *piece) string {
	if l.types == "" {
		var b strings.Builder
		for _, relation := range l.project.relations() {
			columns, _ := l.project.Columns(relation)
			b.WriteString("\n" + relation)
			for _, c := range columns {
				b.WriteString(" " + c.Name)
				if c.Type == "DOUBLE" {
					b.WriteString(" DOUBLE")
				}
			}
		}
		l.types = digest([]byte(b.String()))
	}
	return digest(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%s", l.options.Engine, l.types, p.rules, p.parsed, p.text))
}

func (l *loader) cached(ctx context.Context) (map[string]*sqlast.Statement, error) {
	if l.options.Cache == nil {
		return map[string]*sqlast.Statement{}, nil
	}
	kept, err := l.options.Cache.All(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[string]*sqlast.Statement, len(kept))
	for key, text := range kept {
		var statement sqlast.Statement
		if json.Unmarshal([]byte(text), &statement) == nil { // what cannot be read is simply not known
			known[key] = &statement
		}
	}
	return known, nil
}

// remember keeps what was found in texts that are sound.
func (l *loader) remember(ctx context.Context) error {
	if l.options.Cache == nil || !l.asked {
		return nil
	}
	keep := make(map[string]string, len(l.pieces))
	for i := range l.pieces {
		p := &l.pieces[i]
		if p.found == nil || len(p.found.Problems) > 0 {
			continue
		}
		text, err := json.Marshal(p.found)
		if err != nil {
			return fmt.Errorf("keep what was found in SQL: %w", err)
		}
		keep[l.key(p)] = string(text)
	}
	return l.options.Cache.Replace(ctx, keep)
}
