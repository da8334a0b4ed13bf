// Package pseudonym makes the keys that stand for people: an identifier is
// normalised, and its keyed hash is what is stored in its place. Who has the
// stored keys and not the secret learns nothing from them, however few the
// possible identifiers are.
//
// The secret stays in the memory of this package: it has no method that gives
// it away, and printing a Key prints its id. It imports nothing of the engine.
package pseudonym
