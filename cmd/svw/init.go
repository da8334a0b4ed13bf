package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	socialvalue "socialvalue"
	"socialvalue/internal/contract"
	"socialvalue/internal/inspect"
	"socialvalue/internal/preview"
	"socialvalue/internal/site"
)

func newInit(a *app) *cobra.Command {
	var name, sample string
	var feeds, groups []string
	verb := &cobra.Command{
		Use:   "init DIR",
		Short: "Make a site folder: settings, a place for files, schedules",
		Long: `Makes a site folder: svw.yaml with a commented source for each feed, drop/ with a folder for
each, overrides/ and schedules/. Without --feed the site has every feed the warehouse knows, and
those without files do no harm. A site that is there already keeps every file it has.

--from SAMPLE looks at a file and gives the source of its feed a layout that reads it, to be
checked in svw.yaml; without --feed the feed is the one that knows most of its columns.

Feeds about people get a key for their group, keys/GROUP.key, that nobody else may read. A key
that is there is never replaced: keep a copy of it in a safe place, away from the warehouse's
backup. --key makes one for a site that has none yet.`,
		Example: `  svw init my-site
  svw init my-site --name "Liverpool City Region Combined Authority" --feed spend/payments --feed geography/postcodes
  svw init my-site --from export.csv --feed spend/payments
  svw init my-site --key people
  svw init my-site --feed list`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, exists, err := siteFiles(args[0])
			if err != nil {
				return err
			}
			contracts, err := contract.LoadAll(files)
			if err != nil {
				return usageError{err}
			}
			if slices.Contains(feeds, "list") {
				return listFeeds(cmd.OutOrStdout(), contracts)
			}
			var shown *preview.Preview
			if sample != "" {
				if shown, err = a.sampled(cmd, sample, feeds); err != nil {
					return err
				}
				feeds = append(feeds, shown.Contract)
			}
			var chosen []site.Feed
			if len(feeds) > 0 || len(groups) == 0 || !exists { // a key for a site is no wish for every feed
				if chosen, err = chooseFeeds(contracts, feeds); err != nil {
					return err
				}
			}
			for i := range chosen {
				if shown != nil && chosen[i].Contract == shown.Contract {
					chosen[i].Layout = shown.Layout
				}
			}
			keys, err := newKeys(files, contracts, chosen, groups)
			if err != nil {
				return err
			}
			made, err := site.Init(args[0], site.Options{Name: name, Feeds: chosen, Schedules: socialvalue.Assets, NewKeys: keys})
			if err != nil {
				return usageError{err}
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), map[string]any{"site": args[0], "made": made})
			}
			if shown != nil && !slices.Contains(made, site.FileName) {
				return usageError{fmt.Errorf("%s is a site already and keeps its %s: add the layout that svw sources preview %s proposes", args[0], site.FileName, sample)}
			}
			for _, path := range made {
				fmt.Fprintln(cmd.OutOrStdout(), "made", path)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "\nNext: edit %s/svw.yaml, put files in %s/drop/, then\n  svw --site %s doctor\n  svw --site %s run\n",
				args[0], args[0], args[0], args[0])
			return err
		},
	}
	verb.Flags().StringVar(&name, "name", "", "name of the authority")
	verb.Flags().StringVar(&sample, "from", "", "a sample file, whose feed gets a layout that reads it")
	verb.Flags().StringSliceVar(&groups, "key", nil, "a key group that gets a key, if it has none; repeat it")
	verb.Flags().StringSliceVar(&feeds, "feed", nil, "a feed the site has, as pipeline/contract; repeat it; `list` lists them")
	return verb
}

// sampled looks at a sample for the one feed that was named, or the likeliest.
func (a *app) sampled(cmd *cobra.Command, sample string, feeds []string) (*preview.Preview, error) {
	feed := ""
	if len(feeds) == 1 {
		feed = feeds[0]
	}
	shown, err := inspect.PreviewFile(cmd.Context(), builtIn(), sample, feed)
	if err != nil {
		return nil, err
	}
	if shown.Contract == "" || shown.Layout == "" {
		return nil, usageError{fmt.Errorf("no layout can be proposed for %s: see svw sources preview %s; name its feed with --feed", sample, sample)}
	}
	return shown, nil
}

func chooseFeeds(contracts map[string]*contract.Contract, wanted []string) ([]site.Feed, error) {
	if len(wanted) == 0 {
		for ref := range contracts {
			wanted = append(wanted, ref)
		}
	}
	slices.Sort(wanted)
	var chosen []site.Feed
	for _, ref := range slices.Compact(wanted) {
		c, ok := contracts[ref]
		if !ok {
			return nil, usageError{fmt.Errorf("there is no feed %q; svw init DIR --feed list lists them", ref)}
		}
		chosen = append(chosen, site.Feed{Contract: ref, Description: c.Description})
	}
	return chosen, nil
}

func listFeeds(w io.Writer, contracts map[string]*contract.Contract) error {
	all, err := chooseFeeds(contracts, nil)
	if err != nil {
		return err
	}
	for _, feed := range all {
		if _, err := fmt.Fprintf(w, "%-28s %s\n", feed.Contract, strings.TrimSpace(feed.Description)); err != nil {
			return err
		}
	}
	return nil
}
