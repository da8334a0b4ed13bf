// Package sqlast reads one SELECT as DuckDB parses it (json_serialize_sql) and says what it reads, what it calls, and
// what in it would not give the same rows twice. It never runs SQL: the caller brings DuckDB's serialised text.
//
// Everything that is not known to be harmless is refused, because the parser alone would take a file name for a table.
package sqlast
