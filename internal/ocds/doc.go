// Package ocds reads what was published under the Open Contracting Data Standard: release packages, record packages, bare
// lists of releases, and one release a line. Each release becomes a row, judged on its own: one that is broken is named with
// its place and what is wrong, and the others of its package load.
//
// Compile puts the releases of one contracting process together as the standard's merge routine says, so that a later notice
// corrects an earlier one whatever the order in which their packages arrived.
//
// What speaks of people (contact points, beneficial owners, telephone numbers, streets and houses, mail addresses) is taken out
// before a release becomes a row; in the midst of a text, words stand in the place of mail addresses and telephone numbers. The
// package knows nothing of the warehouse and imports the standard library alone.
package ocds
