//go:build !accept

package main

// How often long tests repeat in make test; their flags say otherwise.
const usualSchedulerKills = 2

// Which source of the demonstration is left out; if none is named, each in turn.
const usualFeed = "lcrca_person"
