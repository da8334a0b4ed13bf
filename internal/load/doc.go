// Package load takes prepared files into the record: every row is judged by
// its contract, typed rows become an immutable object of the store, wrong rows
// are quarantined with their reasons, and the ledger of loads decides which
// rows are active.
//
// Documents that are written alike are read together, where a row is judged by
// itself: what comes out is what reading each alone gives.
//
// The order of a load is what makes a crash harmless: object synced and
// renamed, then one transaction in the build database, then the note in the
// store. Whatever comes later is repaired from what came earlier.
package load
