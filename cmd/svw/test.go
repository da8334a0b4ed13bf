package main

import "github.com/spf13/cobra"

func newTest(a *app) *cobra.Command { return &cobra.Command{Use: "test"} }
