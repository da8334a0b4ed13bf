package candidate

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"sort"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/load"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/release"
	"socialvalue/internal/state"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// runsTold is how many runs meta.runs tells of.
const runsTold = 50

// factsInput is what the meta tables of a release are made from.
type factsInput struct {
	db        *warehouse.DB
	ledger    *load.Ledger
	state     *state.DB
	contracts map[string]*contract.Contract
	pipelines map[string]pipeline.Pipeline
	sources   map[string]string // configured source → contract
	readers   workspace.Readers
}

// sourceFacts tells, of every source, what came in; a contract without a
// source is not supplied, which is a normal state.
func (f factsInput) sourceFacts(ctx context.Context) ([]release.SourceFact, error) {
	duplicates, err := f.ledger.Duplicates(ctx)
	if err != nil {
		return nil, err
	}
	facts := map[string]*release.SourceFact{}
	supplied := map[string]bool{}
	for name, ref := range f.sources {
		facts[name] = f.emptyFact(name, ref)
		supplied[ref] = true
	}
	for ref := range f.contracts {
		if !supplied[ref] {
			// That nobody supplies a feed tells nothing about anybody, so everybody may know what is missing.
			facts[ref] = f.emptyFact(ref, ref)
			facts[ref].Personal = false
		}
	}
	sums := map[string]*big.Rat{}
	for _, record := range f.ledger.Records("") {
		fact, ok := facts[record.Source]
		if !ok || record.Status != load.StatusActive {
			continue
		}
		fact.Supplied = true
		fact.SHA256 = append(fact.SHA256, record.FileSHA256)
		if record.KeyID != "" {
			fact.KeyIDs = append(fact.KeyIDs, record.KeyID)
		}
		fact.RowsRead += record.Records
		fact.RowsLoaded += record.Rows - duplicates[record.ID]
		fact.RowsDuplicate += duplicates[record.ID]
		fact.RowsQuarantined += record.Quarantined
		fact.RowsSkipped += record.SkippedTotal()
		fact.ReceivedAt = workspace.Later(fact.ReceivedAt, record.ReceivedAt)
		if to, err := time.Parse(time.DateOnly, record.DataTo); err == nil {
			fact.DataTo = workspace.Later(fact.DataTo, to)
		}
		fact.FilesTo = workspace.Later(fact.FilesTo, filesTo(record, f.contracts[record.Contract]))
		for _, control := range record.Controls {
			if sum, ok := new(big.Rat).SetString(control.SumRows); ok {
				if sums[record.Source] == nil {
					sums[record.Source] = new(big.Rat)
				}
				sums[record.Source].Add(sums[record.Source], sum)
			}
		}
	}
	names := make([]string, 0, len(facts))
	for name := range facts {
		names = append(names, name)
	}
	sort.Strings(names)
	list := make([]release.SourceFact, 0, len(names))
	for _, name := range names {
		fact := facts[name]
		sort.Strings(fact.SHA256)
		fact.SHA256 = slices.Compact(fact.SHA256)
		sort.Strings(fact.KeyIDs)
		fact.KeyIDs = slices.Compact(fact.KeyIDs)
		if sum := sums[name]; sum != nil {
			fact.ControlTotalGBP = sum.FloatString(2)
		}
		if stale := f.pipelines[workspace.PipelineOf(fact.Contract)].Freshness.StaleAfter; stale > 0 && fact.Supplied {
			fact.StaleAfter = fact.ReceivedAt.Add(stale.Duration())
		}
		list = append(list, *fact)
	}
	return list, nil
}

// filesTo is the last day that a file says it is of: by its name, or as the one day
// of all rows of a snapshot.
func filesTo(record *load.Record, c *contract.Contract) time.Time {
	for _, day := range []string{record.PeriodEnd, record.AsOf} {
		if to, err := time.Parse(time.DateOnly, day); err == nil {
			return to
		}
	}
	if c != nil && c.Load.Mode == contract.ModeSnapshot && record.DataFrom == record.DataTo {
		return workspace.ParseDate(record.DataTo)
	}
	return time.Time{}
}

func (f factsInput) emptyFact(name, ref string) *release.SourceFact {
	personal := f.contracts[ref] != nil && f.contracts[ref].HasPersonal()
	return &release.SourceFact{Source: name, Contract: ref, Domain: f.readers.OfFeed(ref), Personal: personal}
}

// runFacts tells of the last runs.
func (f factsInput) runFacts(ctx context.Context) ([]release.RunFact, error) {
	runs, err := f.state.LastOf(ctx, state.VerbRun, runsTold)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	facts := make([]release.RunFact, len(runs))
	for i, run := range runs {
		facts[i] = release.RunFact{
			RunID: run.ID, Domain: release.EveryDomain, StartedAt: run.Started, FinishedAt: run.Finished, Status: string(run.Status),
			Reason: run.Trigger, DatasetsBuilt: run.Counts["models_built"],
		}
	}
	return facts, nil
}

// quarantineFacts lists the quarantined rows of the active loads.
func (f factsInput) quarantineFacts(ctx context.Context, st store.Store) (facts []release.QuarantineFact, err error) {
	for _, record := range f.ledger.Records("") {
		if record.QuarantineSHA256 == "" || record.Status != load.StatusActive || f.sources[record.Source] == "" {
			continue
		}
		rows, err := QuarantinedRows(ctx, f.db, st, record, f.contracts[record.Contract])
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			facts = append(facts, release.QuarantineFact{
				Source: record.Source, Domain: f.readers.OfFeed(record.Contract), File: row.File, LoadID: record.ID, QuarantinedAt: record.ReceivedAt,
				Row: row.Row, Column: row.Column, Rule: row.Rule, Reason: row.Reason, Value: row.Shown, Personal: row.Personal,
			})
		}
	}
	return facts, nil
}
