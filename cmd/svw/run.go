package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"socialvalue/internal/documents"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
)

func newRun(a *app) *cobra.Command {
	var from, to string
	var full, dryRun bool
	verb := &cobra.Command{
		Use:   "run [PIPELINE...]",
		Short: "Take in what arrived, build, check and release",
		Long: `Takes in new files of all pipelines, or of those named, builds what is stale, checks it, and
releases it. A file that is not acceptable is refused by name and the last good data stay; a
dataset that fails its checks is held at its last released content, with those that depend on it.

Exit code 0: all done; 3: done, but something was refused or held; 4: another run is under way.`,
		Example: `  svw run
  svw run spend
  svw run spend --from 2024-04-01 --to 2025-03-31
  svw run --full
  svw run --dry-run`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			options := run.Options{Pipelines: args, Full: full, Trigger: trigger(), Args: os.Args[1:]}
			var err error
			if options.From, err = parseDay("from", from); err != nil {
				return err
			}
			if options.To, err = parseDay("to", to); err != nil {
				return err
			}
			if dryRun {
				return a.plan(cmd, options)
			}
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			report, err := run.Run(cmd.Context(), env, options)
			if report != nil {
				if printErr := a.printReport(cmd.OutOrStdout(), report); printErr != nil {
					return printErr
				}
			}
			return outcome(err, report != nil && report.Refused())
		},
	}
	flags := verb.Flags()
	flags.StringVar(&from, "from", "", "take in files that claim a period from this day on, YYYY-MM-DD")
	flags.StringVar(&to, "to", "", "take in files that claim a period up to this day, YYYY-MM-DD")
	flags.BoolVar(&full, "full", false, "look at every file again and build everything")
	flags.BoolVar(&dryRun, "dry-run", false, "say what would be done, as svw plan does")
	return verb
}

func parseDay(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, usageError{fmt.Errorf("--%s %q is no day; write YYYY-MM-DD", flag, text)}
	}
	return day, nil
}

// printReport says what a run did.
func (a *app) printReport(w io.Writer, report *runreport.Report) error {
	if a.json {
		return printJSON(w, report)
	}
	a.printFiles(w, report)
	printModels(w, report)
	switch {
	case report.Release != nil:
		r := report.Release
		fmt.Fprintf(w, "\nreleased  %s: %d datasets, %d files, %s\n          %s\n", r.ID, r.Datasets, r.Files, bytesText(r.Bytes), r.Path)
		if r.MetaOnly {
			fmt.Fprintln(w, "          no dataset is new: the release says which sources are stale")
		}
		for _, held := range r.Held {
			fmt.Fprintf(w, "held      %s stays at its last released content\n", held)
		}
		for _, missing := range r.Missing {
			fmt.Fprintf(w, "missing   %s failed and was never released\n", missing)
		}
	case report.ReleaseNote != "":
		fmt.Fprintf(w, "\nreleased  nothing: %s\n", report.ReleaseNote)
	}
	for _, stale := range report.Stale {
		news := ""
		if stale.News {
			news = ", and no release has said so yet"
			if report.Release != nil {
				news = ", which is news"
			}
		}
		fmt.Fprintf(w, "stale     %s: nothing since %s, late since %s%s\n", stale.Source, stale.ReceivedAt.Format(time.DateOnly), stale.StaleAfter.Format(time.DateOnly), news)
	}
	for _, gone := range report.Gone {
		fmt.Fprintf(w, "gone      %s\n", gone)
	}
	for _, copied := range report.Copies {
		switch {
		case copied.Problem != "":
			fmt.Fprintf(w, "not copied to %s: %s; the next run tries again\n", copied.Folder, copied.Problem)
		case copied.Copied:
			fmt.Fprintf(w, "copied    the open part to %s\n", filepath.Join(copied.Folder, copied.Release))
		}
	}
	for _, removal := range report.Pruned {
		fmt.Fprintf(w, "pruned    %s\n", removalText(removal))
	}
	printPurged(w, report)
	for _, lost := range report.Lost {
		fmt.Fprintf(w, "lost      %s\n", lost)
	}
	printAside(w, report.Aside)
	// The word is the journal's, which the exit code tells too.
	_, err := fmt.Fprintf(w, "run %s %s in %s%s\n", report.RunID, report.Status, report.Finished.Sub(report.Started).Round(10*time.Millisecond), filesRefused(report.RefusedFiles()))
	return err
}

// printAside says which rows were set aside, and what to do.
func printAside(w io.Writer, aside []runreport.AsideObject) {
	for _, object := range aside {
		fmt.Fprintf(w, "aside     %s\n          %s\n", object, object.Remedy())
	}
}

// printPurged says which files as received were removed, and which of personal
// feeds lie in the drop folder for too long.
func printPurged(w io.Writer, report *runreport.Report) {
	printRowRetention(w, report.Rows, "purged")
	days := map[int]int{}
	for _, file := range report.Purged {
		days[file.KeptDays]++
	}
	for _, kept := range slices.Sorted(maps.Keys(days)) {
		fmt.Fprintf(w, "purged    %d received files, kept for %d days; their rows stay\n", days[kept], kept)
	}
	for _, file := range report.Lingering {
		fmt.Fprintf(w, "warn      %s holds rows about people and lies there since %s, longer than %d days: take it away\n",
			file.File, file.Since.Format(time.DateOnly), file.KeptDays)
	}
}

// printRowRetention says which rows about people were removed, or would be.
func printRowRetention(w io.Writer, rows runreport.RowRetention, verb string) {
	for _, gone := range rows.Gone {
		fmt.Fprintf(w, "%-9s %d rows about people of %s (load %.12s), received %s and kept for %d years\n",
			verb, gone.Rows, gone.File, gone.LoadID, gone.ReceivedAt.Format(time.DateOnly), gone.KeptYears)
	}
	for _, aside := range rows.Aside {
		fmt.Fprintf(w, "%-9s %s\n", verb, aside)
	}
	for _, stays := range rows.Stays {
		fmt.Fprintf(w, "warn      %s (load %.12s) is past its %d years and stays: rows of it are still the state of a feed in which newer rows replace older ones\n",
			stays.File, stays.LoadID, stays.KeptYears)
	}
	for _, soon := range rows.Soon {
		fmt.Fprintf(w, "warn      %d rows about people of %s (load %.12s) are removed after %s, when they were kept for %d years\n",
			soon.Rows, soon.File, soon.LoadID, soon.ReceivedAt.AddDate(soon.KeptYears, 0, 0).Format(time.DateOnly), soon.KeptYears)
	}
}

func filesRefused(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return ", 1 file refused"
	}
	return fmt.Sprintf(", %d files refused", n)
}

// totals are the sums of one source's files.
type totals struct {
	source                                                            string
	files, records, rows, duplicates, quarantined, skipped, unchanged int64
}

func (a *app) printFiles(w io.Writer, report *runreport.Report) {
	var sums []*totals
	bySource := map[string]*totals{}
	for _, file := range report.Files {
		t := bySource[file.Source]
		if t == nil {
			t = &totals{source: file.Source}
			bySource[file.Source] = t
			sums = append(sums, t)
		}
		switch file.Status {
		case runreport.FileLoaded:
			t.files++
			t.records += file.Records
			t.rows += file.Rows - file.Duplicates
			t.duplicates += file.Duplicates
			t.quarantined += file.Quarantined
			t.skipped += file.Skipped
		case runreport.FileUnchanged, runreport.FileSameBytes:
			t.unchanged++
		case runreport.FileRefused, runreport.FilePending, runreport.FileSkipped, runreport.FileReverted:
		}
	}
	if slices.ContainsFunc(sums, func(t *totals) bool { return t.files > 0 }) {
		fmt.Fprintf(w, "%-24s %6s %10s %10s %10s %11s %8s\n", "source", "files", "records", "loaded", "duplicate", "quarantined", "skipped")
		for _, t := range sums {
			if t.files > 0 {
				fmt.Fprintf(w, "%-24s %6d %10d %10d %10d %11d %8d\n", t.source, t.files, t.records, t.rows, t.duplicates, t.quarantined, t.skipped)
			}
		}
	}
	known := 0
	for _, file := range report.Files {
		if file.Corrected > 0 {
			fmt.Fprintf(w, "corrected %d cells of %s, by overrides/\n", file.Corrected, file.File)
		}
		if file.Status == runreport.FileSameBytes && a.quiet {
			known++
			continue
		}
		switch file.Status {
		case runreport.FileRefused:
			fmt.Fprintf(w, "refused   %s\n", file.Reason)
		case runreport.FilePending, runreport.FileSkipped, runreport.FileSameBytes, runreport.FileReverted:
			fmt.Fprintf(w, "%-9s %s: %s\n", label(file.Status), file.File, file.Reason)
		case runreport.FileLoaded, runreport.FileUnchanged:
			for _, name := range slices.Sorted(maps.Keys(file.Warnings)) {
				if note := documents.Note(name, file.Warnings[name]); note != "" {
					fmt.Fprintf(w, "note      %s: %s\n", file.File, note)
				}
			}
		}
	}
	switch {
	case known == 1:
		fmt.Fprintln(w, "known     1 file that was read before")
	case known > 1:
		fmt.Fprintf(w, "known     %d files that were read before\n", known)
	}
	for _, warning := range report.Warnings {
		fmt.Fprintf(w, "warning   %s\n", warning)
	}
	for _, source := range report.NoFiles {
		fmt.Fprintf(w, "no files  for source %s\n", source)
	}
}

func label(status runreport.FileStatus) string {
	if status == runreport.FileSameBytes {
		return "known"
	}
	return string(status)
}

func printModels(w io.Writer, report *runreport.Report) {
	built := 0
	for _, model := range report.Models {
		if model.Status == runreport.StatusBuilt {
			built++
			continue
		}
		fmt.Fprintf(w, "%-9s %s: %s\n", model.Status, model.Relation, model.Reason)
	}
	fmt.Fprintf(w, "\nbuilt     %d relations, %d unchanged\n", built, report.Unchanged)
	fmt.Fprintf(w, "checked   %s\n", checkedText(report))
	for _, finding := range report.Findings {
		fmt.Fprintf(w, "  %-5s   %s %s: %d rows", finding.Severity, finding.Relation, finding.Name, finding.Offending)
		if finding.Problem != "" {
			fmt.Fprintf(w, ", could not be run: %s", finding.Problem)
		}
		if len(finding.Keys) > 0 {
			fmt.Fprintf(w, ", for example %s", finding.Keys[0])
		}
		if finding.Unchanged {
			fmt.Fprint(w, " (unchanged)")
		}
		fmt.Fprintln(w)
	}
}

// checkedText counts the checks that were run, those whose outcome stands from before, and the findings of both.
func checkedText(report *runreport.Report) string {
	if report.ChecksUnchanged == 0 {
		return fmt.Sprintf("%d checks, %d with findings", report.Checks, len(report.Findings))
	}
	return fmt.Sprintf("%d checks, %d unchanged; %d of all %d with findings", report.Checks, report.ChecksUnchanged, len(report.Findings), report.Checks+report.ChecksUnchanged)
}

func bytesText(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f kB", float64(n)/1e3)
}
