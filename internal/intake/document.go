package intake

import (
	"errors"
	"maps"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/pseudonym"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// What a run loads and what is only tried is read and refused in the same way.

// LoadSource is a source as loading knows it.
func LoadSource(e workspace.Environment, source site.Source, c *contract.Contract, key *pseudonym.Key) load.Source {
	from := load.Source{
		Name: source.Name, Body: source.Body, Contract: c, Layouts: source.Layouts,
		Constants: maps.Clone(source.Set), OverlapByRow: source.Overlap == site.OverlapByRow, Key: key,
	}
	if source.Password != "" {
		from.Password = func() (string, error) { return e.ReadSecret(source.Password) }
	}
	return from
}

// Claimed is what the name of a document says of it.
func Claimed(source site.Source, document landing.Document) (load.File, site.Claim, error) {
	claim, err := source.Claim(document.Name)
	if err != nil {
		return load.File{}, claim, err
	}
	file := load.File{Name: document.Name, Constants: claim.Constants}
	if claim.HasPeriod() {
		file.PeriodStart = claim.PeriodStart.Format(time.DateOnly)
		file.PeriodEnd = claim.PeriodEnd.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return file, claim, nil
}

// RefusalOf is what is wrong with a file; nil when the trouble is the machine's.
func RefusalOf(err error) *load.Refusal {
	var landed *landing.Refusal
	var loaded *load.Refusal
	switch {
	case errors.As(err, &landed):
		return &load.Refusal{File: landed.File, Line: landed.Line, Reason: landed.Reason, Remedy: landed.Remedy}
	case errors.As(err, &loaded):
		return loaded
	}
	return nil
}
