// Package disclosure decides what of the open relations may be shown as it is.
//
// It is a stage and not a model, because it needs every open relation at once,
// with their margins and everything that was ever published. What it finds is
// carried by Masks, which the release applies when it composes its files.
//
// Control of relations about people is not built yet. Until it is, a relation
// with personal content cannot be open at all.
package disclosure

import (
	"context"
	"errors"
	"fmt"
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
	Controlled bool // its definition has a `disclosure:` section: it counts people
}

// Column is one column of a relation, with its class of personal data.
type Column struct {
	Name     string
	Personal string // none (or empty), indirect, direct, special
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

// Ledger is the record of every open cell ever published, which the judgement
// of a relation about people depends on.
type Ledger struct {
	Folder string
}

// Protect judges all open relations together. It refuses relations with
// personal content, since nothing here can make those safe yet; so the ledger
// has no cells to compare with either.
func Protect(ctx context.Context, open []Relation, _ Ledger) (Masks, error) {
	masks := make(Masks, len(open))
	var refused []error
	for _, relation := range open {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("disclosure control: %w", err)
		}
		if err := judge(relation); err != nil {
			refused = append(refused, err)
			continue
		}
		masks[relation.Name] = Mask{}
	}
	if len(refused) > 0 {
		return nil, errors.Join(refused...)
	}
	return masks, nil
}

// judge refuses a relation with personal content. An unknown class counts as
// personal: a misspelt one must not open a relation.
func judge(relation Relation) error {
	where := relation.Name
	if relation.DefinedIn != "" {
		where = relation.DefinedIn + ": " + relation.Name
	}
	for _, column := range relation.Columns {
		if column.Personal != "" && column.Personal != "none" {
			return fmt.Errorf("%s: column %s is personal (%s): %w, so it cannot be open: "+
				"publish it with `tier: restricted`, or leave the column out", where, column.Name, column.Personal, ErrUncontrolled)
		}
	}
	if relation.Controlled {
		return fmt.Errorf("%s: its `disclosure:` section says that it counts people: %w, so it cannot be open: "+
			"publish it with `tier: restricted` for now", where, ErrUncontrolled)
	}
	return nil
}
