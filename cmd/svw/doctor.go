package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"socialvalue/internal/candidate"
	"socialvalue/internal/doctor"
	"socialvalue/internal/intake"
	"socialvalue/internal/runreport"
	"socialvalue/internal/shelf"
	"socialvalue/internal/site"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/verify"
	"socialvalue/internal/workspace"
)

func newDoctor(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Look for everything that could be wrong, each with its mend",
		Long: `Looks at the settings, contracts, models, schedules, files, disk, memory, keys and the current
release. Exit code 3 when something would make a run fail.`,
		Example: "  svw doctor\n  svw --site my-site doctor --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			patient := doctor.Patient{
				Site: env.Site, Files: env.Files, Now: env.Now(),
				Keys: func() ([]intake.KeyStanding, error) { return intake.Keys(env) },
				Model: func(ctx context.Context) ([]string, error) {
					project, err := workspace.Project(ctx, env)
					if err != nil {
						return nil, err
					}
					return project.LeftOut, nil
				},
				Aside:       func(ctx context.Context) ([]runreport.AsideObject, error) { return upkeep.Aside(ctx, env) },
				Corrections: func(ctx context.Context) (int, error) { return candidate.Corrections(ctx, env) },
				Release: func(ctx context.Context) error {
					err := verify.Release(ctx, filepath.Join(env.Site.Warehouse.Releases(), "current"), env.Verifier)
					if errors.Is(err, fs.ErrNotExist) {
						return nil
					}
					return errors.Join(err, shelf.VerifyTwin(env.Site.Warehouse.Releases()))
				},
			}
			patient.Baselines = func(ctx context.Context) error {
				_, err := upkeep.VerifyBaselines(ctx, env)
				return err
			}
			patient.Templates = func() error {
				_, err := allTemplates(env)
				return err
			}
			patient.Access = func(ctx context.Context) (workspace.AccessStanding, error) { return workspace.Accessible(ctx, env) }
			patient.OnHold = func() (string, error) {
				hold, err := shelf.Holding(env.Site.Warehouse.Releases())
				if hold == nil {
					return "", err
				}
				return hold.String(), err
			}
			if tree, ok := env.Files.(*site.Tree); ok {
				patient.Overrides, patient.Lowered = tree.Overrides(), tree.Lowered()
			}
			return a.printFindings(cmd, doctor.Examine(cmd.Context(), patient))
		},
	}
}

func (a *app) printFindings(cmd *cobra.Command, findings []doctor.Finding) error {
	failed := false
	for _, finding := range findings {
		failed = failed || finding.Level == doctor.Fail
	}
	if a.json {
		if err := printJSON(cmd.OutOrStdout(), findings); err != nil {
			return err
		}
	} else {
		for _, finding := range findings {
			text := strings.ReplaceAll(finding.Text, "\n", "\n"+strings.Repeat(" ", 29))
			fmt.Fprintf(cmd.OutOrStdout(), "%-5s %-22s %s\n", finding.Level, finding.Subject, text)
			if finding.Remedy != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "%28s → %s\n", "", finding.Remedy)
			}
		}
	}
	if failed {
		return errRefused
	}
	return nil
}
