package inspect

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"socialvalue/internal/load"
	"socialvalue/internal/state"
	"socialvalue/internal/store"
	"socialvalue/internal/workspace"
)

// LoadStatus is a load with what other loads make of it.
type LoadStatus struct {
	*load.Record
	Duplicates int64    `json:"duplicates"`           // rows that do not count because a copy in another file does
	Configured bool     `json:"configured"`           // the site still has its source
	Supersedes []string `json:"supersedes,omitempty"` // loads that do not count because of this one
}

// LoadFilter says which loads are listed; what is empty does not filter.
type LoadFilter struct {
	Source string
	File   string // a part of the file's name
	Status load.Status
}

// Loads lists the loads in the order of their sources, files and reading. It
// needs no lock, and can be asked during a run.
func Loads(ctx context.Context, env workspace.Environment, filter LoadFilter) ([]LoadStatus, error) {
	records, err := load.Notes(store.New(env.Site.Warehouse.Store()))
	if err != nil {
		return nil, err
	}
	duplicates, err := copiedDuplicates(ctx, env)
	if err != nil {
		return nil, err
	}
	supersedes := map[string][]string{}
	for _, record := range records {
		if record.SupersededBy != "" {
			supersedes[record.SupersededBy] = append(supersedes[record.SupersededBy], record.ID)
		}
	}
	list := []LoadStatus{}
	for _, record := range records {
		if filter.Source != "" && record.Source != filter.Source || filter.Status != "" && record.Status != filter.Status ||
			!strings.Contains(load.Label(record), filter.File) {
			continue
		}
		_, configured := env.Site.Source(record.Source)
		list = append(list, LoadStatus{
			Record: record, Duplicates: duplicates[record.ID], Configured: configured, Supersedes: supersedes[record.ID],
		})
	}
	slices.SortStableFunc(list, func(a, b LoadStatus) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(load.Label(a.Record), load.Label(b.Record)), a.ReceivedAt.Compare(b.ReceivedAt))
	})
	return list, nil
}

// copiedDuplicates are the counts of duplicate rows in the state file's copy of
// the ledger, by load.
func copiedDuplicates(ctx context.Context, env workspace.Environment) (counts map[string]int64, err error) {
	counts = map[string]int64{}
	if _, err := os.Stat(env.Site.Warehouse.StateDB()); errors.Is(err, fs.ErrNotExist) {
		return counts, nil
	}
	db, err := state.Open(ctx, env.Site.Warehouse.StateDB())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	loads, err := db.Loads(ctx)
	if err != nil {
		return nil, err
	}
	for _, copied := range loads {
		counts[copied.ID] = copied.RowsDuplicate
	}
	return counts, nil
}
