// Package model reads the SQL project (models, reference data, macros, checks, queries), orders it into a graph, says
// what must be built and why, and builds it in the warehouse.
//
// References are found by DuckDB's own parser (internal/sqlast); nothing here trusts a regular expression with SQL.
package model
