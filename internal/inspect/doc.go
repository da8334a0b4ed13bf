// Package inspect answers how a warehouse stands, and changes nothing: its status,
// what a run would do, sources and files that are only tried, loads, quarantined
// rows, runs, and what disclosure control withheld.
package inspect
