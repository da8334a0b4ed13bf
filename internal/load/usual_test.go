//go:build duckdb_arrow && !accept

package load_test

// orders is how many sets of files are brought in two orders, for each mode.
const orders = 3
