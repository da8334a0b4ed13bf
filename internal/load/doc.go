// Package load takes prepared files into the record: every row is judged by
// its contract, typed rows become an immutable object of the store, wrong rows
// are quarantined with their reasons, and the ledger of loads decides which
// rows are active.
//
// The order of a load is what makes a crash harmless: object synced and
// renamed, then one transaction in the build database, then the note in the
// store. Whatever comes later is repaired from what came earlier.
package load
