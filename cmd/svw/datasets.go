package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"socialvalue/internal/model"
	"socialvalue/internal/workspace"
)

// dataset is one entry of the dictionary.
type dataset struct {
	Name        string   `json:"name"`
	Tier        string   `json:"tier"`
	Grain       string   `json:"grain"`
	Description string   `json:"description"`
	Key         []string `json:"key"`
	Columns     []column `json:"columns"`
}

// column is one column of a dataset.
type column struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Unit        string `json:"unit,omitempty"`
	Description string `json:"description"`
	Example     string `json:"example,omitempty"`
}

func newDatasets(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "datasets [NAME]",
		Short: "The dictionary: every dataset and named question, or one dataset with its columns",
		Example: `  svw datasets
  svw datasets spend.local_spend
  svw datasets geo.lsoa --json`,
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
			entries := dictionary(project)
			if len(args) == 1 {
				i := slices.IndexFunc(entries, func(d dataset) bool { return d.Name == args[0] })
				if i < 0 {
					return usageError{fmt.Errorf("there is no dataset %q; svw datasets lists them", args[0])}
				}
				return a.printDataset(cmd.OutOrStdout(), entries[i])
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), entries)
			}
			return printDictionary(cmd.OutOrStdout(), entries, project.Queries)
		},
	}
}

func dictionary(project *model.Project) []dataset {
	entries := []dataset{}
	for _, relation := range project.Order {
		node := project.Nodes[relation]
		if !node.Spec.Publish.IsPublished() {
			continue
		}
		entry := dataset{
			Name: relation, Tier: node.Spec.Publish.Tier, Grain: node.Spec.Grain, Description: strings.TrimSpace(node.Spec.Description),
			Key: node.Spec.Key,
		}
		for _, c := range node.Spec.Columns {
			entry.Columns = append(entry.Columns, column{c.Name, c.Type, c.Unit, c.Description, c.Example})
		}
		entries = append(entries, entry)
	}
	slices.SortFunc(entries, func(a, b dataset) int { return strings.Compare(a.Name, b.Name) })
	return entries
}

func printDictionary(w io.Writer, entries []dataset, questions []*model.Query) error {
	for _, d := range entries {
		fmt.Fprintf(w, "%-28s %-10s %s\n", d.Name, d.Tier, d.Grain)
	}
	if len(questions) > 0 {
		fmt.Fprintln(w, "\nnamed questions (svw query --saved NAME):")
	}
	for _, question := range questions {
		fmt.Fprintf(w, "%-28s %-10s %s\n", question.Name, question.Tier, question.Question)
	}
	_, err := fmt.Fprintln(w, "\nsvw datasets NAME describes one with its columns; the tables of meta are in every release")
	return err
}

func (a *app) printDataset(w io.Writer, d dataset) error {
	if a.json {
		return printJSON(w, d)
	}
	fmt.Fprintf(w, "%s (%s)\n%s\ngrain: %s\nkey: %s\n\n", d.Name, d.Tier, d.Description, d.Grain, strings.Join(d.Key, ", "))
	for _, column := range d.Columns {
		unit := ""
		if column.Unit != "" {
			unit = " [" + column.Unit + "]"
		}
		if _, err := fmt.Fprintf(w, "%-32s %-16s %s%s\n", column.Name, column.Type, column.Description, unit); err != nil {
			return err
		}
	}
	return nil
}
