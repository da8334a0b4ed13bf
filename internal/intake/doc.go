// Package intake turns what arrived into loads: it lists the files of each source,
// lands those that are new, opens their documents with the keys and places that
// their feeds need, loads them, and reads again what was corrected or asked for.
package intake
