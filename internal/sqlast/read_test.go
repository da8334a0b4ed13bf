//go:build duckdb_arrow

package sqlast_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/sqlast"
	"socialvalue/internal/warehouse"
)

// reader reads statements through a DuckDB of its own.
type reader struct {
	t    testing.TB
	db   *warehouse.DB
	lock *sync.Mutex // a database has one session
}

func newReader(t testing.TB) reader {
	t.Helper()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return reader{t, db, new(sync.Mutex)}
}

func (r reader) parse(text string) string {
	r.t.Helper()
	r.lock.Lock()
	defer r.lock.Unlock()
	parsed, err := r.db.Texts(r.t.Context(), sqlast.SerialiseQuery([]string{text}))
	if err != nil {
		r.t.Fatalf("%q: %v", text, err)
	}
	return parsed[0]
}

// strict are the rules of a model that reads geo.lsoa, which has a DOUBLE and other columns.
func strict() sqlast.Rules {
	return sqlast.Rules{
		Double: func(relation string) map[string]bool {
			if relation == "geo.lsoa" {
				return map[string]bool{"imd_score": true, "population": false, "lsoa_code": false}
			}
			return nil
		},
		Qualify: func(name string) string {
			return map[string]string{"lsoa": "geo.lsoa"}[name]
		},
		Repeatable:   true,
		NamedColumns: true,
	}
}

func describe(text string, s *sqlast.Statement) []string {
	var lines []string
	for _, p := range s.Problems {
		line, column := sqlast.Position(text, p.Offset)
		lines = append(lines, fmt.Sprintf("%d:%d: %s", line, column, p.Text))
	}
	return lines
}

func names(references []sqlast.Reference) string {
	all := make([]string, len(references))
	for i, r := range references {
		all[i] = r.Name
	}
	return strings.Join(all, " ")
}

func TestReferencesAreFoundWithProperScoping(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ sql, relations string }{
		"plain":                  {"select a from raw.t", "raw.t"},
		"case does not count":    {"select a from Raw.T join RAW.t as u using (a)", "raw.t"},
		"cte":                    {"with x as (select a from raw.t) select a from x", "raw.t"},
		"cte in other case":      {"with X as (select a from raw.t) select a from x", "raw.t"},
		"cte sees earlier":       {"with x as (select a from raw.t), y as (select a from x) select a from y", "raw.t"},
		"nested with":            {"with x as (with y as (select a from raw.t) select a from y) select a from x", "raw.t"},
		"recursive":              {"with recursive x(n) as (select 1 union all select n + 1 from x where n < 5) select n from x", ""},
		"subquery sees cte":      {"with x as (select a from raw.t) select (select max(a) from x) as m from ref.r", "raw.t ref.r"},
		"lateral":                {"select q.a from raw.t as t, lateral (select u.a from stage.u as u where u.b = t.b) as q", "raw.t stage.u"},
		"in, exists":             {"select a from raw.t where a in (select a from ref.r) and exists (select 1 from site.area)", "raw.t ref.r site.area"},
		"set operations":         {"select a from raw.t union all select a from raw.u except select a from raw.v", "raw.t raw.u raw.v"},
		"order by, having":       {"select a from raw.t group by a having count(*) > (select min(n) from ref.r) order by (select 1 from ref.s)", "raw.t ref.r ref.s"},
		"window":                 {"select sum(a) over (partition by (select 1 from ref.r) order by b) as s from raw.t", "ref.r raw.t"},
		"filter":                 {"select count(*) filter (where a in (select a from ref.r)) as n from raw.t", "ref.r raw.t"},
		"table function":         {"select a from range(1, (select max(a) from ref.r)) as t(a)", "ref.r"},
		"values":                 {"select a from (values ((select 1 from ref.r))) as v(a)", "ref.r"},
		"pivot":                  {"with p as (pivot raw.t on k in ('x', 'y') using max(v)) select x from p", "raw.t"},
		"asof join":              {"select t.a from raw.t as t asof join ref.r as r on t.a >= r.a", "raw.t ref.r"},
		"lambda":                 {"select list_transform(l, lambda v: v + 1) as m from raw.t", "raw.t"},
		"case expression":        {"select case when a then (select 1 from ref.r) else (select 2 from ref.s) end as c from raw.t", "ref.r ref.s raw.t"},
		"limit":                  {"select a from raw.t order by a limit (select n from ref.r)", "raw.t ref.r"},
		"materialised cte":       {"with x as materialized (select a from raw.t) select a from x", "raw.t"},
		"columns named as ctes":  {"with a as (select b from raw.t) select a.b from a", "raw.t"},
		"in brackets":            {"(with x as (select a from raw.t) select a from x)", "raw.t"},
		"array of rows":          {"select a from raw.t where a = any(select a from ref.r)", "raw.t ref.r"},
		"union inside cte":       {"with x as (select a from raw.t union select a from ref.r) select a from x", "raw.t ref.r"},
		"cte in both branches":   {"with x as (select a from raw.t) select a from x union all select a from x", "raw.t"},
		"shadowed by inner with": {"with x as (select a from raw.t) select a from (with x as (select a from ref.r) select a from x)", "raw.t ref.r"},
	}
	read := newReader(t)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sqlast.Read(tc.sql, read.parse(tc.sql), strict())
			if len(s.Problems) > 0 {
				t.Errorf("problems: %q", describe(tc.sql, s))
			}
			if got := names(s.Relations); got != tc.relations {
				t.Errorf("reads %q, want %q", got, tc.relations)
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sql  string
		want string
	}{
		// names
		{"select a from lsoa", "1:15: lsoa is not a CTE in scope: write geo.lsoa"},
		{"select a from other", "1:15: other is not a CTE in scope: write the relation with its schema, such as stage.other"},
		{"with x as (select 1 as a from y), y as (select 1 as a) select a from x", "1:31: y is not a CTE in scope: write the relation with its schema, such as stage.y"},
		{"with x as (select a from x) select a from x", "1:26: x is not a CTE in scope: write the relation with its schema, such as stage.x"},
		{"select a from (with x as (select 1 as a) select a from x) join x using (a)", "1:64: x is not a CTE in scope: write the relation with its schema, such as stage.x"},
		{"with recursive x as (select a from x union select a from x) select a from x", "1:36: x is not a CTE in scope: write the relation with its schema, such as stage.x"},
		{"select a from 'drop/leeds.csv'", "1:15: a file is not a relation: land it through a contract and read raw.*"},
		{"select a from '/etc/passwd'", "1:15: a file is not a relation: land it through a contract and read raw.*"},
		{"select a from build.raw.t", "1:15: build.raw.t names a database: write schema.name"},
		// statements
		{"", "1:1: no statement: write one SELECT"},
		{"\n ; select a from raw.t", "2:2: a semicolon before the statement: remove it"},
		{"-- nothing", "1:1: no statement: write one SELECT"},
		{"select 1 as a;\nselect 2 as a", "2:1: a second statement begins here: keep exactly one SELECT in a file"},
		{"select a from raw.t wher a", "1:26: syntax error at or near \"a\": not valid SQL; look here and just before"},
		{"select 'é', zz zz zz", "1:19: syntax error at or near \"zz\": not valid SQL; look here and just before"},
		{"copy (select 1) to 'x.csv'", "1:1: not a plain SELECT: a file holds one SELECT and nothing that writes, attaches, sets or pivots on values yet unknown"},
		{"describe raw.t", "1:1: * in the result: name every column, so that a new input column changes nothing\n1:1: describe, show and summarize read the catalogue: read relations only"},
		{"select a from raw.t at (version => 3)", "1:15: an earlier version of a table: read the table as it is"},
		{"select $1 as a", "1:1: a parameter ($1, ?) has no value here: read it from a relation such as site.settings"},
		// functions
		{"select a from read_csv('x.csv')", "1:15: table function read_csv: a model reads relations, and of table functions unnest, range and generate_series only"},
		{"select a from query('select 1')", "1:15: table function query: a model reads relations, and of table functions unnest, range and generate_series only"},
		{"select a from duckdb_tables()", "1:15: table function duckdb_tables: a model reads relations, and of table functions unnest, range and generate_series only"},
		{"select now() as a", "1:8: now differs from run to run: read site.as_of or site.settings, or take the value from a relation"},
		{"select main.now() as a", "1:8: now differs from run to run: read site.as_of or site.settings, or take the value from a relation"},
		{"select\n  current_date as a", "2:3: current_date differs from run to run: read site.as_of or site.settings"},
		{"select getvariable('x') as a", "1:8: getvariable is of the session or its clock: read site.as_of or site.settings"},
		{"select age(d) as a from raw.t", "1:8: age of one date measures from today: write age(as_of, …) with site.as_of"},
		{"select rowid as a from raw.t", "1:8: rowid is where a row happens to stand: use the relation's key"},
		// result
		{"select * from raw.t", "1:8: * in the result: name every column, so that a new input column changes nothing"},
		{"select t.* exclude (b) from raw.t as t", "1:8: * in the result: name every column, so that a new input column changes nothing"},
		{"from raw.t", "1:1: * in the result: name every column, so that a new input column changes nothing"},
		{"select a from raw.t union all select * from raw.u", "1:38: * in the result: name every column, so that a new input column changes nothing"},
		{"select columns('a.*') from raw.t", "1:8: * in the result: name every column, so that a new input column changes nothing"},
		{"select a + 1 from raw.t", "1:10: a column without a name: write “… as name”"},
		// order
		{"select first(a) as a from raw.t", "1:8: first without order by takes whichever row comes first: write first(… order by a key)"},
		{"select list(a order by 1) as a from raw.t", "1:8: list without order by takes whichever row comes first: write list(… order by a key)"},
		{"select string_agg(a, ',') as a from raw.t", "1:8: string_agg without order by takes whichever row comes first: write string_agg(… order by a key)"},
		{"select arg_max(a, b) as a from raw.t", "1:8: arg_max without order by takes whichever row comes first: write arg_max(… order by a key)"},
		{"select array(select a from raw.t) as a", "1:13: array_agg without order by takes whichever row comes first: write array_agg(… order by a key)"},
		{"select row_number() over (partition by a) as n from raw.t", "1:8: row_number without order by numbers rows as they happen to come: write over (… order by a key)"},
		{"select row_number() over (order by 1) as n from raw.t", "1:8: row_number without order by numbers rows as they happen to come: write over (… order by a key)"},
		{"select sum(a) over (rows unbounded preceding) as n from raw.t", "1:8: a frame of rows without order by takes rows as they happen to come: write over (… order by a key)"},
		{"select ntile(4) over (order by a) as n from raw.t", "1:8: ntile makes groups of unequal size in its own way: write ceil(rank * 10.0 / count), or what the method says"},
		{"select distinct on (a) a, b from raw.t", "1:21: distinct on without order by keeps other rows each time: add order by a key"},
		{"select a from raw.t limit 5", "1:27: limit without order by keeps other rows each time: add order by a key"},
		{"select a from raw.t using sample 5", "1:1: a sample gives other rows each time: choose rows by a condition"},
		{"select a from raw.t tablesample 5%", "1:15: a sample gives other rows each time: choose rows by a condition"},
		{"select t.a from raw.t as t positional join raw.u as u", "1:28: a positional join pairs rows by where they happen to stand: join by a key"},
		// floating point
		{"select sum(imd_score) as a from geo.lsoa", "1:8: sum of a DOUBLE differs in the last digits from run to run: use exact_sum(…)"},
		{"select avg(l.imd_score) as a from geo.lsoa as l", "1:8: avg of a DOUBLE differs in the last digits from run to run: use exact_sum(…) / count(…)"},
		{"select sum(a / b) as a from raw.t", "1:8: sum of a DOUBLE differs in the last digits from run to run: use exact_sum(…)"},
		{"select sum(cast(a as double)) as a from raw.t", "1:8: sum of a DOUBLE differs in the last digits from run to run: use exact_sum(…)"},
		{"with x as (select imd_score * 2 as s from geo.lsoa) select sum(s) as a from x", "1:60: sum of a DOUBLE differs in the last digits from run to run: use exact_sum(…)"},
		{"with x as (select * from geo.lsoa) select sum(imd_score) as a from x", "1:43: sum of a DOUBLE differs in the last digits from run to run: use exact_sum(…)"},
		{"select sum(imd_score) over (partition by lsoa_code) as a from geo.lsoa", "1:8: sum of a DOUBLE differs in the last digits from run to run: use exact_sum(…)"},
		{"select sum(case when a then imd_score else 0 end) as a from geo.lsoa", "1:8: sum of a DOUBLE differs in the last digits from run to run: use exact_sum(…)"},
		{"select stddev(population) as a from geo.lsoa", "1:8: stddev adds up in floating point, which differs from run to run: use exact_sum of the terms, or an estimator"},
		{"select median(population) as a from geo.lsoa", "1:8: median cuts off digits of a DECIMAL: write median(cast(… as double))"},
	}
	read := newReader(t)
	for _, tc := range tests {
		t.Run(tc.sql, func(t *testing.T) {
			t.Parallel()
			s := sqlast.Read(tc.sql, read.parse(tc.sql), strict())
			if diff := cmp.Diff(tc.want, strings.Join(describe(tc.sql, s), "\n")); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsAllowed(t *testing.T) {
	t.Parallel()
	read := newReader(t)
	for _, sql := range []string{
		"select sum(population) as a, avg(population) as b, max(imd_score) as c from geo.lsoa",
		"select sum(cast(imd_score as decimal(38, 10))) as a from geo.lsoa",
		"select median(cast(population as double)) as a, median(imd_score) as b from geo.lsoa",
		"select list(lsoa_code order by lsoa_code) as a, first(population order by lsoa_code) as b from geo.lsoa",
		"select arg_max(lsoa_code, (population, lsoa_code)) as a from geo.lsoa",
		"select row_number() over (partition by population order by lsoa_code) as n from geo.lsoa",
		"select max(population) over () as n, count(*) over (partition by lsoa_code) as m from geo.lsoa",
		"select lsoa_code from geo.lsoa order by lsoa_code limit 5",
		"with x as (select * from geo.lsoa) select lsoa_code from x",
		"select u from unnest([1, 2]) as t(u) union all select r from range(3) as s(r)",
		"select distinct lsoa_code from geo.lsoa",
		"select row_number() over w as n from geo.lsoa window w as (order by lsoa_code)",
		"select x.upper() as a from raw.t",
		"select population as user_count from geo.lsoa",
	} {
		t.Run(sql, func(t *testing.T) {
			t.Parallel()
			if s := sqlast.Read(sql, read.parse(sql), strict()); len(s.Problems) > 0 {
				t.Errorf("problems: %q", describe(sql, s))
			}
		})
	}
}

func TestTheListOfVolatileFunctionsIsDuckDBs(t *testing.T) {
	t.Parallel()
	read := newReader(t)
	listed, err := read.db.Texts(t.Context(), "select distinct function_name from duckdb_functions() where function_type = 'scalar' and stability <> 'CONSISTENT' order by 1")
	if err != nil {
		t.Fatal(err)
	}
	if len(listed) < 20 {
		t.Fatalf("DuckDB lists %d volatile functions: %q", len(listed), listed)
	}
	for _, name := range listed {
		sql := "select " + name + "() as a"
		if s := sqlast.Read(sql, read.parse(sql), sqlast.Rules{}); len(s.Problems) == 0 {
			t.Errorf("%s is volatile and not refused", name)
		}
	}
	// A built-in macro is as volatile as what it calls.
	macros, err := read.db.Texts(t.Context(), "select distinct function_name from duckdb_functions() where function_type = 'macro' and (macro_definition ilike '%current_%' or macro_definition ilike '%duckdb%' or macro_definition ilike '%pragma%' or macro_definition ilike '%pg_catalog%')")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range macros {
		sql := "select " + name + "() as a"
		if s := sqlast.Read(sql, read.parse(sql), sqlast.Rules{}); len(s.Problems) == 0 {
			t.Errorf("the built-in macro %s is not refused", name)
		}
	}
}

func TestLayoutDoesNotChangeTheCanonicalText(t *testing.T) {
	t.Parallel()
	read := newReader(t)
	canonical := func(sql string) string { return sqlast.Read(sql, read.parse(sql), sqlast.Rules{}).Canonical }
	base := "select a, b + 1 as c from raw.t where d = '\"query_location\":5,' and e > 0.5"
	same := "-- a comment\nSELECT a,   b+1 AS c /* another */\nFROM raw.t\nWHERE d = '\"query_location\":5,' AND e > 0.5 ;\n"
	if canonical(base) != canonical(same) {
		t.Error("blanks, comments and upper case changed the canonical text")
	}
	for _, other := range []string{
		strings.Replace(base, "0.5", "0.50", 1), strings.Replace(base, ":5,", ":6,", 1), strings.Replace(base, "b + 1", "b - 1", 1),
		strings.Replace(base, "raw.t", "raw.u", 1), strings.Replace(base, "as c", "as e", 1), base + " and f", base + " order by a",
	} {
		if canonical(base) == canonical(other) {
			t.Errorf("%q has the canonical text of %q", other, base)
		}
	}
}

func TestMacroBodies(t *testing.T) {
	t.Parallel()
	tests := []struct{ body, want string }{
		{"sum(cast(x as decimal(38, 10)))", ""},
		{"case when x > 0 then x end", ""},
		{"list_sum(list_transform([1, 2], lambda v: v + x))", ""},
		{"(select max(v) from unnest(x) as t(v))", ""},
		{"x + outside", "1:5: outside is no argument of the macro: add it to the arguments"},
		{"x, y", "1:1: a macro is one expression: no table, no second value, no name"},
		{"x as y", "1:1: a macro is one expression: no table, no second value, no name"},
		{"x from raw.t", "1:1: a macro is one expression: no table, no second value, no name"},
		{"x order by x", "1:1: a macro is one expression: no table, no second value, no name"},
		{"now() - x", "1:1: now differs from run to run: read site.as_of or site.settings, or take the value from a relation"},
		{"x +", "1:4: syntax error at end of input: not valid SQL; look here and just before"},
	}
	read := newReader(t)
	rules := strict()
	rules.Arguments = []string{"x", "y"}
	for _, tc := range tests {
		t.Run(tc.body, func(t *testing.T) {
			t.Parallel()
			s := sqlast.ReadExpression(tc.body, read.parse(sqlast.ExpressionPrefix+tc.body), rules)
			if diff := cmp.Diff(tc.want, strings.Join(describe(tc.body, s), "\n")); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
