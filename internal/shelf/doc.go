// Package shelf keeps the folder in which releases or editions stand: which there
// are, which one is in force, the hold after a rollback, what is taken away, and
// which group may read what.
//
// Callers hold the warehouse's lock: nothing here guards against a second
// writer. Readers need no lock.
package shelf
