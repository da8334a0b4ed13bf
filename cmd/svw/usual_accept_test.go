//go:build accept

package main

// How often long tests repeat in make accept; their flags say otherwise.
const usualSchedulerKills = 50

// Whether each source of the demonstration is left out in turn, or the first of each pipeline.
const usualEveryFeed = true
