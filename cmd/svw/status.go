package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"socialvalue/internal/inspect"
)

func newStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Where the warehouse stands: release, runs, freshness, rows, quarantine, next firing",
		Long:    "Says where the warehouse stands. It can be asked during a run.",
		Example: "  svw status\n  svw status --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			standing, err := inspect.Status(cmd.Context(), env)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), standing)
			}
			return printStanding(cmd.OutOrStdout(), standing)
		},
	}
}

func printStanding(w io.Writer, s *inspect.Standing) error {
	if s.Release == "" {
		fmt.Fprintln(w, "release   none yet: make one with svw run")
	} else {
		fmt.Fprintf(w, "release   %s, built %s\n", s.Release, s.BuiltAt.Format(time.RFC3339))
	}
	if s.OnHold != nil {
		fmt.Fprintf(w, "on hold   %s; svw releases resume ends it\n", s.OnHold)
	}
	for _, held := range s.Held {
		fmt.Fprintf(w, "held      %s\n", held)
	}
	for _, missing := range s.Missing {
		fmt.Fprintf(w, "missing   %s\n", missing)
	}
	printAside(w, s.Aside)
	for _, alert := range s.Alerts {
		fmt.Fprintf(w, "wrong     since %s: %s\n", alert.Since.Format(time.DateTime), alert.Text)
	}
	fmt.Fprintf(w, "\n%-24s %6s %8s %10s %10s %12s  %s\n", "source", "files", "refused", "rows", "duplicate", "quarantined", "received")
	for _, source := range s.Sources {
		received := "never"
		switch {
		case source.ReceivedAt != nil:
			received = source.ReceivedAt.Format(time.DateTime)
		case source.Files > 0 && source.Refused == source.Files:
			received = "refused"
		}
		if source.Stale {
			received += "  STALE"
		}
		fmt.Fprintf(w, "%-24s %6d %8d %10d %10d %12d  %s\n", source.Source, source.Files, source.Refused, source.Rows, source.Duplicates, source.Quarantined, received)
	}
	for _, left := range s.Left {
		fmt.Fprintf(w, "%-24s gone: svw.yaml has it no more; %d files with %d rows stay in the store and count nowhere\n", left.Source, left.Files, left.Rows)
	}
	fmt.Fprintln(w)
	for _, r := range s.Runs {
		fmt.Fprintf(w, "run       %s  %-11s %s\n", r.ID, r.Status, r.Trigger)
	}
	for _, firing := range s.Schedules {
		fmt.Fprintf(w, "next      %-24s %s\n", firing.Schedule, firing.Next.Format("Mon 2 Jan 2006 15:04 MST"))
	}
	return nil
}
