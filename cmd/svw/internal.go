package main

import (
	"github.com/spf13/cobra"

	"socialvalue/internal/verify"
)

// newInternal holds what the program calls of itself in another process.
func newInternal() *cobra.Command {
	group := &cobra.Command{Use: "internal", Short: "What svw calls of itself", Hidden: true}
	group.AddCommand(&cobra.Command{
		Use:   "verify-duckdb FILE",
		Short: "Open a released DuckDB file as an analyst does and compare it with what standard input says it contains",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			expect, err := verify.ReadExpect(cmd.InOrStdin())
			if err != nil {
				return err
			}
			return verify.DuckDB(cmd.Context(), args[0], expect)
		},
	})
	return group
}
