package candidate

import (
	"context"
	"fmt"
	"strings"

	"socialvalue/internal/check"
	"socialvalue/internal/release"
	"socialvalue/internal/runreport"
	"socialvalue/internal/workspace"
)

// CheckError says that checks failed whose scope is the whole release.
type CheckError struct{ Checks []string }

func (e *CheckError) Error() string {
	return "nothing is released, because of " + strings.Join(e.Checks, ", ") + ": mend what they name and run again; the last release stands"
}

// runChecks runs the checks of what changed, holds back the datasets that fail and
// everything made from them, and stops the release when a check says so.
func runChecks(ctx context.Context, w *workspace.Workspace, report *runreport.Report, held map[string]bool, changed map[string]check.Change) error {
	results, err := check.Run(ctx, w.DB, check.All(w.Project), check.Options{Outside: w.Outside(), Now: w.Env.Now, Changed: changed})
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	w.Checked = results
	for _, result := range results {
		if result.Reused {
			report.ChecksUnchanged++
		} else {
			report.Checks++
		}
		if result.Passed() {
			continue
		}
		report.Findings = append(report.Findings, runreport.CheckReport{
			Name: result.Name, Relation: result.Relation, Severity: string(result.Severity),
			Offending: result.Offending, Keys: result.Sample, Problem: result.Problem, Unchanged: result.Reused,
		})
	}
	verdict := check.Judge(w.Project, results)
	for _, relation := range w.Project.Order {
		if because := verdict.Held[relation]; len(because) > 0 && !held[relation] {
			held[relation] = true
			report.Models = append(report.Models, runreport.ModelReport{Relation: relation, Status: runreport.StatusHeld, Reason: "check " + strings.Join(because, ", ") + " fails"})
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
func checkFacts(w *workspace.Workspace) []release.CheckFact {
	facts := make([]release.CheckFact, 0, len(w.Checked))
	readers := w.Readers()
	for _, result := range w.Checked {
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
			node, ok := w.Project.Nodes[dataset]
			if dataset == "" || ok && node.Spec.Publish.Tier == "open" {
				continue
			}
			fact.Open = false
			fact.Domains = append(fact.Domains, readers.OfRelation(dataset)...)
		}
		if !fact.Open && len(fact.Domains) > 0 {
			fact.Domains = workspace.Narrowest(fact.Domains)
		}
		facts = append(facts, fact)
	}
	return facts
}
