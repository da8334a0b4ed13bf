// Package workspace opens a site's warehouse to work in: the surroundings of a
// run, the definitions of the site, the project with who may read what of it, the
// one lock, the store's ledger, the run state and the build database, and the
// building of relations there.
package workspace
