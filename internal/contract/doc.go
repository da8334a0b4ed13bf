// Package contract reads the contracts of a feed: what its columns are, what
// text is accepted for each, which rows are skipped by rule, and how a file is
// loaded. It turns a contract and a layout into the SQL that judges every row,
// but runs nothing itself.
//
// It may import internal/layout and the quoting of internal/warehouse, and
// nothing else of the engine.
package contract
