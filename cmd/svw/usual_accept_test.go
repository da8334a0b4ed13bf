//go:build accept

package main

// How often long tests repeat in make accept; their flags say otherwise.
const usualSchedulerKills = 50

// Which source of the demonstration is left out; if none is named, each in turn.
const usualFeed = ""
