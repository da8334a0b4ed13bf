package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"socialvalue/internal/load"
	"socialvalue/internal/state"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// AsideObject is a part of the record that no load names, and that was set aside
// for that. Its rows do not count.
type AsideObject struct {
	load.Aside
	Known      bool   `json:"was_loaded"`       // the state file remembers its load
	Counted    bool   `json:"did_count"`        // and that its rows counted
	Source     string `json:"source,omitempty"` // of a known load
	Landed     string `json:"landed,omitempty"` // the file as received, of a known load, where it is still kept
	fileSHA256 string
	root       string // of the site
}

// String says what it is.
func (a AsideObject) String() string {
	what := "rows"
	if a.Relation == load.QuarantineRelation {
		what = "reasons of the quarantine"
	}
	at := a.Path
	if relative, err := filepath.Rel(a.root, at); err == nil {
		at = relative
	}
	switch {
	case a.Damaged:
		return at + " cannot be read, and no load names it"
	case a.LoadID == "":
		return at + " holds no rows, and no load names it"
	case a.Known:
		return fmt.Sprintf("%s: %d %s of %s, which was loaded; the note of its load, store/_loads/%s.json, is gone", at, a.Rows, what, a.File, a.LoadID)
	}
	return fmt.Sprintf("%s: %d %s of %s, which no load names: a run was stopped while it took them in", at, a.Rows, what, a.File)
}

// Remedy says what to do about it.
func (a AsideObject) Remedy() string {
	switch {
	case a.Damaged, a.LoadID == "":
		return "look whether a backup has it whole; if nobody misses it, delete it by hand"
	case !a.Known:
		return "put the file into drop/ again, where its source looks, and run; if it is not wanted, delete the object by hand"
	}
	again := "or ask the sender for the file"
	if a.Landed != "" {
		again = "or copy " + a.Landed + " there under its old name"
	}
	return "copy the note from a backup and run; without one put the file into drop/ again, where source " + a.Source + " looks (" + again +
		"); if its rows are not wanted any more, delete the object by hand"
}

// holdLost keeps what is made of rows that counted, and were lost with the note of
// their load, at its last released content: figures must not shrink because a file
// of ours is gone.
func (w *workspace) holdLost(report *Report, held map[string]bool) {
	for _, object := range report.Aside {
		if !object.Counted || object.Relation == load.QuarantineRelation {
			continue
		}
		for _, relation := range w.project.Descendants(object.Relation) {
			if held[relation] {
				continue
			}
			held[relation] = true
			reason := "rows of " + object.Relation + " were set aside: see svw status"
			at := slices.IndexFunc(report.Models, func(m ModelReport) bool { return m.Relation == relation })
			if at < 0 {
				report.Models = append(report.Models, ModelReport{Relation: relation, Status: StatusHeld, Reason: reason})
				continue
			}
			report.Models[at].Status, report.Models[at].Reason = StatusHeld, reason
		}
	}
}

// Aside lists what was set aside. It needs no lock, and can be asked during a
// run.
func Aside(ctx context.Context, env Environment) (list []AsideObject, err error) {
	st := store.New(env.Site.Warehouse.Store())
	objects, err := st.Aside()
	if err != nil || len(objects) == 0 {
		return nil, err
	}
	db, err := warehouse.Open(ctx, "", warehouse.Options{Threads: 1, MemoryLimit: env.Site.DuckDB.MemoryLimit.Text})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	aside, err := load.AsideObjects(ctx, db, st)
	if err != nil {
		return nil, err
	}
	var known []state.Load
	if _, err := os.Stat(env.Site.Warehouse.StateDB()); err == nil {
		remembered, err := state.Open(ctx, env.Site.Warehouse.StateDB())
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, remembered.Close()) }()
		if known, err = remembered.Loads(ctx); err != nil {
			return nil, err
		}
	}
	return asideObjects(env, aside, known), nil
}

func asideObjects(env Environment, aside []load.Aside, known []state.Load) []AsideObject {
	var list []AsideObject
	for _, object := range aside {
		told := AsideObject{Aside: object, root: env.Site.Root}
		for _, l := range known {
			if object.LoadID == "" || l.ID != object.LoadID {
				continue
			}
			told.Known, told.Source = true, l.Source
			told.Counted, told.fileSHA256 = strings.HasSuffix(l.Status, string(load.StatusActive)), l.SHA256
			landed := filepath.Join(env.Site.Warehouse.Landing(), l.Source, l.SHA256)
			if _, err := os.Stat(landed); err == nil {
				told.Landed = landed
				if relative, err := filepath.Rel(env.Site.Root, landed); err == nil {
					told.Landed = relative
				}
			}
		}
		list = append(list, told)
	}
	return list
}

// tellAside reports what stays aside when everything that came in is in the
// record.
func (w *workspace) tellAside(ctx context.Context, report *Report) error {
	aside, err := w.ledger.Reconcile(ctx)
	if err != nil || len(aside) == 0 {
		return err
	}
	known, err := w.state.Loads(ctx)
	if err != nil {
		return err
	}
	report.Aside = asideObjects(w.env, aside, known)
	for i := range report.Aside {
		object := &report.Aside[i]
		if slices.ContainsFunc(w.ledger.Records(""), func(r *load.Record) bool { return r.Source == object.Source && r.FileSHA256 == object.fileSHA256 }) {
			object.Counted = false // its file was read again in another way
		}
	}
	return nil
}

// LostNote is a load that the state file remembers and the store knows no more:
// its note and the build database are gone.
type LostNote struct {
	LoadID string `json:"load_id"`
	Source string `json:"source"`
	File   string `json:"file"`
	Status string `json:"status"` // as it was
}

// String says what is lost and what becomes of it.
func (l LostNote) String() string {
	text := fmt.Sprintf("the note of load %.12s of %s (source %s, %s) is gone from store/_loads", l.LoadID, l.File, l.Source, l.Status)
	if l.Status == string(load.StatusReverted) {
		return text + ", and that it was reverted with it: copy the note from a backup, or revert the file again if it is loaded again"
	}
	return text + ": copy it from a backup; a file in drop/ is read again by itself"
}

// tellLost reports loads of which nothing but the state file knows.
func (w *workspace) tellLost(ctx context.Context, report *Report) error {
	known, err := w.state.Loads(ctx)
	if err != nil {
		return err
	}
	for _, l := range known {
		if !isCleared(l.Status) && w.ledger.Get(l.ID) == nil {
			report.Lost = append(report.Lost, LostNote{l.ID, l.Source, l.Name, l.Status})
		}
	}
	return nil
}
