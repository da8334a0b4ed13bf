package workspace

import (
	"context"
	"fmt"

	"socialvalue/internal/contract"
	"socialvalue/internal/load"
)

// rawObjects tells models which objects of the store the raw relations lie in:
// one for each load.
type rawObjects struct {
	ledger    *load.Ledger
	contracts map[string]*contract.Contract // by relation
}

func (w *Workspace) rawObjects() rawObjects {
	byRelation := make(map[string]*contract.Contract, len(w.Contracts))
	for _, c := range w.Contracts {
		byRelation[c.Relation()] = c
	}
	return rawObjects{w.Ledger, byRelation}
}

// Of lists the loads of a raw relation that count.
func (o rawObjects) Of(relation string) map[string]string {
	c := o.contracts[relation]
	if c == nil {
		return nil
	}
	return o.ledger.Counting(c)
}

// Column is where a raw relation names the load of a row.
func (o rawObjects) Column(string) string { return "_load_id" }

// Select gives the rows of some loads.
func (o rawObjects) Select(ctx context.Context, relation string, loads []string) (string, error) {
	c := o.contracts[relation]
	if c == nil {
		return "", fmt.Errorf("no contract makes %s", relation)
	}
	return o.ledger.Select(ctx, c, loads)
}
