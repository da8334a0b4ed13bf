// Package manifest is what a release says of itself: which datasets, files,
// macros and questions it is made of, the seal of an edition, what was taken out
// since, and where each file stands below its folder. Whoever reads a release
// needs this and not what composes one.
package manifest
