package sqlast

import (
	"slices"
	"strings"
)

// What an aggregate is allowed to do; any other rule is the reason and remedy for refusing it always.
const (
	freely      = ""
	whenOrdered = "when ordered" // keeps a row: needs ORDER BY
	whenExact   = "when exact"   // adds up: not over DOUBLE
	whenDouble  = "when double"  // interpolates: only over DOUBLE
)

// aggregateRule is what is asked of an aggregate so that it gives the same result whatever order rows come in.
func aggregateRule(name string) string {
	switch name {
	case "any_value", "arbitrary", "first", "last", "mode", "list", "array_agg", "string_agg", "group_concat", "listagg",
		"arg_max", "argmax", "max_by", "arg_max_null", "arg_max_nulls_last",
		"arg_min", "argmin", "min_by", "arg_min_null", "arg_min_nulls_last":
		return whenOrdered
	case "sum", "avg", "mean":
		return whenExact
	case "median", "quantile_cont", "percentile_cont":
		return whenDouble
	case "stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp", "sem", "corr", "covar_pop", "covar_samp",
		"skewness", "kurtosis", "kurtosis_pop", "entropy", "product", "geomean", "geometric_mean", "weighted_avg", "wavg",
		"regr_avgx", "regr_avgy", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy",
		"fsum", "sumkahan", "kahan_sum", "favg", "sum_no_overflow":
		return name + " adds up in floating point, which differs from run to run: use exact_sum of the terms, or an estimator"
	case "approx_count_distinct", "approx_quantile", "approx_top_k", "reservoir_quantile":
		return name + " is an approximation: use count(distinct …) or quantile_cont(cast(… as double), …)"
	case "ntile":
		return "ntile makes groups of unequal size in its own way: write ceil(rank * 10.0 / count), or what the method says"
	case "json_group_array", "json_group_object", "json_group_structure":
		return name + " takes rows as they happen to come: write to_json(list(… order by a key))"
	}
	return freely
}

// isExtreme says whether an aggregate takes the row with the greatest or least value, where a row of several values as
// that value leaves no ties.
func isExtreme(name string) bool {
	return strings.HasPrefix(name, "arg") || strings.HasSuffix(name, "_by")
}

func exactly(name string) string {
	if name == "sum" {
		return "use exact_sum(…)"
	}
	return "use exact_sum(…) / count(…)"
}

// refusedFunction gives the reason and remedy for a function no statement may call, or "".
func refusedFunction(name string, arguments int) string {
	switch {
	case isVolatile(name):
		return name + " differs from run to run: read site.as_of or site.settings, or take the value from a relation"
	case name == "age" && arguments == 1:
		return "age of one date measures from today: write age(as_of, …) with site.as_of"
	case isSessionWord(name) || slices.Contains([]string{
		"current_setting", "getvariable", "getenv", "version", "ago",
		"current_localtime", "current_localtimestamp",
	}, name):
		return name + " is of the session or its clock: read site.as_of or site.settings"
	case strings.HasPrefix(name, "pg_") || strings.HasPrefix(name, "duckdb_") || strings.HasPrefix(name, "pragma_") ||
		strings.HasPrefix(name, "has_") && strings.HasSuffix(name, "_privilege") || strings.HasPrefix(name, "inet_") ||
		slices.Contains([]string{
			"format_type", "format_pg_type", "map_to_pg_oid", "obj_description", "col_description",
			"shobj_description", "get_block_size",
		}, name):
		return name + " reads the catalogue: read relations only"
	case strings.HasPrefix(name, "read_") || strings.HasSuffix(name, "_scan") || strings.HasPrefix(name, "parquet_") ||
		slices.Contains([]string{"query", "query_table", "glob", "sniff_csv", "json_execute_serialized_sql"}, name):
		return name + " reads what the graph does not know of: read relations only"
	}
	return ""
}

// isVolatile lists the functions whose stability DuckDB gives as other than CONSISTENT; a test compares the two.
func isVolatile(name string) bool {
	switch name {
	case "current_connection_id", "current_database", "current_date", "current_query", "current_query_id", "current_schema",
		"current_schemas", "current_transaction_id", "currval", "error", "gen_random_uuid", "get_current_time",
		"get_current_timestamp", "in_search_path", "nextval", "now", "random", "setseed", "sleep_ms", "stats", "today",
		"transaction_timestamp", "txid_current", "uuid", "uuidv4", "uuidv7", "write_log":
		return true
	}
	return false
}

// isSessionWord lists the words that need no brackets to be functions.
func isSessionWord(name string) bool {
	switch name {
	case "current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp",
		"current_user", "localtime", "localtimestamp", "session_user", "user":
		return true
	}
	return false
}

// givesDouble says whether a function certainly gives DOUBLE, from which of its arguments certainly are.
func givesDouble(name string, doubles []bool) bool {
	switch name {
	case "/", "sqrt", "cbrt", "exp", "ln", "log", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
		"radians", "degrees", "pi", "avg", "mean", "percent_rank", "cume_dist", "jaro_similarity", "jaro_winkler_similarity",
		"jaccard":
		return true
	case "+", "-", "*", "%", "**", "^", "pow", "power", "greatest", "least", "coalesce", "ifnull":
		return slices.Contains(doubles, true)
	case "round", "trunc", "ceil", "ceiling", "floor", "abs", "nullif", "sum", "min", "max", "median", "quantile_cont", "lag",
		"lead", "first", "last", "any_value", "first_value", "last_value", "nth_value", "arg_max", "arg_min", "max_by", "min_by":
		return len(doubles) > 0 && doubles[0]
	}
	return false
}
