//go:build accept

package main

// How often long tests repeat in make accept; their flags say otherwise.
const usualSchedulerKills = 50
