//go:build duckdb_arrow

package release_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/disclosure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/release"
	"socialvalue/internal/verify"
	"socialvalue/internal/warehouse"
)

// readerRole turns the test binary into the process that verifies a DuckDB file.
const readerRole = "reader"

func TestMain(m *testing.M) {
	os.Exit(crashtest.Main(m, map[string]func(string) error{readerRole: verifyFile, composeRole: composeInChild}))
}

// verifyFile verifies the file that is the last argument of the process.
func verifyFile(string) error {
	expect, err := verify.ReadExpect(os.Stdin)
	if err != nil {
		return err
	}
	return verify.DuckDB(context.Background(), os.Args[len(os.Args)-1], expect)
}

// reader is the command that verifies a DuckDB file in a child process.
func reader(t *testing.T) []string {
	t.Helper()
	command, err := crashtest.Command(readerRole)
	if err != nil {
		t.Fatal(err)
	}
	return command
}

// buildSQL fills a build database with the relations of plan.
const buildSQL = `
create schema geo; create schema spend; create schema travel;
create table geo.district as select * from (values
	('E08000012', 'Liverpool', 486100, 0.4862), ('E08000011', 'Knowsley', 154500, 0.4646), ('E06000006', 'Halton', 128500, 0.3165)
) v(lad_code, lad_name, population, imd_decile_1_share);
alter table geo.district alter population type bigint; alter table geo.district alter imd_decile_1_share type double;
create table geo.postcode as select 'L' || i || ' 1AA' as pcds, 'E08000012' as lad_code from range(1, 200) r(i);
create table spend.payments as select
	md5('line' || i)::uuid as line_key, 'E47000004' as body_code, date '2022-04-01' + (i % 300)::int as posting_date,
	case i % 50 when 0 then '=cmd|x' when 1 then '+44' when 2 then '-' when 3 then '@x' when 4 then chr(9) || 'tab'
		when 5 then chr(13) || 'cr' when 6 then 'a, "quoted"' || chr(10) || 'line' when 7 then null else 'Supplier ' || i end as supplier_name,
	(((i * 7919) % 100003) / 100 - 50)::decimal(18,2) as amount_gbp,
	case i % 3 when 0 then true when 1 then false end as local_reg, (i % 4 > 0) as in_scope,
	case when i % 11 > 0 then timestamp '2023-01-01 10:00:00' + interval (i) second end as seen_local,
	case when i % 11 > 0 then timestamptz '2023-01-01 10:00:00+00' + interval (i * 1000003) microsecond end as seen_at
from range(3000) r(i) order by hash(i);
create table spend.local_spend as select * from (values
	('2022-23', 'all', 120.50, 0.25, null, null), ('2022-23', 'ward', null, null, 'spend_gbp, local_share', null),
	('2023-24', 'all', 0.00, null, null, 'zero_base')
) v(financial_year, breakdown, spend_gbp, local_share, withheld, null_reason);
alter table spend.local_spend alter spend_gbp type decimal(18,2); alter table spend.local_spend alter local_share type double;
alter table spend.local_spend alter withheld type varchar;
create table travel.journeys_monthly as select * from (values
	(date '2022-04-01', 'E08000012', 1234::bigint, false), (date '2022-05-01', 'E08000012', null, true), (date '2022-06-01', null, null, false)
) v(service_month, lad_code, journeys, suppressed);
create table travel.tunnel_accounts (financial_year varchar, imd_decile bigint, accounts bigint);
`

// openBuild makes a build database in memory.
func openBuild(t testing.TB, threads int) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{MemoryLimit: "1GB", Threads: threads, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	execute(t, db, buildSQL)
	return db
}

func execute(t testing.TB, db *warehouse.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// column is a documented column.
func column(name, typeName, unit string) manifest.Column {
	return manifest.Column{Name: name, Type: typeName, Unit: unit, Description: "What " + name + " says"}
}

// datasets are those of buildSQL.
func datasets() []release.Dataset {
	both := []string{"parquet", "csv"}
	list := []release.Dataset{
		{
			Name: "geo.district", Tier: manifest.TierOpen, Formats: both, Key: []string{"lad_code"}, Grain: "one district",
			Columns: []manifest.Column{column("lad_code", "VARCHAR", ""), column("lad_name", "text", ""), column("population", "BIGINT", "people"), column("imd_decile_1_share", "DOUBLE", "share")},
		},
		{
			Name: "geo.postcode", Tier: manifest.TierRestricted, Domains: []string{"spend", "travel"}, Formats: []string{"parquet"}, Key: []string{"pcds"},
			Grain: "one postcode", Columns: []manifest.Column{column("pcds", "VARCHAR", ""), column("lad_code", "VARCHAR", "")},
		},
		{
			Name: "spend.payments", Tier: manifest.TierRestricted, Formats: both, Key: []string{"line_key"}, OrderBy: []string{"posting_date"},
			Grain: "one ledger line",
			Columns: []manifest.Column{
				column("line_key", "UUID", ""), column("body_code", "VARCHAR", ""), column("posting_date", "DATE", ""), column("supplier_name", "VARCHAR", ""),
				column("amount_gbp", "DECIMAL(18,2)", "GBP"), column("local_reg", "BOOLEAN", ""), column("in_scope", "BOOLEAN", ""),
				column("seen_local", "TIMESTAMP", ""), column("seen_at", "TIMESTAMPTZ", "UTC"),
			},
		},
		{
			Name: "spend.in_scope_payments", Kind: manifest.KindView, Tier: manifest.TierRestricted, Key: []string{"line_key"}, Grain: "one ledger line",
			ViewSQL: "select line_key, share(amount_gbp, 2) as half_gbp from spend.payments where in_scope", Reads: []string{"spend.payments"},
			Columns: []manifest.Column{column("line_key", "UUID", ""), column("half_gbp", "DOUBLE", "GBP")},
		},
		{
			Name: "spend.local_spend", Tier: manifest.TierOpen, Formats: both, Key: []string{"financial_year", "breakdown"}, Grain: "one body, year and breakdown",
			Columns: []manifest.Column{
				column("financial_year", "VARCHAR", ""), column("breakdown", "VARCHAR", ""), column("spend_gbp", "NUMERIC(18, 2)", "GBP"),
				column("local_share", "DOUBLE", "share"), column("withheld", "VARCHAR", ""), column("null_reason", "VARCHAR", ""),
			},
		},
		{
			Name: "travel.journeys_monthly", Tier: manifest.TierOpen, Formats: both, Key: []string{"service_month", "lad_code"}, Grain: "one month and district",
			Columns: []manifest.Column{column("service_month", "DATE", ""), column("lad_code", "VARCHAR", ""), column("journeys", "BIGINT", "journeys"), column("suppressed", "BOOLEAN", "")},
		},
		{
			Name: "travel.tunnel_accounts", Tier: manifest.TierOpen, Formats: both, Key: []string{"financial_year", "imd_decile"}, Grain: "one year and decile",
			Columns: []manifest.Column{column("financial_year", "VARCHAR", ""), column("imd_decile", "BIGINT", ""), column("accounts", "BIGINT", "accounts")},
		},
	}
	for i := range list {
		if list[i].Kind == "" {
			list[i].Kind = manifest.KindTable
		}
		list[i].DefinedIn = "sql/" + strings.ReplaceAll(list[i].Name, ".", "/") + ".yaml"
		list[i].Description = "About " + list[i].Name
		list[i].Licence = "OGL-UK-3.0"
		list[i].SchemaVersion = 1
		list[i].InputsHash = "inputs-1"
	}
	return list
}

// plan is a plan of all datasets of buildSQL.
func plan(t testing.TB) release.Plan {
	t.Helper()
	p := bare()
	judged, err := disclosure.Protect(t.Context(), nil, release.OpenRelations(p.Datasets), disclosure.Floor())
	if err != nil {
		t.Fatal(err)
	}
	p.Masks = judged.Masks
	return p
}

// small is a plan of two datasets, one that all tiers share and one of spend.
func small(t testing.TB) release.Plan {
	t.Helper()
	p := plan(t)
	p.Datasets = []release.Dataset{p.Datasets[0], p.Datasets[4]}
	p.Queries = p.Queries[:1]
	return p
}

// bare is plan before disclosure control.
func bare() release.Plan {
	march := func(day int) time.Time { return time.Date(2025, 3, day, 0, 0, 0, 0, time.UTC) }
	monday := time.Date(2025, 6, 30, 1, 0, 0, 0, time.UTC)
	return release.Plan{
		RunID: "run-1", Software: "0.1.0", DuckDB: "v1.5.5", SchemaVersion: "1", Datasets: datasets(),
		Macros: []release.Macro{
			{Name: "share", SQL: "-- a fraction\ncreate macro share(numerator, denominator) as cast(numerator as double) / nullif(denominator, 0)", Description: "Fraction, null without a base"},
			{Name: "financial_year", SQL: "create macro financial_year(d) as case when month(d) < 4 then year(d) - 1 else year(d) end", Description: "First year of the financial year"},
		},
		Queries: []release.Query{
			{Name: "districts", Tier: "open", SQL: "-- Which districts are there?\n-- tier: open\nselect lad_name from geo.district order by lad_code;\n"},
			{Name: "spend_in_scope", Tier: "spend", SQL: "-- How much is in scope?\n-- tier: spend\nselect sum(half_gbp) from spend.in_scope_payments;\n", Reads: []string{"spend.in_scope_payments"}},
		},
		Facts: release.Facts{
			DataUpTo: map[string]time.Time{"spend": time.Date(2025, 3, 31, 0, 0, 0, 0, time.UTC)},
			Sources: []release.SourceFact{
				{Source: "leeds", Contract: "spend/payments", Domain: "spend", Supplied: true, DataTo: march(20), ReceivedAt: monday, StaleAfter: monday.Add(45 * 24 * time.Hour), SHA256: []string{"bb", "aa"}, RowsRead: 3000, RowsLoaded: 3000, ControlTotalGBP: "12.34"},
				{Source: "swipe_feed", Contract: "travel/journeys", Domain: "travel", Personal: true, Supplied: true, DataTo: march(21), FilesTo: march(31), ReceivedAt: monday, StaleAfter: monday.Add(45 * 24 * time.Hour), SHA256: []string{"cc"}, RowsRead: 1, RowsLoaded: 1},
			},
			Runs: []release.RunFact{{RunID: "run-1", Domain: release.EveryDomain, StartedAt: monday, Status: "running", Reason: "schedule nightly"}},
			Checks: []release.CheckFact{
				{Check: "adds_up", Dataset: "spend.local_spend", Domains: []string{"spend"}, Open: true, Severity: "error", Scope: "dataset", Outcome: "passed"},
				{Check: "keys", Dataset: "spend.payments", Domains: []string{"spend"}, Severity: "warn", Scope: "dataset", Outcome: "warned", Offending: 2},
			},
			Quarantine: []release.QuarantineFact{
				{Source: "leeds", Domain: "spend", File: "2010-12.csv", Row: 7, Column: "amount_gbp", Rule: "money", Value: "12.3.4", LoadID: "l1", QuarantinedAt: monday},
				{Source: "swipe_feed", Domain: "travel", File: "day.csv", Row: 9, Column: "person_ref", Rule: "pattern", Value: "never shown", Personal: true, LoadID: "l2", QuarantinedAt: monday},
			},
			Overrides: []release.OverrideFact{{Dataset: "spend.payments", Domains: []string{"spend"}, Column: "supplier_name", Key: "k1", Value: "Acme", Reason: "typing", DecidedBy: "finance", RowsChanged: 1}},
		},
	}
}

// clock starts at 02:30 and moves a minute at every look.
func clock() func() time.Time {
	now := time.Date(2025, 6, 30, 2, 29, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Minute)
		return now
	}
}

// composer makes releases in a temporary warehouse, and verifies DuckDB files
// in this process.
func composer(t testing.TB, db *warehouse.DB) release.Composer {
	t.Helper()
	return release.Composer{DB: db, Root: filepath.Join(t.TempDir(), "releases"), Now: clock()}
}

// compose makes a release that must succeed, and returns its folder.
func compose(t testing.TB, c release.Composer, p release.Plan) (*manifest.Manifest, string) {
	t.Helper()
	manifest, err := c.Compose(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return manifest, filepath.Join(c.Root, manifest.Release)
}

// tree hashes every file below a folder.
func tree(t testing.TB, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		files[name] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// texts reads the text columns that queries give from a released DuckDB file,
// opened as an analyst opens it.
func texts(t testing.TB, file string, queries ...string) []string {
	t.Helper()
	db, err := warehouse.Open(t.Context(), file, warehouse.Options{ReadOnly: true, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	var all []string
	for _, query := range queries {
		values, err := db.Texts(t.Context(), query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		all = append(all, values...)
	}
	return all
}
