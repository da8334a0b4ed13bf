//go:build duckdb_arrow

// Package disclosure decides what of the open relations may be shown as it is.
//
// It is a stage and not a model, because it needs every open relation at once,
// with their margins and everything that was ever published. What it finds is
// carried by Masks, which the release applies when it composes its files.
//
// It withholds conservatively: small counts, what is made from them, and of
// everything else as much as keeps them from being worked out. Where it cannot
// prove that with whole numbers, it withholds more, in the end all that hangs
// together.
package disclosure

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"socialvalue/internal/warehouse"
)

// ErrUncontrolled marks an open relation with personal content that disclosure
// control does not cover.
var ErrUncontrolled = errors.New("personal content that disclosure control does not cover")

// Relation is one relation that is meant to be open.
type Relation struct {
	Name       string // schema.table
	DefinedIn  string // the file that defines it, for messages
	Source     string // relation of the build database that holds its rows
	Key        []string
	Columns    []Column
	InputsHash string // changes with its rows
	Rules      *Rules // its `disclosure:` section: it counts people
	Announced  string // column that says which rows have been announced; only those are open
	AsOf       string // day up to which announcements count, YYYY-MM-DD
	Held       bool   // stays at what was released: its rows are not judged
}

// Mask says what of one relation must not be shown as it is. The zero value
// lets everything through.
type Mask struct {
	// Relation of the build database with the same columns and key, in which the
	// withheld cells are null and the rounded ones rounded. It is read in place of
	// the unprotected one wherever the open name appears.
	Relation string
	// Hash changes whenever the protected content may have changed.
	Hash string
}

// Masks holds a Mask for every relation that Protect has judged. A relation
// without one has not been judged and must not be shown.
type Masks map[string]Mask

// Suppression is one withheld cell.
type Suppression struct {
	Dataset     string
	CellKey     string // KeyText of its row
	Column      string
	Withholding Withholding
	Rule        string
}

// Result is what Protect found.
type Result struct {
	Masks        Masks
	Suppressions []Suppression
	Unbalanced   int // published sums whose rounded parts do not make their rounded total
}

// Protect judges all open relations together, and writes the protected form of
// those that need one into the build database.
func Protect(ctx context.Context, db *warehouse.DB, open []Relation, thresholds Thresholds) (*Result, error) {
	result := &Result{Masks: make(Masks, len(open))}
	var refused []error
	var people []Relation
	for _, relation := range open {
		if err := relation.judge(); err != nil {
			refused = append(refused, err)
			continue
		}
		switch {
		case relation.Held && (relation.Rules != nil || relation.Announced != ""):
			// The files of the current release are taken over, in both forms.
			result.Masks[relation.Name] = Mask{Relation: relation.maskName(), Hash: "held"}
		case relation.Rules != nil:
			people = append(people, relation)
		default:
			result.Masks[relation.Name] = Mask{}
		}
	}
	if err := errors.Join(refused...); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("disclosure control: %w", err)
	}
	if len(people) > 0 {
		if err := result.withhold(ctx, db, people, thresholds.AtLeast(Floor())); err != nil {
			return nil, err
		}
	}
	for _, relation := range open {
		if relation.Announced == "" || relation.Rules != nil || relation.Held {
			continue
		}
		if err := result.announced(ctx, db, relation); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// withhold protects the relations about people, all together.
func (r *Result) withhold(ctx context.Context, db *warehouse.DB, people []Relation, thresholds Thresholds) error {
	slices.SortFunc(people, func(a, b Relation) int { return compareNames(a.Name, b.Name) })
	a, err := assemble(ctx, db, people, thresholds)
	if err != nil {
		return err
	}
	if err := a.protect(ctx); err != nil {
		return err
	}
	shown, unbalanced, err := a.round(ctx, func(v int) int64 { return a.base[a.ofName[v]] })
	if err != nil {
		return err
	}
	r.Unbalanced = unbalanced
	for _, t := range a.tables {
		a.mark(t)
		if err := r.mask(ctx, db, t, shown, thresholds); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
		r.Suppressions = append(r.Suppressions, t.suppressions()...)
	}
	return nil
}

// judge refuses a relation with a personal column. An unknown class counts as
// personal: a misspelt one must not open a relation.
func (r Relation) judge() error {
	for _, column := range r.Columns {
		if column.Personal != "" && column.Personal != "none" {
			return fmt.Errorf("%s: column %s is personal (%s): %w, so it cannot be open: "+
				"publish it with `tier: restricted`, or leave the column out", r.where(), column.Name, column.Personal, ErrUncontrolled)
		}
	}
	if r.Rules == nil {
		return nil
	}
	var wrong []error
	for _, problem := range r.Rules.Check(r.Columns, r.Key) {
		wrong = append(wrong, fmt.Errorf("%s: disclosure: %s: %w", r.where(), problem.Text, ErrUncontrolled))
	}
	return errors.Join(wrong...)
}

// where names a relation for messages.
func (r Relation) where() string {
	if r.DefinedIn == "" {
		return r.Name
	}
	return r.DefinedIn + ": " + r.Name
}
