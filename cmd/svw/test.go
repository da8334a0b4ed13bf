package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"socialvalue/internal/model/unittest"
	"socialvalue/internal/workspace"
)

// testOutcome is one unit test as it is printed.
type testOutcome struct {
	Relation string `json:"relation"`
	Name     string `json:"name"`
	Rule     string `json:"rule,omitempty"`
	Passed   bool   `json:"passed"`
	Problem  string `json:"problem,omitempty"`
}

func newTest(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "test [RELATION...]",
		Short: "Run the unit tests that models carry in their YAML",
		Long: `Runs the unit tests of all models, or of those named: the rows a model makes from a few given
ones. No warehouse is needed: inputs a test does not give are empty, reference data are real.`,
		Example: "  svw test\n  svw test spend.payments stage.spend_lines",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			project, err := workspace.Project(cmd.Context(), env)
			if err != nil {
				return err
			}
			for _, relation := range args {
				if project.Nodes[relation] == nil {
					return usageError{fmt.Errorf("there is no model %q; svw lineage lists them", relation)}
				}
			}
			results, err := unittest.Run(cmd.Context(), project, unittest.Options{Estimators: env.Estimators, Only: args})
			if err != nil {
				return err
			}
			return a.printTests(cmd, results)
		},
	}
}

func (a *app) printTests(cmd *cobra.Command, results []unittest.Result) error {
	outcomes := make([]testOutcome, len(results))
	failed := 0
	for i, result := range results {
		outcomes[i] = testOutcome{Relation: result.Relation, Name: result.Name, Rule: result.Rule, Passed: result.Passed(), Problem: result.Diff}
		if result.Err != nil {
			outcomes[i].Problem = result.Err.Error()
		}
		if !result.Passed() {
			failed++
		}
	}
	if a.json {
		if err := printJSON(cmd.OutOrStdout(), outcomes); err != nil {
			return err
		}
	} else {
		for _, outcome := range outcomes {
			if !outcome.Passed {
				fmt.Fprintf(cmd.OutOrStdout(), "failed  %s: %s\n        %s\n", outcome.Relation, outcome.Name, strings.ReplaceAll(outcome.Problem, "\n", "\n        "))
			}
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%d passed, %d failed\n", len(outcomes)-failed, failed)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d unit tests failed", failed, len(outcomes))
	}
	return nil
}
