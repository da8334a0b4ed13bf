package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"socialvalue/internal/warehouse"
)

// The reasons for building a relation.
const (
	WhyNew        = "new"
	WhyForced     = "asked for in full"
	WhyDefinition = "its definition changed"
	WhyMissing    = "its table is missing"
)

// Step is one relation to build.
type Step struct {
	Node        *Node
	Fingerprint string
	Why         string
	definition  string
	inputs      map[string]string
	before      string // fingerprint as it stands; "" when it was never built
	full        bool   // also what has not changed of it
}

// Plan is what a build would do. Relations read and not built are as they were.
type Plan struct {
	Steps     []Step   // in the order they are built
	Unchanged []string // in the order they would be built
	Drop      []string // relations whose model is gone
	Macros    bool     // the macros in the database are not the project's

	project      *Project
	versions     Versions
	fingerprints map[string]string
	kinds        map[string]string // relation → "table" or "view", as it stands in the database
	macros       map[string]string // as they stand in the database
}

// PlanOptions bound a plan.
type PlanOptions struct {
	Outside map[string]string // fingerprints of the relations made elsewhere, raw.* and site.*
	Engine  string            // version of this program
	Only    []string          // build these and, where they changed, those they are made from; empty means all
	Full    bool              // build what has not changed, too (of Only, where given)
	// Standing is what was built, where another process has the database; nil: it is read from there.
	Standing *Standing
}

// Plan compares the project with what was built into db.
func (p *Project) Plan(ctx context.Context, db *warehouse.DB, options PlanOptions) (*Plan, error) {
	duckDB, err := db.Version(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask DuckDB's version: %w", err)
	}
	versions := Versions{Engine: options.Engine, DuckDB: duckDB}
	fingerprints, err := p.Fingerprints(options.Outside, versions)
	if err != nil {
		return nil, err
	}
	standing := options.Standing
	if standing == nil {
		if err := prepare(ctx, db); err != nil {
			return nil, err
		}
		if standing, err = ReadStanding(ctx, db); err != nil {
			return nil, err
		}
	}
	built := standing.Relations
	plan := &Plan{project: p, versions: versions, fingerprints: fingerprints, kinds: make(map[string]string), macros: standing.Macros}
	plan.Macros = !maps.Equal(plan.macros, p.macroTexts())
	chosen := p.chosen(options.Only)
	stale := make(map[string]bool)
	for _, relation := range p.Order {
		before := built[relation]
		plan.kinds[relation] = before.Stands
		step, why, err := p.step(relation, before, fingerprints, versions, options.Full && chosen[relation] == asked, stale)
		if err != nil {
			return nil, err
		}
		switch {
		case chosen[relation] == no:
		case why == "":
			plan.Unchanged = append(plan.Unchanged, relation)
		default:
			stale[relation] = true
			plan.Steps = append(plan.Steps, step)
		}
	}
	for _, relation := range sortedKeys(built) {
		if p.Nodes[relation] == nil && built[relation].Fingerprint != "" {
			plan.Drop = append(plan.Drop, relation)
			plan.kinds[relation] = built[relation].Stands
		}
	}
	return plan, nil
}

// What is asked of a relation in a plan.
const (
	no     = iota // left as it is
	needed        // built where it changed, because one that is asked for is made from it
	asked
)

// chosen says what is asked of every relation.
func (p *Project) chosen(only []string) map[string]int {
	chosen := make(map[string]int, len(p.Order))
	if len(only) == 0 {
		only = p.Order
	}
	for _, relation := range p.Ancestors(only...) {
		chosen[relation] = needed
	}
	for _, relation := range only {
		chosen[relation] = asked
	}
	return chosen
}

// step says why a relation must be built; "" when it must not.
func (p *Project) step(relation string, before StandingRelation, fingerprints map[string]string, versions Versions, full bool, stale map[string]bool) (Step, string, error) {
	node := p.Nodes[relation]
	own, err := p.definitionOf(node, versions)
	if err != nil {
		return Step{}, "", err
	}
	step := Step{Node: node, Fingerprint: fingerprints[relation], definition: own, inputs: inputFingerprints(node, fingerprints), before: before.Fingerprint, full: full}
	switch changed := changedInputs(before.Inputs, step.inputs); {
	case before.Fingerprint == "":
		step.Why = WhyNew
	case before.Stands == "":
		step.Why = WhyMissing
	case before.Definition != own:
		step.Why = WhyDefinition
	case len(changed) > 0:
		step.Why = strings.Join(changed, ", ") + " changed"
	case before.Fingerprint != step.Fingerprint:
		step.Why = WhyDefinition
	case full:
		step.Why = WhyForced
	default:
		// An input that is built again for another reason (its table was missing) may hold other rows.
		for _, input := range node.Inputs {
			if stale[input] {
				step.Why = input + " is built again"
			}
		}
	}
	return step, step.Why, nil
}

// prepare makes the engine's own tables.
func prepare(ctx context.Context, db *warehouse.DB) error {
	if _, err := db.Exec(ctx, `
create schema if not exists _svw;
create table if not exists _svw.models (
    relation varchar primary key,
    kind varchar not null,
    fingerprint varchar not null,
    definition varchar not null,
    inputs varchar not null,
    row_count bigint not null,
    built_at timestamp not null,
    seconds double not null
);
create table if not exists _svw.macros (name varchar primary key, sql_text varchar not null);
create table if not exists _svw.days (
    relation varchar not null,
    day date not null,
    fingerprint varchar not null,
    object_sha256 varchar not null,
    bytes bigint not null,
    row_count bigint not null,
    primary key (relation, day)
);
create table if not exists _svw.day_objects (relation varchar not null, object varchar not null, fingerprint varchar not null, days varchar not null)`); err != nil {
		return fmt.Errorf("prepare the engine's tables: %w", err)
	}
	return nil
}

func readBuilt(ctx context.Context, db *warehouse.DB) (map[string]StandingRelation, error) {
	all := make(map[string]StandingRelation)
	err := each(ctx, db, "select relation, fingerprint, definition, inputs from _svw.models", func(scan func(...any) error) error {
		var relation, inputs string
		var b StandingRelation
		if err := scan(&relation, &b.Fingerprint, &b.Definition, &inputs); err != nil {
			return err
		}
		all[relation] = b
		if err := json.Unmarshal([]byte(inputs), &b.Inputs); err != nil {
			return fmt.Errorf("inputs of %s: %w", relation, err)
		}
		all[relation] = b
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what was built: %w", err)
	}
	err = each(ctx, db, `
select schema_name || '.' || table_name, 'table' from duckdb_tables() where database_name = current_database()
union all
select schema_name || '.' || view_name, 'view' from duckdb_views() where not internal and database_name = current_database()`,
		func(scan func(...any) error) error {
			var relation, kind string
			if err := scan(&relation, &kind); err != nil {
				return err
			}
			b := all[relation]
			b.Stands = kind
			all[relation] = b
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read which tables stand: %w", err)
	}
	return all, nil
}

// BuiltFingerprints gives the fingerprint of every relation as it stands, which is an older one where a build failed.
func BuiltFingerprints(ctx context.Context, db *warehouse.DB) (map[string]string, error) {
	if err := prepare(ctx, db); err != nil {
		return nil, err
	}
	all, err := readBuilt(ctx, db)
	if err != nil {
		return nil, err
	}
	fingerprints := make(map[string]string, len(all))
	for relation, b := range all {
		if b.Fingerprint != "" && b.Stands != "" {
			fingerprints[relation] = b.Fingerprint
		}
	}
	return fingerprints, nil
}

// readMacros gives the macros the database holds, by name.
func readMacros(ctx context.Context, db *warehouse.DB) (map[string]string, error) {
	macros := make(map[string]string)
	err := each(ctx, db, "select name, sql_text from _svw.macros", func(scan func(...any) error) error {
		var name, text string
		err := scan(&name, &text)
		macros[name] = text
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read which macros stand: %w", err)
	}
	return macros, nil
}

// each scans every row of a query.
func each(ctx context.Context, db *warehouse.DB, query string, row func(scan func(...any) error) error) (err error) {
	rows, err := db.Query(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Event tells how a build goes on.
type Event struct {
	Relation string
	Step, Of int
	State    string // building, built, failed or held
	Rows     int64
	Elapsed  time.Duration
}
