package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	socialvalue "socialvalue"
	"socialvalue/internal/scheduler"
	"socialvalue/internal/service"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

func newSchedule(a *app) *cobra.Command {
	var once bool
	verb := &cobra.Command{
		Use:   "schedule",
		Short: "The scheduler: run what schedules/ say, when they say it",
		Long: `Runs until it is stopped. Every occurrence of every schedule runs once, or is skipped for a reason
that is recorded: through both clock changes, when the machine was off, and when it dies at any
moment. Work is done by processes of their own. What it does goes to standard error, a JSON
object a line; what each run did is shown by svw runs.

SIGHUP reads schedules/ and svw.yaml again: what changed is logged, and nothing that was due before
is made up. With a mistake in any of them all stays as it was.
SIGTERM stops it: a run under way is told to stop, and goes on at the next start.

With --once it does what is due, and ends: for a machine whose own cron calls it every few
minutes. Occurrences that are found later than late_after count as missed.

Exit code 0: stopped as asked, or --once is done; 4: another scheduler is at work.`,
		Example: `  svw schedule
  svw schedule --once
  svw schedule list
  svw schedule next
  svw schedule check --ping`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			env.Progress = nil
			return a.scheduled(cmd.Context(), env, cmd.ErrOrStderr(), once)
		},
	}
	verb.Flags().BoolVar(&once, "once", false, "do what is due now and end")
	verb.AddCommand(newScheduleList(a), newScheduleNext(a), newScheduleDigest(a), newScheduleCheck(a))
	for _, sub := range verb.Commands() {
		wrapUsage(sub)
	}
	return verb
}

// leastBeat is how often the scheduler gives a sign of life where no watchdog asks for more.
const leastBeat = 30 * time.Second

// scheduled is the scheduler until it is stopped.
func (a *app) scheduled(ctx context.Context, env workspace.Environment, stderr io.Writer, once bool) (err error) {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	siteDir, err := filepath.Abs(a.siteDir)
	if err != nil {
		return fmt.Errorf("find the site: %w", err)
	}
	reload, stop := hangups()
	defer stop()
	beat := leastBeat
	if watchdog, err := daemon.SdWatchdogEnabled(false); err == nil && watchdog > 0 {
		beat = min(beat, watchdog/2)
	}
	s, err := service.Open(ctx, env, service.Options{
		Command: []string{self, "--site", siteDir, "--quiet"}, Environ: childEnviron(), Reload: reload, BeatEvery: beat, Lookup: os.LookupEnv,
		Read: a.readSite,
		Supervise: func(state string) {
			_, _ = daemon.SdNotify(false, state) // nobody supervises, or the supervisor is gone
		},
		Log: slog.New(slog.NewJSONHandler(stderr, nil)),
	})
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := s.Close(); err == nil {
			err = closeErr
		}
	}()
	if once {
		return s.Once(ctx)
	}
	if err := s.Serve(ctx); err != nil {
		return err
	}
	return errStoppedAsAsked
}

// readSite reads svw.yaml and the site's files as they are now.
func (a *app) readSite() (*site.Site, fs.FS, error) {
	s, err := site.Load(a.siteDir)
	if err != nil {
		return nil, nil, err
	}
	files, err := s.Files(socialvalue.Assets)
	return s, files, err
}

// childEnviron is the surroundings of the processes that the scheduler starts: they must not speak to its supervisor.
func childEnviron() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); name != "NOTIFY_SOCKET" && name != "WATCHDOG_USEC" && name != "WATCHDOG_PID" {
			kept = append(kept, entry)
		}
	}
	return kept
}

// hangups tells of each SIGHUP; one that comes while another waits is the same.
func hangups() (reload <-chan struct{}, stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	told, done := make(chan struct{}, 1), make(chan struct{})
	go func() {
		for {
			select {
			case <-signals:
				select {
				case told <- struct{}{}:
				default:
				}
			case <-done:
				return
			}
		}
	}()
	return told, func() { signal.Stop(signals); close(done) }
}

func newScheduleList(a *app) *cobra.Command {
	var job string
	var days int
	verb := &cobra.Command{
		Use:   "list",
		Short: "The schedules, and what became of their last occurrences",
		Long: `Lists the schedules, and the occurrences of the last days: run, skipped for a reason, or waiting.
It can be asked while the scheduler is at work.`,
		Example: "  svw schedule list\n  svw schedule list --job nightly --days 30 --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			book, err := service.Schedules(cmd.Context(), env, job, days)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), book)
			}
			return printBook(cmd.OutOrStdout(), book, env.Site.Location)
		},
	}
	verb.Flags().StringVar(&job, "job", "", "the occurrences of this one")
	verb.Flags().IntVar(&days, "days", 7, "of so many days")
	return verb
}

func printBook(w io.Writer, book *service.Book, loc *time.Location) error {
	if p := book.Scheduler; p == nil {
		fmt.Fprintln(w, "scheduler it has never run: svw schedule, or see docs/operations.md")
	} else {
		fmt.Fprintf(w, "scheduler last turn %s", p.At.In(loc).Format(time.DateTime))
		if p.Job != "" {
			fmt.Fprintf(w, ", at work on %s since %s", p.Job, p.Since.In(loc).Format(time.DateTime))
		}
		fmt.Fprintln(w)
	}
	for _, j := range book.Jobs {
		if j.Enabled {
			fmt.Fprintf(w, "job       %-24s %-16s next %s\n", j.Name, j.Cron, j.Next.In(loc).Format("Mon 2 Jan 2006 15:04 MST"))
		} else {
			fmt.Fprintf(w, "disabled  %-24s %s\n", j.Name, j.DisabledBecause)
		}
	}
	for _, s := range book.Occurrences {
		what := s.State
		if s.Outcome != "" {
			what = s.Outcome
		}
		fmt.Fprintf(w, "%-9s %-24s %s", what, s.Job, s.DueAt.In(loc).Format("Mon 2 Jan 2006 15:04 MST"))
		if s.RunID != "" {
			fmt.Fprintf(w, "  run %s", s.RunID)
		}
		if s.Reason != "" {
			fmt.Fprintf(w, "  %s", s.Reason)
		}
		fmt.Fprintln(w)
	}
	return nil
}

func newScheduleNext(a *app) *cobra.Command {
	var count int
	verb := &cobra.Command{
		Use:     "next [JOB]",
		Short:   "When jobs are due next",
		Example: "  svw schedule next\n  svw schedule next nightly --count 10",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			firings, err := service.Next(env, args, count)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), firings)
			}
			for _, f := range firings {
				note := ""
				if f.BlackedOut != "" {
					note = "  will be skipped: " + f.BlackedOut
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%-24s %s%s\n", f.Job, f.At.Format("Mon 2 Jan 2006 15:04 MST"), note)
			}
			return nil
		},
	}
	verb.Flags().IntVar(&count, "count", 1, "so many of each")
	return verb
}

func newScheduleDigest(a *app) *cobra.Command {
	var send bool
	verb := &cobra.Command{
		Use:     "digest",
		Short:   "How the last week went, also when all is well",
		Example: "  svw schedule digest\n  svw schedule digest --send",
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			week, err := service.Digest(cmd.Context(), env)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s\n\n%s", week.Subject(), week.Text())
			if !send {
				return nil
			}
			channels, err := service.SendDigest(cmd.Context(), env, week)
			if err == nil && channels == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "\nNobody is told: svw.yaml has no email and no webhook under operations.")
			}
			return err
		},
	}
	verb.Flags().BoolVar(&send, "send", false, "send it to the addresses of svw.yaml")
	return verb
}

func newScheduleCheck(a *app) *cobra.Command {
	var ping bool
	verb := &cobra.Command{
		Use:   "check",
		Short: "Look at the scheduler from outside: does it live, and does what it says arrive",
		Long: `Looks, as a process that has no part in the scheduler, whether that took a turn in the last minutes,
whether a run is at work for longer than it may be, and whether messages arrive. With --ping it then
asks the address operations.ping of svw.yaml, and only if all is well: a service that raises an alarm
when that stops is told of a machine that is off, too. Start it from a timer of its own.

Exit code 0: all is well; 1: it is not.`,
		Example: "  svw schedule check\n  svw schedule check --ping",
		RunE: func(cmd *cobra.Command, _ []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			wrong, err := service.Check(cmd.Context(), env)
			if err != nil {
				return err
			}
			if a.json {
				if err := printJSON(cmd.OutOrStdout(), map[string]any{"ok": len(wrong) == 0, "wrong": append([]string{}, wrong...)}); err != nil {
					return err
				}
			}
			if len(wrong) > 0 {
				return fmt.Errorf("the scheduler is not well: %s", wrong[0])
			}
			if ping {
				asked, err := service.Ping(cmd.Context(), env)
				if err != nil {
					return err
				}
				if !asked {
					return usageError{fmt.Errorf("svw.yaml has no ping under operations: write ping: file:PATH")}
				}
			}
			if !a.json {
				fmt.Fprintln(cmd.OutOrStdout(), "the scheduler is well")
			}
			return nil
		},
	}
	verb.Flags().BoolVar(&ping, "ping", false, "then ask the address operations.ping of svw.yaml")
	return verb
}

// trigger is what started this process: a person, or the scheduler for a slot.
func trigger() string {
	if slot := os.Getenv(scheduler.TriggerVariable); slot != "" {
		return slot
	}
	return "hand"
}
