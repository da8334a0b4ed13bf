//go:build !accept

package main

// How often long tests repeat in make test; their flags say otherwise.
const usualSchedulerKills = 2
