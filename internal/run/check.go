package run

import (
	"context"
	"fmt"
	"strings"

	"socialvalue/internal/check"
	"socialvalue/internal/release"
)

// CheckError says that checks failed whose scope is the whole release.
type CheckError struct{ Checks []string }

func (e *CheckError) Error() string {
	return "nothing is released, because of " + strings.Join(e.Checks, ", ") + ": mend what they name and run again; the last release stands"
}

// check runs the checks of what changed, holds back the datasets that fail and
// everything made from them, and stops the release when a check says so.
func (w *workspace) check(ctx context.Context, report *Report, held map[string]bool, changed map[string]check.Change) error {
	results, err := check.Run(ctx, w.db, check.All(w.project), check.Options{Outside: w.outside(), Now: w.env.Now, Changed: changed})
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	w.checked = results
	for _, result := range results {
		if result.Reused {
			report.ChecksUnchanged++
		} else {
			report.Checks++
		}
		if result.Passed() {
			continue
		}
		report.Findings = append(report.Findings, CheckReport{
			Name: result.Name, Relation: result.Relation, Severity: string(result.Severity),
			Offending: result.Offending, Keys: result.Sample, Problem: result.Problem, Unchanged: result.Reused,
		})
	}
	verdict := check.Judge(w.project, results)
	for _, relation := range w.project.Order {
		if because := verdict.Held[relation]; len(because) > 0 && !held[relation] {
			held[relation] = true
			report.Models = append(report.Models, ModelReport{Relation: relation, Status: StatusHeld, Reason: "check " + strings.Join(because, ", ") + " fails"})
		}
	}
	if len(verdict.Stop) == 0 {
		return nil
	}
	stopped := &CheckError{}
	for _, result := range verdict.Stop {
		stopped.Checks = append(stopped.Checks, result.ID())
	}
	return stopped
}

// checkFacts tells of the checks of this run.
func (w *workspace) checkFacts() []release.CheckFact {
	facts := make([]release.CheckFact, 0, len(w.checked))
	readers := w.readers()
	for _, result := range w.checked {
		fact := release.CheckFact{
			Check: result.Name, Dataset: result.Relation, Severity: string(result.Severity), Scope: string(result.Scope),
			Outcome: "passed", Offending: result.Offending, Description: result.Description, Open: true,
		}
		if !result.Passed() {
			fact.Outcome = "failed"
			if result.Severity == "warn" {
				fact.Outcome = "warned"
			}
		}
		// A check is told to the readers of the domains whose relations it is
		// about; one about open datasets alone is told to all.
		about := append([]string{result.Relation}, result.Datasets...)
		if result.Relation == "" && len(result.Datasets) == 0 {
			about = result.Reads
		}
		for _, dataset := range about {
			node, ok := w.project.Nodes[dataset]
			if dataset == "" || ok && node.Spec.Publish.Tier == "open" {
				continue
			}
			fact.Open = false
			fact.Domains = append(fact.Domains, readers.ofRelation(dataset)...)
		}
		if !fact.Open && len(fact.Domains) > 0 {
			fact.Domains = narrowest(fact.Domains)
		}
		facts = append(facts, fact)
	}
	return facts
}
