package model

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"socialvalue/internal/estimator"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// BuildOptions are what a build needs besides its plan.
type BuildOptions struct {
	Estimators estimator.Registry
	Now        func() time.Time
	Progress   func(Event) // may be nil
	Objects    Objects     // what raw relations lie in; only incremental relations need it
	Store      store.Store // where the day files of incremental relations lie
}

// Built is one relation that was built.
type Built struct {
	Relation string
	Why      string
	Rows     int64
	Seconds  float64
	Before   string   // the fingerprint it had before, "" when it was never built
	Days     []string // of an incremental relation: the days that changed; all others stand as they were
}

// Result is what a build did.
type Result struct {
	Built     []Built
	Unchanged []string
	Dropped   []string
}

// Failure is a relation that could not be built.
type Failure struct {
	Relation string
	File     string
	Err      error
}

// Held is a relation that was not built, because of another that failed.
type Held struct {
	Relation string
	Because  string
}

// PartialError says that some relations failed. Those that depend on them keep their last rows; the others were built.
type PartialError struct {
	Built  []string
	Failed []Failure
	Held   []Held
}

func (e *PartialError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d relations built, %d failed, %d held", len(e.Built), len(e.Failed), len(e.Held))
	for _, f := range e.Failed {
		fmt.Fprintf(&b, "\n%s: %v", f.Relation, f.Err)
	}
	for _, h := range e.Held {
		fmt.Fprintf(&b, "\n%s keeps its last rows because of %s", h.Relation, h.Because)
	}
	return b.String()
}

// Unwrap gives the causes.
func (e *PartialError) Unwrap() []error {
	causes := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		causes[i] = f.Err
	}
	return causes
}

// builder builds the steps of one plan.
type builder struct {
	db      *warehouse.DB
	plan    *Plan
	options BuildOptions
	result  *Result
	partial PartialError
	because map[string]string // relation that failed or is held → the one that failed
}

// Build makes what the plan says, each relation in a transaction of its own. A relation that fails stops its dependents
// alone; then the error is a *PartialError. A cancelled context leaves every relation as it was or as it should be.
func Build(ctx context.Context, db *warehouse.DB, plan *Plan, options BuildOptions) (*Result, error) {
	b := &builder{
		db: db, plan: plan, options: options, because: make(map[string]string),
		result: &Result{Unchanged: plan.Unchanged},
	}
	if err := b.macros(ctx); err != nil {
		return b.result, err
	}
	if err := createSchemas(ctx, db, plan.Steps); err != nil {
		return b.result, err
	}
	for i, step := range plan.Steps {
		if err := b.step(ctx, i, step); err != nil {
			return b.result, err
		}
	}
	if err := b.drop(ctx); err != nil {
		return b.result, err
	}
	if len(b.partial.Failed) > 0 {
		return b.result, &b.partial
	}
	return b.result, nil
}

// macros makes the macros of the project, and drops those that are gone.
func (b *builder) macros(ctx context.Context) error {
	if !b.plan.Macros {
		return nil
	}
	p := b.plan.project
	if err := p.refuseShadowing(ctx, b.db); err != nil {
		return err
	}
	return b.db.InTransaction(ctx, func(ctx context.Context) error {
		for _, name := range sortedKeys(b.plan.macros) {
			if p.Macros[name] == nil {
				if _, err := b.db.Exec(ctx, "drop macro if exists "+warehouse.Ident(name)); err != nil {
					return fmt.Errorf("drop macro %s: %w", name, warehouse.Scrub(err))
				}
			}
		}
		if _, err := b.db.Exec(ctx, "delete from _svw.macros"); err != nil {
			return fmt.Errorf("record macros: %w", warehouse.Scrub(err))
		}
		if err := p.createMacros(ctx, b.db); err != nil {
			return err
		}
		for _, name := range p.MacroOrder {
			if _, err := b.db.Exec(ctx, "insert into _svw.macros values (?, ?)", name, p.Macros[name].SQL()); err != nil {
				return fmt.Errorf("record macro %s: %w", name, warehouse.Scrub(err))
			}
		}
		return nil
	})
}

// Prepare makes the schemas and macros that relations need in the database that is in use.
func (p *Project) Prepare(ctx context.Context, db *warehouse.DB, relations []string) error {
	steps := make([]Step, len(relations))
	for i, relation := range relations {
		steps[i].Node = p.Nodes[relation]
	}
	if err := createSchemas(ctx, db, steps); err != nil {
		return err
	}
	return p.createMacros(ctx, db)
}

func (p *Project) createMacros(ctx context.Context, db *warehouse.DB) error {
	for _, name := range p.MacroOrder {
		if _, err := db.Exec(ctx, p.Macros[name].SQL()); err != nil {
			return fmt.Errorf("%s: create the macro: %w", p.Macros[name].File, warehouse.Scrub(err))
		}
	}
	return nil
}

// refuseShadowing refuses macros that have the name of a function of DuckDB: which of the two is meant would hang on the
// version.
func (p *Project) refuseShadowing(ctx context.Context, db *warehouse.DB) error {
	shadowing, err := db.Texts(ctx, "select distinct function_name from duckdb_functions() where internal and list_contains("+
		warehouse.TextList(p.MacroOrder)+"::varchar[], function_name) order by 1")
	if err != nil {
		return fmt.Errorf("compare macros with DuckDB's functions: %w", warehouse.Scrub(err))
	}
	var problems Problems
	for _, name := range shadowing {
		problems = append(problems, Problem{File: p.Macros[name].File, Text: "DuckDB has a function " + name + " of its own: choose another name"})
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// step builds one relation, or holds it. The error is for what must stop the whole build.
func (b *builder) step(ctx context.Context, i int, step Step) error {
	event := Event{Relation: step.Node.Relation, Step: i + 1, Of: len(b.plan.Steps)}
	for _, input := range step.Node.Inputs {
		if because, held := b.because[input]; held {
			b.because[step.Node.Relation] = because
			b.partial.Held = append(b.partial.Held, Held{step.Node.Relation, because})
			event.State = "held"
			b.tell(event)
			return nil
		}
	}
	event.State = "building"
	b.tell(event)
	began := b.options.Now()
	rows, days, err := b.build(ctx, step, began)
	event.Elapsed = b.options.Now().Sub(began)
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("build %s: %w", step.Node.Relation, ctx.Err())
		}
		b.because[step.Node.Relation] = step.Node.Relation
		b.partial.Failed = append(b.partial.Failed, Failure{step.Node.Relation, step.Node.File, err})
		event.State = "failed"
		b.tell(event)
		return nil
	}
	b.partial.Built = append(b.partial.Built, step.Node.Relation)
	b.result.Built = append(b.result.Built, Built{step.Node.Relation, step.Why, rows, event.Elapsed.Seconds(), step.before, days})
	event.State, event.Rows = "built", rows
	b.tell(event)
	return nil
}

func (b *builder) tell(event Event) {
	if b.options.Progress != nil {
		b.options.Progress(event)
	}
}

// build makes one relation and records it, in one transaction.
func (b *builder) build(ctx context.Context, step Step, began time.Time) (rows int64, days []string, err error) {
	node := step.Node
	if node.Kind == KindSQL {
		if err := bind(ctx, b.db, node); err != nil {
			return 0, nil, err
		}
	}
	err = b.db.InTransaction(ctx, func(ctx context.Context) error {
		if err := b.dropOther(ctx, node); err != nil {
			return err
		}
		if node.DayColumn() != "" {
			rows, days, err = b.buildDays(ctx, step)
		} else {
			rows, err = b.plan.project.Produce(ctx, b.db, node, b.options.Estimators)
		}
		if err != nil {
			return err
		}
		return b.record(ctx, step, rows, began)
	})
	return rows, days, err
}

// dropOther removes a view where a table is to stand, and the reverse: neither replaces the other.
func (b *builder) dropOther(ctx context.Context, node *Node) error {
	stands := b.plan.kinds[node.Relation]
	if stands == "" || (stands == "view") == node.standsAsView() {
		return nil
	}
	if _, err := b.db.Exec(ctx, "drop "+stands+" if exists "+warehouse.Relation(node.Relation)); err != nil {
		return fmt.Errorf("drop the %s %s: %w", stands, node.Relation, warehouse.Scrub(err))
	}
	return nil
}

func (b *builder) record(ctx context.Context, step Step, rows int64, began time.Time) error {
	inputs, err := json.Marshal(step.inputs)
	if err != nil {
		return fmt.Errorf("record the inputs of %s: %w", step.Node.Relation, err)
	}
	kind := "table"
	if step.Node.standsAsView() {
		kind = "view"
	}
	_, err = b.db.Exec(ctx, "insert or replace into _svw.models values (?, ?, ?, ?, ?, ?, ?, ?)", step.Node.Relation, kind,
		step.Fingerprint, step.definition, string(inputs), rows, began.UTC(), b.options.Now().Sub(began).Seconds())
	if err != nil {
		return fmt.Errorf("record %s: %w", step.Node.Relation, warehouse.Scrub(err))
	}
	return nil
}

// drop removes relations whose model is gone.
func (b *builder) drop(ctx context.Context) error {
	for _, relation := range b.plan.Drop {
		err := b.db.InTransaction(ctx, func(ctx context.Context) error {
			if stands := b.plan.kinds[relation]; stands != "" {
				if _, err := b.db.Exec(ctx, "drop "+stands+" if exists "+warehouse.Relation(relation)); err != nil {
					return warehouse.Scrub(err)
				}
			}
			for _, table := range []string{"_svw.days", "_svw.day_objects"} {
				if _, err := b.db.Exec(ctx, "delete from "+table+" where relation = ?", relation); err != nil {
					return warehouse.Scrub(err)
				}
			}
			_, err := b.db.Exec(ctx, "delete from _svw.models where relation = ?", relation)
			return warehouse.Scrub(err)
		})
		if err != nil {
			return fmt.Errorf("drop %s, whose model is gone: %w", relation, err)
		}
		b.result.Dropped = append(b.result.Dropped, relation)
	}
	return nil
}
