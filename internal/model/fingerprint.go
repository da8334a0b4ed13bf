package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Versions are what every result hangs on besides its own text and inputs.
type Versions struct {
	Engine string
	DuckDB string
}

// definition is everything of a node that changes its rows, its inputs' rows apart. Field names are part of what is
// hashed, so renaming one rebuilds everything once.
type definition struct {
	Kind       Kind
	SQL        string            `json:",omitempty"` // as DuckDB parses it
	Macros     []string          `json:",omitempty"`
	Columns    [][2]string       // name and type, in order
	Order      []string          `json:",omitempty"`
	View       bool              `json:",omitempty"`
	Published  bool              `json:",omitempty"` // DOUBLE columns are rounded
	Rows       string            `json:",omitempty"` // digest of reference data
	Estimator  string            `json:",omitempty"`
	Inputs     map[string]string `json:",omitempty"`
	Parameters map[string]any    `json:",omitempty"`
	Days       []string          `json:",omitempty"` // column, input and expression of an incremental relation's days
	Versions   Versions
}

// definitionOf hashes what a node says of its rows.
func (p *Project) definitionOf(node *Node, versions Versions) (string, error) {
	d := definition{
		Kind: node.Kind, Order: node.Order(), View: node.IsView(), Published: node.Spec.Publish.IsPublished(),
		Rows: node.Ref.Digest, Estimator: node.Spec.Estimator, Inputs: node.Spec.Inputs, Parameters: node.Spec.Parameters,
		Versions: versions,
	}
	if node.statement != nil {
		d.SQL = node.statement.Canonical
	}
	d.Macros = p.MacroTexts(node.Macros)
	if column := node.DayColumn(); column != "" {
		d.Days = append([]string{column, node.Spec.Days.From, node.Spec.Days.canonical}, p.MacroTexts(node.Spec.Days.macros)...)
	}
	for _, c := range node.Spec.Columns {
		d.Columns = append(d.Columns, [2]string{c.Name, normalType(c.Type)})
	}
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("%s: parameters: %w", node.SpecFile, err)
	}
	return digest(text), nil
}

// Fingerprints says for every relation what its rows hang on: two equal fingerprints mean equal rows. outside gives
// those of the relations made elsewhere.
func (p *Project) Fingerprints(outside map[string]string, versions Versions) (map[string]string, error) {
	fingerprints := make(map[string]string, len(p.Nodes)+len(outside))
	for relation, fingerprint := range outside {
		fingerprints[relation] = fingerprint
	}
	for _, relation := range p.Order {
		node := p.Nodes[relation]
		own, err := p.definitionOf(node, versions)
		if err != nil {
			return nil, err
		}
		sum := sha256.New()
		fmt.Fprintf(sum, "%s\n", own)
		for _, input := range node.Inputs {
			fingerprint, ok := fingerprints[input]
			if !ok {
				return nil, fmt.Errorf("%s reads %s, whose fingerprint was not given", relation, input)
			}
			fmt.Fprintf(sum, "%s %s\n", input, fingerprint)
		}
		fingerprints[relation] = hex.EncodeToString(sum.Sum(nil))
	}
	return fingerprints, nil
}

// macroTexts are the statements that make the macros, by name.
func (p *Project) macroTexts() map[string]string {
	texts := make(map[string]string, len(p.Macros))
	for name, m := range p.Macros {
		texts[name] = m.SQL()
	}
	return texts
}

// inputFingerprints keeps what a relation was built from, to say later which input changed.
func inputFingerprints(node *Node, fingerprints map[string]string) map[string]string {
	kept := make(map[string]string, len(node.Inputs))
	for _, input := range node.Inputs {
		kept[input] = fingerprints[input]
	}
	return kept
}

// changedInputs lists the inputs whose fingerprint is another than before, sorted.
func changedInputs(before, now map[string]string) []string {
	var changed []string
	for input, fingerprint := range now {
		if before[input] != fingerprint {
			changed = append(changed, input)
		}
	}
	slices.Sort(changed)
	return changed
}
