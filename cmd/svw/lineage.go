package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"socialvalue/internal/workspace"
)

// lineage is what a relation hangs on and what hangs on it.
type lineage struct {
	Relation  string   `json:"relation"`
	Reads     []string `json:"reads"`
	ReadBy    []string `json:"read_by"`
	Upstream  []string `json:"upstream"`
	Dependent []string `json:"dependent"`
}

func newLineage(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "lineage [RELATION]",
		Short: "The graph: what every relation reads, or all that one hangs on and all that hangs on it",
		Example: `  svw lineage
  svw lineage spend.local_spend
  svw lineage raw.spend_payments --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			project, err := workspace.Project(cmd.Context(), env)
			if err != nil {
				return err
			}
			relations := project.Order
			if len(args) == 1 {
				if _, known := project.Columns(args[0]); !known {
					return usageError{fmt.Errorf("there is no relation %q; svw lineage lists them", args[0])}
				}
				relations = args
			}
			entries := make([]lineage, len(relations))
			for i, relation := range relations {
				entries[i] = lineage{
					Relation: relation, Reads: project.Inputs(relation), ReadBy: project.Dependents(relation),
					Upstream:  without(project.Ancestors(relation), relation),
					Dependent: without(project.Descendants(relation), relation),
				}
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), entries)
			}
			out := cmd.OutOrStdout()
			if len(args) == 0 {
				for _, entry := range entries {
					fmt.Fprintf(out, "%s\n", entry.Relation)
					for _, input := range entry.Reads {
						fmt.Fprintf(out, "  ← %s\n", input)
					}
				}
				return nil
			}
			entry := entries[0]
			fmt.Fprintf(out, "%s hangs on\n", entry.Relation)
			printRelations(out, "←", entry.Upstream)
			fmt.Fprintln(out, "and on it hang")
			printRelations(out, "→", entry.Dependent)
			return nil
		},
	}
}

func printRelations(w io.Writer, arrow string, relations []string) {
	if len(relations) == 0 {
		relations = []string{"nothing"}
	}
	for _, relation := range relations {
		fmt.Fprintf(w, "  %s %s\n", arrow, relation)
	}
}

func without(relations []string, relation string) []string {
	return slices.DeleteFunc(slices.Clone(relations), func(r string) bool { return r == relation })
}
