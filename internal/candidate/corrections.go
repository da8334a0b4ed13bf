package candidate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/correction"
	"socialvalue/internal/load"
	"socialvalue/internal/model"
	"socialvalue/internal/release"
	"socialvalue/internal/runreport"
	"socialvalue/internal/workspace"
)

// TellCorrections finds what the corrections of people did: for the release, and
// as warnings where one corrects nothing.
func TellCorrections(ctx context.Context, w *workspace.Workspace, report *runreport.Report) error {
	facts, err := valueFacts(ctx, w, report)
	if err != nil {
		return err
	}
	w.Overrides = append(cellFacts(w), facts...)
	warnOfCells(w, report)
	return nil
}

// cellFacts tells of the corrections of files that count.
func cellFacts(w *workspace.Workspace) []release.OverrideFact {
	readers := w.Readers()
	var facts []release.OverrideFact
	for _, record := range w.Ledger.Records("") {
		if record.Status != load.StatusActive || !w.Env.Configured()[record.Source] {
			continue
		}
		c := w.Contracts[record.Contract]
		for _, applied := range record.Corrections {
			fact := release.OverrideFact{
				Dataset: record.Relation, Domains: []string{readers.OfFeed(record.Contract)}, Column: applied.Column,
				Key: fmt.Sprintf("%s:%d", load.Label(record), applied.Row), Value: applied.Value, Reason: applied.Reason,
				DecidedBy: applied.Who, DecidedOn: workspace.ParseDate(applied.When), ExpiresOn: workspace.ParseDate(applied.Expires),
			}
			if c != nil && c.Column(applied.Column) != nil {
				fact.Personal = c.Column(applied.Column).IsPersonal()
			}
			if applied.Applied {
				fact.RowsChanged = 1
			}
			facts = append(facts, fact)
		}
	}
	return facts
}

// valueFacts tells of the corrections of models, and warns of those whose row is
// not there.
func valueFacts(ctx context.Context, w *workspace.Workspace, report *runreport.Report) ([]release.OverrideFact, error) {
	groups := map[[2]string][]correction.Value{}
	var order [][2]string
	for _, value := range w.Corrected.Values {
		group := [2]string{value.Relation, value.Column}
		if groups[group] == nil {
			order = append(order, group)
		}
		groups[group] = append(groups[group], value)
	}
	built, err := model.BuiltFingerprints(ctx, w.DB)
	if err != nil {
		return nil, err
	}
	var facts []release.OverrideFact
	for _, group := range order {
		if built[group[0]] == "" {
			continue // it could not be built yet
		}
		held := slices.ContainsFunc(report.Models, func(m runreport.ModelReport) bool { return m.Relation == group[0] && m.Status != runreport.StatusBuilt })
		node := w.Project.Nodes[group[0]]
		counts, err := rowsCorrected(ctx, w, node, groups[group])
		if err != nil {
			return nil, fmt.Errorf("count the corrected rows of %s: %w", group[0], err)
		}
		for i, value := range groups[group] {
			if counts[i] == 0 {
				report.Warnings = append(report.Warnings, value.Place(
					fmt.Sprintf("no row of %s has this key, so nothing is corrected: correct the key, or remove the line", group[0])).Error())
			}
			if !held { // what is held is released without them
				facts = append(facts, valueFact(w, node, value, counts[i]))
			}
		}
	}
	return facts, nil
}

// rowsCorrected counts the rows that each correction of one column is about.
func rowsCorrected(ctx context.Context, w *workspace.Workspace, node *model.Node, values []correction.Value) (counts []int64, err error) {
	overrides := make([]model.Override, len(values))
	for i, value := range values {
		overrides[i] = value.Override()
	}
	rows, err := w.DB.Query(ctx, node.OverrideCounts(overrides))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		counts = append(counts, n)
	}
	return counts, rows.Err()
}

func valueFact(w *workspace.Workspace, node *model.Node, value correction.Value, rows int64) release.OverrideFact {
	column, _ := node.Column(value.Column)
	fact := release.OverrideFact{
		Dataset: value.Relation, Domains: w.Readers().OfRelation(value.Relation), Column: value.Column, Key: strings.Join(value.Key, ", "), Value: value.Value,
		Personal: column.IsPersonal(), Reason: value.Reason, DecidedBy: value.Who, DecidedOn: value.When, ExpiresOn: value.Expires, RowsChanged: rows,
	}
	for _, name := range node.Spec.Key {
		key, _ := node.Column(name)
		fact.Personal = fact.Personal || key.IsPersonal()
	}
	return fact
}

// warnOfCells warns of corrections of files that correct nothing.
func warnOfCells(w *workspace.Workspace, report *runreport.Report) {
	for _, cell := range w.Corrected.Cells {
		text := "no file with this hash has been loaded: correct file_sha256, or remove the line"
		for _, record := range w.Ledger.Records(cell.Relation) {
			if record.FileSHA256 != cell.SHA256 {
				continue
			}
			if record.Status == load.StatusActive && slices.ContainsFunc(record.Corrections, func(c load.Correction) bool {
				return c.Applied && c.Row == cell.Row && c.Column == cell.Column
			}) {
				text = ""
				break
			}
			if record.Status == load.StatusActive {
				text = "the file has no such cell among its well-formed records: correct _source_row or the column, or remove the line"
			} else if strings.HasPrefix(text, "no file") {
				text = "its file does not count any more (" + string(record.Status) + "): remove the line, or leave it for when it counts again"
			}
		}
		if text != "" {
			report.Warnings = append(report.Warnings, cell.Place(text).Error())
		}
	}
}

// Corrections reads a site's corrections without opening the warehouse: the
// error names every mistake in them.
func Corrections(ctx context.Context, env workspace.Environment) (inForce int, err error) {
	contracts, pipelines, err := workspace.Definitions(env)
	if err != nil {
		return 0, err
	}
	project, err := workspace.LoadProject(ctx, env, contracts, pipelines)
	if err != nil {
		return 0, err
	}
	set, err := workspace.Corrections(env, contracts, project)
	if err != nil {
		return 0, err
	}
	return len(set.Cells) + len(set.Values), nil
}
