package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"socialvalue/internal/model"
	"socialvalue/internal/site"
	"socialvalue/internal/warehouse"
)

// siteRelation is one table made from svw.yaml: parameters are ordinary
// relations, so that a change of one rebuilds what reads it and nothing else.
type siteRelation struct {
	name    string
	columns []model.Column
	rows    [][]string // SQL literals
}

// SiteRelations are the relations of the site's own settings as of now.
func SiteRelations(s *site.Site, now time.Time) []siteRelation {
	area := siteRelation{name: "site.area", columns: []model.Column{
		{Name: "area_name", Type: "VARCHAR"}, {Name: "lad_code", Type: "VARCHAR"},
	}}
	for _, code := range s.Area.LADCodes {
		area.rows = append(area.rows, []string{warehouse.Text(s.Area.Name), warehouse.Text(code)})
	}
	bodies := siteRelation{name: "site.bodies", columns: []model.Column{
		{Name: "body_code", Type: "VARCHAR"}, {Name: "body_name", Type: "VARCHAR"}, {Name: "role", Type: "VARCHAR"},
	}}
	for _, body := range s.Bodies {
		bodies.rows = append(bodies.rows, []string{warehouse.Text(body.Code), warehouse.Text(body.Name), warehouse.Text(body.Role)})
	}
	asOf := siteRelation{
		name: "site.as_of", columns: []model.Column{{Name: "as_of", Type: "DATE"}},
		rows: [][]string{{"date " + warehouse.Text(s.AsOf(now).Format(time.DateOnly))}},
	}
	settings := siteRelation{
		name: "site.settings",
		columns: []model.Column{
			{Name: "site_name", Type: "VARCHAR"},
			{Name: "baseline_year", Type: "VARCHAR"},
			{Name: "time_zone", Type: "VARCHAR"},
			{Name: "financial_year_start_month", Type: "INTEGER"},
			{Name: "financial_year_start_day", Type: "INTEGER"},
		},
		rows: [][]string{{
			warehouse.Text(s.Name), warehouse.Text(s.BaselineYear), warehouse.Text(s.TimeZone),
			fmt.Sprint(int(s.FinancialYearStart.Month)), fmt.Sprint(s.FinancialYearStart.Day),
		}},
	}
	return []siteRelation{area, asOf, bodies, settings}
}

// sql creates the table.
func (r siteRelation) sql() string {
	var b strings.Builder
	b.WriteString("create or replace table " + warehouse.Relation(r.name) + " (")
	for i, column := range r.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(warehouse.Ident(column.Name) + " " + column.Type)
	}
	b.WriteString(")")
	for i, row := range r.rows {
		if i == 0 {
			b.WriteString(";\ninsert into " + warehouse.Relation(r.name) + " values ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString("(" + strings.Join(row, ", ") + ")")
	}
	return b.String()
}

// fingerprint identifies the relation's content.
func (r siteRelation) fingerprint() string {
	sum := sha256.Sum256([]byte(r.sql()))
	return hex.EncodeToString(sum[:16])
}

// makeSiteRelations makes the tables of the site's settings.
func makeSiteRelations(ctx context.Context, db *warehouse.DB, relations []siteRelation) error {
	statements := []string{"create schema if not exists site"}
	for _, relation := range relations {
		statements = append(statements, relation.sql())
	}
	if _, err := db.Exec(ctx, strings.Join(statements, ";\n")); err != nil {
		return fmt.Errorf("make the site's relations: %w", err)
	}
	return nil
}
