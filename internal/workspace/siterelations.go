package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"socialvalue/internal/baseline"
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

// siteRelations are the relations of the site's own settings as of now, and of
// what it froze.
func siteRelations(s *site.Site, now time.Time) ([]siteRelation, error) {
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
	frozen, err := frozenValues(s)
	if err != nil {
		return nil, err
	}
	return []siteRelation{area, asOf, frozen, bodies, settings}, nil
}

// frozenValues are the baselines of the site's baseline year: the version that is in force and, marked as superseded,
// those before it, which are kept as they were when a year is stated again. No rows: none was frozen.
func frozenValues(s *site.Site) (siteRelation, error) {
	texts := []string{"indicator_id", "financial_year", "breakdown", "breakdown_value", "iod_edition", "unit", "figure_basis", "null_reason"}
	numbers := []string{"measured_value", "denominator", "ci_low", "ci_high", "bound_low", "bound_high"}
	relation := siteRelation{name: "site.baseline_values"}
	for _, name := range texts {
		relation.columns = append(relation.columns, model.Column{Name: name, Type: "VARCHAR"})
	}
	for _, name := range numbers {
		relation.columns = append(relation.columns, model.Column{Name: name, Type: "DOUBLE"})
	}
	relation.columns = append(relation.columns,
		model.Column{Name: "version", Type: "INTEGER"}, model.Column{Name: "frozen_at", Type: "TIMESTAMPTZ"},
		model.Column{Name: "seal", Type: "VARCHAR"}, model.Column{Name: "software", Type: "VARCHAR"},
		model.Column{Name: "is_superseded", Type: "BOOLEAN"}, model.Column{Name: "reason", Type: "VARCHAR"},
		model.Column{Name: "definition_hash", Type: "VARCHAR"}, model.Column{Name: "inputs_hash", Type: "VARCHAR"},
	)
	seals, err := baseline.List(s.Warehouse.Baselines())
	if err != nil {
		return siteRelation{}, err
	}
	latest, _ := baseline.Latest(seals, s.BaselineYear)
	for _, seal := range seals {
		if seal.Year != s.BaselineYear {
			continue
		}
		frozen, err := baseline.Open(s.Warehouse.Baselines(), seal.Year, seal.Version)
		if err != nil {
			return siteRelation{}, err
		}
		sealed := []string{
			strconv.Itoa(seal.Version), "timestamptz " + warehouse.Text(seal.FrozenAt.UTC().Format(time.RFC3339)),
			warehouse.Text(seal.Seal), warehouse.Text(seal.Software), strconv.FormatBool(seal.Version != latest.Version),
			textOrNull(seal.Reason), textOrNull(seal.HashOf(baseline.DefinitionsFile)), textOrNull(seal.HashOf(baseline.InputsFile)),
		}
		for row := range frozen.Values.Rows {
			cells := make([]string, 0, len(relation.columns))
			for _, column := range append(texts, numbers...) {
				cells = append(cells, frozenLiteral(frozen, row, column))
			}
			relation.rows = append(relation.rows, append(cells, sealed...))
		}
	}
	return relation, nil
}

func frozenLiteral(frozen *baseline.Baseline, row int, column string) string {
	i := frozen.Values.Column(column)
	if i < 0 || frozen.Values.Rows[row][i] == nil {
		return "null"
	}
	return warehouse.Text(*frozen.Values.Rows[row][i])
}

func textOrNull(text string) string {
	if text == "" {
		return "null"
	}
	return warehouse.Text(text)
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
