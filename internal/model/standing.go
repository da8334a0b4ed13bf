package model

import (
	"context"

	"socialvalue/internal/warehouse"
)

// Standing is what was built, as a plan needs to know it.
type Standing struct {
	MadeBy    string                      `json:"made_by,omitempty"` // version of the program and of DuckDB
	Relations map[string]StandingRelation `json:"relations"`
	Macros    map[string]string           `json:"macros"` // texts by name
}

// StandingRelation is what the database knows of a relation.
type StandingRelation struct {
	Fingerprint string            `json:"fingerprint"` // empty: it is not of the project
	Definition  string            `json:"definition"`
	Inputs      map[string]string `json:"inputs,omitempty"` // their fingerprints
	Stands      string            `json:"stands"`           // table, view, or empty when there is none
}

// ReadStanding reads what was built into db.
func ReadStanding(ctx context.Context, db *warehouse.DB) (*Standing, error) {
	relations, err := readBuilt(ctx, db)
	if err != nil {
		return nil, err
	}
	macros, err := readMacros(ctx, db)
	if err != nil {
		return nil, err
	}
	return &Standing{Relations: relations, Macros: macros}, nil
}
