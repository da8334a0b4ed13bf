//go:build !accept

package main

// How often long tests repeat in make test; their flags say otherwise.
const usualSchedulerKills = 2

// scriptFolders are the folders of scripts that are played.
func scriptFolders() []string { return []string{"script"} }
