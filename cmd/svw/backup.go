package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"socialvalue/internal/backup"
	"socialvalue/internal/upkeep"
)

func newBackup(a *app) *cobra.Command {
	var options upkeep.BackupOptions
	verb := &cobra.Command{
		Use:   "backup TARGET",
		Short: "Copy the site and its warehouse to another place",
		Long: `Copies the site's own files (svw.yaml, overrides, pipelines, sql, schedules) and the warehouse,
all but what can be built again, while no run is under way. TARGET is a folder, in which each
backup gets a folder named by its time and shares unchanged files with the one before, or a file
that ends in .tar.zst. Either is there whole or not at all. Files that departments dropped and
have not been taken in are no part of it. Key files are not either, unless --with-keys is given:
whoever has both a backup and the keys can turn pseudonyms back into people.`,
		Example: `  svw backup /mnt/backup/social-value --verify
  svw backup /mnt/backup/2026-03-05.tar.zst`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.environment(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if env.Progress != nil {
				options.Progress = percent(cmd.ErrOrStderr())
			}
			report, err := upkeep.Backup(cmd.Context(), env, args[0], options)
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), report)
			}
			return printBackup(cmd.OutOrStdout(), report, options.WithKeys)
		},
	}
	verb.Flags().BoolVar(&options.WithKeys, "with-keys", false, "include the key files that lie in the site folder")
	verb.Flags().BoolVar(&options.Verify, "verify", false, "read everything back and compare it with the manifest")
	return verb
}

// percent prints a line whenever another tenth is done.
func percent(w io.Writer) func(stage string, done, total int64, subject string) {
	last := int64(-1)
	return func(stage string, done, total int64, subject string) {
		tenth := int64(10)
		if total > 0 {
			tenth = done * 10 / total
		}
		if tenth != last {
			last = tenth
			fmt.Fprintf(w, "%-8s %3d%% of %s: %s\n", stage, tenth*10, bytesText(total), subject)
		}
	}
}

func printBackup(w io.Writer, r *backup.Report, withKeys bool) error {
	fmt.Fprintf(w, "backed up %d files, %s, of which %s were written\n          %s\n", r.Files, bytesText(r.Bytes), bytesText(r.Written), r.Path)
	if r.Verified {
		fmt.Fprintln(w, "verified  every file was read back")
	}
	switch {
	case withKeys && len(r.Keys) == 0:
		fmt.Fprintln(w, "keys      included: whoever has this backup can turn pseudonyms back into people")
	case len(r.Keys) > 0:
		fmt.Fprintln(w, "keys      NOT included; without them no file about people can be loaded again. Keep them elsewhere:")
		for _, key := range r.Keys {
			fmt.Fprintf(w, "          %s\n", key)
		}
	}
	for _, name := range r.Left {
		fmt.Fprintf(w, "left out  %s\n", name)
	}
	if r.SameDisk {
		fmt.Fprintln(w, "warn      it lies on the disk of the warehouse, and is lost with it: copy it to another")
	}
	return nil
}

func newRestore(a *app) *cobra.Command {
	verb := &cobra.Command{
		Use:   "restore FROM [TO]",
		Short: "Put a backup into an empty folder, or verify one",
		Long: `Puts a backup made by svw backup into an empty folder, or one that does not exist yet. FROM is the
folder of one backup, a folder of several (the newest is taken), or a .tar.zst file. Every file is
compared with the backup's manifest; of a damaged backup nothing stays. Without TO the backup is
only verified. A site whose warehouse lies outside of its folder gets it there, if nothing is there.`,
		Example: `  svw restore /mnt/backup/social-value /srv/social-value
  svw restore /mnt/backup/2026-03-05.tar.zst`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := backup.Find(args[0])
			if err != nil {
				return usageError{err}
			}
			var restored *backup.Restored
			if len(args) == 1 {
				restored, err = backup.Verify(cmd.Context(), from)
			} else {
				restored, err = backup.Restore(cmd.Context(), from, args[1])
			}
			var mistake *backup.TargetError
			if errors.As(err, &mistake) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), restored)
			}
			return printRestored(cmd.OutOrStdout(), restored)
		},
	}
	return verb
}

func printRestored(w io.Writer, r *backup.Restored) error {
	word := "restored"
	if r.To == "" {
		word = "verified"
	}
	fmt.Fprintf(w, "%s  %d files, %s, of %s, made by svw %s\n          %s\n", word, r.Files, bytesText(r.Bytes), r.MadeAt, r.Software, r.From)
	for _, key := range r.Keys {
		fmt.Fprintf(w, "missing   the key file %s: put it back before the next run\n", key)
	}
	if r.To != "" {
		fmt.Fprintf(w, "\nNext: svw --site %s doctor\n", r.To)
	}
	return nil
}
