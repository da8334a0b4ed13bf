package upkeep

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
	"socialvalue/internal/state"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// Aside lists what was set aside. It needs no lock, and can be asked during a
// run.
func Aside(ctx context.Context, env workspace.Environment) (list []runreport.AsideObject, err error) {
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
	return AsideObjects(env, aside, known), nil
}

// AsideObjects tells what is known of objects that were set aside, from the loads that the state file remembers.
func AsideObjects(env workspace.Environment, aside []load.Aside, known []state.Load) []runreport.AsideObject {
	var list []runreport.AsideObject
	for _, object := range aside {
		told := runreport.AsideObject{Aside: object, Root: env.Site.Root}
		for _, l := range known {
			if object.LoadID == "" || l.ID != object.LoadID {
				continue
			}
			told.Known, told.Source = true, l.Source
			told.Counted, told.FileSHA256 = strings.HasSuffix(l.Status, string(load.StatusActive)), l.SHA256
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
