//go:build duckdb_arrow

package sqlast_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"socialvalue/internal/sqlast"
	"socialvalue/internal/warehouse"
)

// escapes are statements that would read or change what the graph does not know of.
func escapes() []string {
	return []string{
		"select a from '/etc/passwd'",
		"select a from \"/etc/passwd\"",
		"from 'x.csv' select a",
		"select a from 'x.parquet' as raw",
		"with x as (select 1 as a) select a from x, 'x.csv'",
		"with x as (select a from 'x.json') select a from x",
		"select (select max(a) from 'x.csv') as a",
		"select a from raw.t where a in (from 'x.csv')",
		"select a from raw.t order by (select 1 from 'x.csv')",
		"select a from raw.t limit (select count(*) from 'x.csv')",
		"select a from raw.t group by a having a > (select 1 from 'x.csv')",
		"select a from raw.t qualify row_number() over (order by (select 1 from 'x.csv')) = 1",
		"select sum(a) filter (where a > (select 1 from 'x.csv')) as a from raw.t",
		"select list_transform([1], lambda v: (select count(*) from 'x.csv')) as a",
		"select case when (select true from 'x.csv') then 1 end as a",
		"select a from (values ((select 1 from 'x.csv'))) as v(a)",
		"select a from raw.t asof join 'x.csv' as x on t.a >= x.a",
		"select a from raw.t, lateral (select b from 'x.csv') as x",
		"select a from (pivot 'x.csv' on b in ('c') using max(d))",
		"pivot 'x.csv' on b in ('c') using max(d)",
		"unpivot 'x.csv' on a, b",
		"select a from range((select count(*) from 'x.csv')) as r(a)",
		"with recursive x as (select 1 as a union all select a + 1 from x, 'x.csv' as f) select a from x",
		"select a from read_csv('x.csv')", "select a from READ_CSV_AUTO('x.csv')", "select a from main.read_csv('x.csv')",
		"select a from system.main.read_csv('x.csv')", "select a from read_text('/etc/passwd')", "select a from read_blob('/etc/passwd')",
		"select a from read_parquet('x.parquet')", "select a from parquet_scan('x.parquet')", "select a from read_json('x.json')",
		"select a from read_ndjson_objects('x.json')", "select a from parquet_metadata('x.parquet')", "select a from parquet_kv_metadata('x')",
		"select a from glob('/etc/*')", "select a from sniff_csv('x.csv')",
		"select a from query('select 1 as a')", "select a from query_table('raw.t')", "select a from query_table(['raw.t', 'raw.u'])",
		"select a from json_execute_serialized_sql('{}')",
		"select a from duckdb_settings()", "select a from duckdb_secrets()", "select a from pragma_table_info('raw.t')",
		"select a from pragma_database_size()", "select a from pg_catalog.pg_tables", "select a from sqlite_master",
		"select table_name as a from information_schema.tables", "select a from main.duckdb_tables",
		"select a from summary(raw.t)", "select a from test_all_types()", "select a from repeat(1, 5)", "select a from seq_scan('raw', 't')",
		"select a from storage_info('raw.t')", "select a from histogram_values(raw.t, a)", "select a from which_secret('x', 'y')",
		"select a from json_each('{}')", "select a from unnest((select list(a order by a) from 'x.csv')) as u(a)",
		"pragma database_list", "pragma version", "call duckdb_tables()", "set memory_limit = '1GB'", "reset memory_limit",
		"attach 'x.db'", "attach 'x.db' as raw", "detach raw", "use raw", "load httpfs", "install httpfs", "checkpoint", "vacuum",
		"copy raw.t to 'x.csv'", "copy (select 1) to 'x.csv'", "copy raw.t from 'x.csv'", "export database 'x'", "import database 'x'",
		"insert into raw.t values (1)", "update raw.t set a = 1", "delete from raw.t", "truncate raw.t", "drop table raw.t",
		"create table x as select 1 as a", "create macro f() as 1", "create view v as select 1 as a", "alter table raw.t drop a",
		"prepare p as select 1", "execute p", "deallocate p", "begin", "commit", "rollback", "explain select 1 as a", "show tables",
		"describe raw.t", "summarize raw.t", "from (show tables) select name", "from (describe raw.t) select a", "select a from (summarize raw.t)",
		"comment on table raw.t is 'x'", "merge into raw.t using raw.u on true when matched then delete",
		"select 1 as a; select 2 as b", "select 1 as a; copy raw.t to 'x'", "; ; select 1 as a; ; drop table raw.t",
		"select a from build.raw.t", "select a from memory.main.t", "select a from temp.raw.t",
		"select getenv('HOME') as a", "select getvariable('x') as a", "select current_setting('home_directory') as a",
		"select now() as a", "select today() as a", "select current_timestamp as a", "select CURRENT_DATE as a", "select current_user as a",
		"select random() as a", "select uuid() as a", "select nextval('s') as a", "select txid_current() as a", "select version() as a",
		"select a.now() as a from raw.t", "select current_database() as a", "select pg_typeof(1) as a", "select write_log('x') as a",
		"select ago(interval 1 day) as a", "select current_localtimestamp() as a", "select setseed(0.5) as a", "select sleep_ms(1) as a",
		"select error('x') as a", "select in_search_path('a', 'b') as a", "select stats(a) as a from raw.t",
		"select a from raw.t tablesample 1 rows", "select a from raw.t using sample 1%", "select a from raw.t at (timestamp => now())",
		"select ? as a", "select $a as a", "select $1 as a",
		"with x as (insert into raw.t values (1) returning a) select a from x",
		"select a from x.y.z.w", "select columns(*) from raw.t", "select * from raw.t", "table raw.t",
	}
}

func TestNoEscapeIsAccepted(t *testing.T) {
	t.Parallel()
	read := newReader(t)
	for _, sql := range escapes() {
		t.Run(sql, func(t *testing.T) {
			t.Parallel()
			s := sqlast.Read(sql, read.parse(sql), strict())
			known := slices.ContainsFunc(s.Relations, func(r sqlast.Reference) bool { return !isKnown(r.Name) })
			if len(s.Problems) == 0 && !known {
				t.Errorf("accepted; reads %q", names(s.Relations))
			}
		})
	}
}

// isKnown says whether the tests have a relation; a project refuses the others.
func isKnown(relation string) bool {
	return slices.Contains([]string{"raw.t", "raw.u", "geo.lsoa", "ref.r", "site.as_of"}, relation)
}

// oracle is a DuckDB that holds the known relations, and a file that must not be read.
func oracle(t testing.TB) reader {
	t.Helper()
	read := newReader(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.csv"), []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := read.db.Exec(t.Context(), `
create schema raw; create schema geo; create schema ref; create schema site;
create table raw.t(a integer, b varchar, k varchar, l integer[], v double);
create table raw.u(a integer, b varchar);
create table geo.lsoa(lsoa_code varchar, imd_score double, population bigint);
create table ref.r(a integer, n integer);
create table site.as_of(as_of date);
set file_search_path = `+warehouse.Text(dir)); err != nil {
		t.Fatal(err)
	}
	return read
}

// FuzzRead reads any text. Whatever it says is harmless, DuckDB must resolve to reading the relations it found, and
// nothing else; and it must be allowed to stand in brackets.
func FuzzRead(f *testing.F) {
	for _, sql := range escapes() {
		f.Add(sql)
	}
	for _, sql := range []string{
		"with x as (select a from raw.t) select a from x", "select sum(population) as a from geo.lsoa",
		"with recursive x(n) as (select 1 union all select n + 1 from x where n < 5) select n from x",
		"select t.a from raw.t as t, lateral (select u.a from raw.u as u where u.b = t.b) as q",
		"select a, row_number() over (partition by b order by a) as n from raw.t -- comment",
		"select u from unnest([1, 2]) as t(u)", "select list(a order by a) as l from raw.t", "select a from raw.t order by a limit 3",
		"(select a from raw.t) union all (select a from raw.u) ;", "select $$x$$ as a, E'\\'' as b, 'it''s' as c, \"b\" from raw.t /* /* x */ */",
	} {
		f.Add(sql)
	}
	read := oracle(f)
	f.Fuzz(func(t *testing.T, sql string) {
		if sqlast.Parsable(sql) != nil || len(sql) > 2000 {
			t.Skip()
		}
		parsed, err := read.db.Texts(t.Context(), sqlast.SerialiseQuery([]string{sql}))
		if err != nil {
			t.Skip() // a load refuses it as a whole
		}
		s := sqlast.Read(sql, parsed[0], strict())
		for _, p := range s.Problems {
			sqlast.Position(sql, p.Offset)
		}
		if len(s.Problems) > 0 || slices.ContainsFunc(s.Relations, func(r sqlast.Reference) bool { return !isKnown(r.Name) }) {
			return
		}
		onlyReads(t, read, "select * from (\n"+sqlast.Trim(sql)+"\n)", s)
	})
}

// onlyReads compares what was found with the plan DuckDB makes.
func onlyReads(t *testing.T, read reader, sql string, s *sqlast.Statement) {
	t.Helper()
	plans, err := read.db.Texts(t.Context(), "select json_serialize_plan("+warehouse.Text(sql)+")::varchar")
	if err != nil {
		return // it does not even resolve
	}
	var answer struct {
		Error   bool   `json:"error"`
		Message string `json:"error_message"`
		Plans   []any  `json:"plans"`
	}
	if err := json.Unmarshal([]byte(plans[0]), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Error {
		if strings.Contains(answer.Message, "syntax error") {
			t.Errorf("it does not stand in brackets: %s", answer.Message)
		}
		return
	}
	if len(answer.Plans) != 1 {
		t.Errorf("%d statements", len(answer.Plans))
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if v["type"] == "LOGICAL_GET" {
				function, _ := v["name"].(string)
				data, _ := v["function_data"].(map[string]any)
				schema, _ := data["schema"].(string)
				table, _ := data["table"].(string)
				switch {
				case slices.Contains([]string{"range", "generate_series", "unnest"}, function):
				case function == "seq_scan" && slices.ContainsFunc(s.Relations, func(r sqlast.Reference) bool { return r.Name == schema+"."+table }):
				default:
					t.Errorf("accepted, and DuckDB reads %s %s.%s; found were %q", function, schema, table, names(s.Relations))
				}
			}
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(answer.Plans)
}

// FuzzTokens splits any text; the tokens must cover it but for blanks and comments, in order.
func FuzzTokens(f *testing.F) {
	for _, sql := range []string{"select 'a''b' -- c", "$x$ y $x$", "e'\\'' /* /* */ */ \"q\"", "a.b::c", "'", "\"", "$$", "/*", "é -- ü"} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		at := 0
		for _, token := range sqlast.Tokens(sql) {
			if token.Text == "" || token.Offset < at || sql[token.Offset:token.End()] != token.Text {
				t.Fatalf("token %+v after %d", token, at)
			}
			at = token.End()
		}
		if trimmed := sqlast.Trim(sql); !strings.HasPrefix(sql, trimmed) {
			t.Fatalf("trimmed to %q", trimmed)
		}
	})
}
