package candidate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/release"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// opened is the database in memory in which relations are made of open forms.
const opened = "svw_open_forms"

// openForms makes the relations that are released of open forms, from what
// protection left of those that count people. Nothing is told by them that the
// open tables do not tell: they are made of these and of what is open anyway.
func openForms(ctx context.Context, w *workspace.Workspace, datasets []release.Dataset, masks disclosure.Masks) error {
	at := make(map[string]*release.Dataset, len(datasets))
	for i := range datasets {
		at[datasets[i].Name] = &datasets[i]
	}
	if _, err := w.DB.Exec(ctx, "create schema if not exists _svw; create table if not exists _svw.open_forms (relation varchar primary key, digest varchar)"); err != nil {
		return fmt.Errorf("make open forms: %w", warehouse.Scrub(err))
	}
	var stale []string           // what is to be made, in order
	fresh := map[string]string{} // digests of the relations to be kept, by relation
	for _, form := range w.Project.OpenForms() {
		dataset, forms := at[form.Relation], slices.DeleteFunc(form.Forms, func(f string) bool { return masks[f].Relation == "" })
		if len(forms) == 0 {
			continue // all that it is made of is open as it stands
		}
		// Of what is held no form was made: this stays with it.
		dataset.Held = dataset.Held || slices.ContainsFunc(forms, func(f string) bool { return at[f].Held })
		if dataset.Held {
			masks[form.Relation] = disclosure.Mask{Relation: openFormName(form.Relation), Hash: "held"}
			continue
		}
		digest, err := openFormDigest(dataset.InputsHash, forms, masks)
		if err != nil {
			return err
		}
		masks[form.Relation] = disclosure.Mask{Relation: openFormName(form.Relation), Hash: digest}
		known, err := w.DB.Texts(ctx, "select digest from _svw.open_forms where relation = ?", form.Relation)
		if err != nil {
			return fmt.Errorf("make open forms: %w", warehouse.Scrub(err))
		}
		if slices.Equal(known, []string{digest}) {
			continue
		}
		fresh[form.Relation] = digest
		for _, relation := range form.Made {
			if !slices.Contains(stale, relation) {
				stale = append(stale, relation)
			}
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	w.Env.Tell("protect", fmt.Sprintf("%d tables of open forms", len(fresh)))
	if err := makeOpenForms(ctx, w, stale, fresh, masks); err != nil {
		return fmt.Errorf("make open forms: %w", err)
	}
	return nil
}

// openFormName is where the open form of a relation stands in the build database.
func openFormName(relation string) string {
	return "_svw.open_" + strings.ReplaceAll(relation, ".", "_")
}

func openFormDigest(inputs string, forms []string, masks disclosure.Masks) (string, error) {
	parts := []string{inputs}
	for _, form := range forms {
		parts = append(parts, form, masks[form].Hash)
	}
	data, err := json.Marshal(parts)
	if err != nil {
		return "", fmt.Errorf("make open forms: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// makeOpenForms makes relations in a database of its own, in which what they read
// goes by its name and stands in its open form, and keeps those that are wanted.
func makeOpenForms(ctx context.Context, w *workspace.Workspace, made []string, keep map[string]string, masks disclosure.Masks) (err error) {
	var home string
	if err := w.DB.One(ctx, "select current_database()", nil, &home); err != nil {
		return warehouse.Scrub(err)
	}
	if _, err := w.DB.Exec(ctx, "attach ':memory:' as "+opened); err != nil {
		return warehouse.Scrub(err)
	}
	// The session goes home whatever happened, also when the run was cancelled.
	cleanup := context.WithoutCancel(ctx)
	defer func() {
		_, homeErr := w.DB.Exec(cleanup, "use "+warehouse.Ident(home))
		_, detachErr := w.DB.Exec(cleanup, "detach "+opened)
		err = errors.Join(err, homeErr, detachErr)
	}()
	if _, err := w.DB.Exec(ctx, "use "+opened); err != nil {
		return warehouse.Scrub(err)
	}
	if err := w.Project.Prepare(ctx, w.DB, made); err != nil {
		return err
	}
	there := map[string]bool{}
	for _, relation := range made {
		for _, input := range w.Project.Inputs(relation) {
			if there[input] || slices.Contains(made, input) {
				continue
			}
			there[input] = true
			source := input
			if mask := masks[input].Relation; mask != "" {
				source = mask
			}
			schema, _, _ := strings.Cut(input, ".")
			if _, err := w.DB.Exec(ctx, "create schema if not exists "+warehouse.Ident(schema)+"; create view "+warehouse.Relation(input)+
				" as select * from "+warehouse.Ident(home)+"."+warehouse.Relation(source)); err != nil {
				return fmt.Errorf("open form of %s: %w", input, warehouse.Scrub(err))
			}
		}
	}
	for _, relation := range made {
		if _, err := w.Project.Produce(ctx, w.DB, w.Project.Nodes[relation], nil); err != nil {
			return err
		}
	}
	for relation, digest := range keep {
		target := warehouse.Ident(home) + "." + warehouse.Relation(openFormName(relation))
		if _, err := w.DB.Exec(ctx, "create or replace table "+target+" as select * from "+warehouse.Relation(relation)); err != nil {
			return fmt.Errorf("keep %s: %w", relation, warehouse.Scrub(err))
		}
		if _, err := w.DB.Exec(ctx, "insert or replace into "+warehouse.Ident(home)+"._svw.open_forms values (?, ?)", relation, digest); err != nil {
			return fmt.Errorf("keep %s: %w", relation, warehouse.Scrub(err))
		}
	}
	return nil
}
