// Command svw is the social value warehouse: it loads files, builds datasets and releases them.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{
		Use:           "svw",
		Short:         "The social value warehouse",
		Version:       programVersion(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(newInit())
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "svw:", err)
		os.Exit(2)
	}
}
