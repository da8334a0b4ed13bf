// Package run makes one run of the warehouse: it takes in what arrived, builds
// what is stale, checks it, and releases it. It decides the order of things
// and what a failure stops; every stage is a package of its own. Backfills,
// replays and reverts are journalled as runs are.
package run
