package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"socialvalue/internal/site"
)

func newInit() *cobra.Command {
	var name string
	var feeds []string
	c := &cobra.Command{
		Use:     "init DIR",
		Short:   "Make a site folder: svw.yaml, and where to drop files",
		Example: "  svw init /srv/social-value --name 'Liverpool City Region Combined Authority' --feed spend/payments",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			options := site.Options{Name: name}
			for _, f := range feeds {
				options.Feeds = append(options.Feeds, site.Feed{Contract: f, Description: f})
			}
			made, err := site.Init(args[0], options)
			for _, m := range made {
				fmt.Fprintln(c.OutOrStdout(), m)
			}
			return err
		},
	}
	c.Flags().StringVar(&name, "name", "", "name of the authority")
	c.Flags().StringSliceVar(&feeds, "feed", nil, "a contract to load, as spend/payments; may be repeated")
	return c
}
