// Package upkeep does what a warehouse needs beside its runs: it removes releases,
// received files and rows about people when their time is up, lists what was set
// aside, makes backups, moves the pointer back, and publishes.
package upkeep
