//go:build duckdb_arrow

package release_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/manifest"
	"socialvalue/internal/release"
	"socialvalue/internal/shelf"
	"socialvalue/internal/verify"
	"socialvalue/internal/warehouse"
)

func TestComposeMakesTheWholeFolder(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 2))
	c.Reader = reader(t)
	manifest, folder := compose(t, c, plan(t))
	if !strings.HasPrefix(manifest.Release, "20250630T023000Z-") {
		t.Errorf("release is named %s", manifest.Release)
	}
	metaOpen := []string{"columns", "release", "sources", "suppressions"}
	metaDomain := append([]string{"checks", "overrides", "quarantine", "runs"}, metaOpen...)
	want := []string{"manifest.json", "queries/districts.sql", "queries/spend_in_scope.sql"}
	add := func(place string, names ...string) {
		for _, name := range names {
			dataset := name[:strings.LastIndex(name, ".")]
			want = append(want, place+"/datasets/"+dataset+"/"+name)
		}
	}
	for place, meta := range map[string][]string{"open": metaOpen, "restricted/spend": metaDomain, "restricted/travel": metaDomain} {
		for _, name := range meta {
			add(place, "meta."+name+".parquet", "meta."+name+".csv")
		}
		add(place, "geo.district.parquet", "geo.district.csv")
		want = append(want, place+"/manifest.json", place+"/social_value_"+filepath.Base(place)+".duckdb")
	}
	want = append(want, "open/social_value_open.xlsx")
	want = append(want, "open/catalogue.jsonld")
	add("open", "spend.local_spend.parquet", "spend.local_spend.csv", "travel.journeys_monthly.parquet", "travel.journeys_monthly.csv",
		"travel.tunnel_accounts.parquet", "travel.tunnel_accounts.csv")
	add("restricted/spend", "geo.postcode.parquet", "spend.payments.parquet", "spend.payments.csv", "spend.local_spend.parquet", "spend.local_spend.csv")
	add("restricted/travel", "geo.postcode.parquet", "travel.journeys_monthly.parquet", "travel.journeys_monthly.csv",
		"travel.tunnel_accounts.parquet", "travel.tunnel_accounts.csv")
	slices.Sort(want)
	var got []string
	for name := range tree(t, folder) {
		got = append(got, name)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if link, err := os.Readlink(filepath.Join(c.Root, "current")); err != nil || link != manifest.Release {
		t.Errorf("current -> %q, %v; want %s", link, err, manifest.Release)
	}
	if err := verify.Release(t.Context(), filepath.Join(c.Root, "current"), reader(t)); err != nil {
		t.Error(err)
	}
	current, err := shelf.Current(c.Root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(manifest, current); diff != "" {
		t.Errorf("manifest as made and as read:\n%s", diff)
	}
}

func TestComposeModes(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	_, folder := compose(t, c, plan(t))
	for path, want := range map[string]os.FileMode{
		c.Root: 0o750, folder: 0o750, folder + "/open/datasets/geo.district": 0o750, folder + "/manifest.json": 0o640,
		folder + "/open/social_value_open.duckdb": 0o640, folder + "/queries/districts.sql": 0o640,
		folder + "/open/datasets/geo.district/geo.district.parquet": 0o440, folder + "/open/datasets/geo.district/geo.district.csv": 0o440,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
	}
}

func TestDuckDBFilesAnswerUnderTheirDocumentedNames(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 2))
	_, folder := compose(t, c, plan(t))
	open, spend := folder+"/open/social_value_open.duckdb", folder+"/restricted/spend/social_value_spend.duckdb"
	for _, test := range []struct {
		name, file, query string
		want              []string
	}{
		{"rows stand in their order", open, "select lad_code from geo.district", []string{"E06000006", "E08000011", "E08000012"}},
		{"a view over a table of the file", spend, "select count(*)::varchar from spend.in_scope_payments", []string{"2250"}},
		{"a macro", open, "select share(1, 4)::varchar", []string{"0.25"}},
		{
			"types are kept", spend, "select string_agg(data_type, ' ' order by column_index) from duckdb_columns() where table_name = 'payments'",
			[]string{"UUID VARCHAR DATE VARCHAR DECIMAL(18,2) BOOLEAN BOOLEAN TIMESTAMP TIMESTAMP WITH TIME ZONE"},
		},
		{"an open comment has the unit", open, "select comment from duckdb_columns() where table_name = 'local_spend' and column_name = 'spend_gbp'", []string{"What spend_gbp says. Unit: GBP."}},
		{"an internal comment says so", spend, "select comment from duckdb_tables() where table_name = 'payments'", []string{"INTERNAL. About spend.payments. One row: one ledger line. Licence: OGL-UK-3.0."}},
		{"open tables of restricted files too", spend, "select comment[1:9] from duckdb_tables() where table_name = 'district'", []string{"INTERNAL."}},
		{"storage version", open, "select tags['storage_version'] from duckdb_databases() where path is not null", []string{"v1.0.0+"}},
		{"an empty dataset", open, "select count(*)::varchar from travel.tunnel_accounts", []string{"0"}},
		{
			"of personal sources the open file counts nothing", open, "select concat_ws(' ', source, contract, supplied, data_to, files, rows_read, rows_loaded, rows_duplicate, rows_quarantined, rows_skipped) from meta.sources",
			[]string{"leeds spend/payments true 2025-03-20 2 3000 3000 0 0 0", "swipe_feed travel/journeys true 2025-03-31"},
		},
		{"nor in another domain's", spend, "select source from meta.sources", []string{"leeds"}},
		{"but in their own", folder + "/restricted/travel/social_value_travel.duckdb", "select source from meta.sources order by 1", []string{"leeds", "swipe_feed"}},
		{"freshness compares with now", open, "select source || ' ' || contract || ' ' || is_stale from meta.freshness", []string{"leeds spend/payments true", "swipe_feed travel/journeys true"}},
		{"the last day of rows about people is told in their own file", folder + "/restricted/travel/social_value_travel.duckdb", "select cast(data_to as varchar) from meta.freshness where source = 'swipe_feed'", []string{"2025-03-21"}},
		{"quarantine shows masked values", spend, "select shown_value from meta.quarantine", []string{"12.3.4"}},
		{"but no personal ones", folder + "/restricted/travel/social_value_travel.duckdb", "select coalesce(shown_value, 'null') from meta.quarantine", []string{"null"}},
		{"release rows by domain", open, "select domain || ' ' || coalesce(data_up_to::varchar, '-') || ' ' || held_back from meta.release", []string{"geo - []", "spend 2025-03-31 []", "travel - []"}},
		{"columns are described", open, "select unit from meta.columns where dataset = 'spend.local_spend' and column_name = 'spend_gbp'", []string{"GBP"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, texts(t, test.file, test.query)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFilesAnswerWhenAttachedUnderAnyName(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	_, folder := compose(t, c, plan(t))
	db := openBuild(t, 1) // a session that has relations of the same names
	execute(t, db, "drop table spend.payments; attach "+warehouse.Text(folder+"/restricted/spend/social_value_spend.duckdb")+" as other (read_only)")
	for query, want := range map[string]string{
		"select count(*)::varchar from other.spend.in_scope_payments": "2250",
		"select other.share(1, 4)::varchar":                           "0.25",
		"select count(*)::varchar from other.meta.freshness":          "1",
		"select count(*)::varchar from other.geo.district where true": "3",
	} {
		got, err := db.Texts(t.Context(), query)
		if err != nil || got[0] != want {
			t.Errorf("%s = %v, %v; want %s", query, got, err, want)
		}
	}
}

func TestEveryColumnBindsUnquoted(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	_, folder := compose(t, c, plan(t))
	for _, file := range []string{folder + "/open/social_value_open.duckdb", folder + "/restricted/travel/social_value_travel.duckdb"} {
		texts(t, file, texts(t, file, "select 'select count(' || column_name || ')::varchar from ' || schema_name || '.' || table_name from duckdb_columns() where not internal")...)
	}
}

func TestOpenTierSaysNothingOfRestrictedOnes(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	_, folder := compose(t, c, plan(t))
	for name := range tree(t, filepath.Join(folder, "open")) {
		data, err := os.ReadFile(filepath.Join(folder, "open", name))
		if err != nil {
			t.Fatal(err)
		}
		// That a feed about people is there, and how fresh, everybody may know.
		tellsSources := strings.Contains(name, "meta.sources") || strings.HasSuffix(name, ".duckdb")
		for _, word := range []string{"spend.payments", "in_scope", "postcode", "swipe_feed", "line_key", "spend_in_scope", "2025-03-21"} {
			if word == "swipe_feed" && tellsSources {
				continue
			}
			if strings.Contains(string(data), word) {
				t.Errorf("open/%s contains %q", name, word)
			}
		}
	}
}

func TestFilesAreTheSameBytesWhateverTheThreadsTheClockAndTheRun(t *testing.T) {
	t.Parallel()
	// Rows enough for several row groups, in an order that says nothing.
	const large = `create or replace table spend.payments as select md5('line' || i)::uuid as line_key, 'E47000004' as body_code,
		date '2022-04-01' + (i % 300)::int as posting_date, 'Supplier ' || (hash(i) % 5000) as supplier_name, ((hash(i) % 1000003) / 100)::decimal(18,2) as amount_gbp,
		i % 3 = 0 as local_reg, i % 4 > 0 as in_scope, timestamp '2023-01-01 10:00:00' + interval (i) second as seen_local,
		timestamptz '2023-01-01 10:00:00+00' + interval (i) second as seen_at from range(200000) r(i) order by hash(i)`
	var first map[string]string
	for run, threads := range []int{1, 2, 2} {
		db := openBuild(t, threads)
		execute(t, db, large)
		c := composer(t, db)
		for range run {
			c.Now()
		}
		p := plan(t)
		p.RunID = "run-" + string(rune('a'+run))
		_, folder := compose(t, c, p)
		outOfOrder := texts(t, folder+"/restricted/spend/social_value_spend.duckdb",
			"select count(*)::varchar from (select rowid as stands, row_number() over (order by posting_date, line_key) - 1 as belongs from spend.payments) where stands <> belongs")
		if outOfOrder[0] != "0" {
			t.Errorf("%d threads: %s rows of a table are out of order", threads, outOfOrder[0])
		}
		files := map[string]string{}
		for name, hash := range tree(t, folder) {
			if !strings.Contains(name, "meta.") && (strings.HasSuffix(name, ".parquet") || strings.HasSuffix(name, ".csv")) {
				files[name] = hash
			}
		}
		if first == nil {
			first = files
			continue
		}
		if diff := cmp.Diff(first, files); diff != "" {
			t.Errorf("%d threads, run %d:\n%s", threads, run, diff)
		}
	}
}

func TestManifestsDifferOnlyWhereTheySay(t *testing.T) {
	t.Parallel()
	var first *manifest.Manifest
	for run := range 2 {
		c := composer(t, openBuild(t, 2))
		for range run {
			c.Now()
		}
		p := plan(t)
		p.RunID = "run-" + string(rune('a'+run))
		manifest, _ := compose(t, c, p)
		manifest.Release, manifest.RunID, manifest.RunFiles = "", "", nil
		manifest.BuiltAt = manifest.BuiltAt.Truncate(1e12)
		if first == nil {
			first = manifest
			continue
		}
		manifest.BuiltAt = first.BuiltAt
		if diff := cmp.Diff(first, manifest); diff != "" {
			t.Error(diff)
		}
	}
	if want := []string{"release", "built_at", "run_id", "stale", "run_files"}; !slices.Equal(first.Varies, want) {
		t.Errorf("varies = %v", first.Varies)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 2))
	_, folder := compose(t, c, plan(t))
	read := func(place, dataset string) string {
		data, err := os.ReadFile(filepath.Join(folder, place, "datasets", dataset, dataset+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for _, test := range []struct{ dataset, want string }{
		{"spend.local_spend", "\ufefffinancial_year,breakdown,spend_gbp,local_share,withheld,null_reason\n" +
			"2022-23,all,120.50,0.25,,\n" + "2022-23,ward,[c],[c],\"spend_gbp, local_share\",\n" + "2023-24,all,0.00,[x],,zero_base\n"},
		{"travel.journeys_monthly", "\ufeffservice_month,lad_code,journeys,suppressed\n" +
			"2022-04-01,E08000012,1234,false\n2022-05-01,E08000012,[c],true\n2022-06-01,,[x],false\n"},
		{"travel.tunnel_accounts", "\ufefffinancial_year,imd_decile,accounts\n"},
	} {
		if diff := cmp.Diff(test.want, read("open", test.dataset)); diff != "" {
			t.Errorf("%s:\n%s", test.dataset, diff)
		}
	}
	payments := read("restricted/spend", "spend.payments")
	for _, part := range []string{",'=cmd|x,", ",'+44,", ",'-,", ",'@x,", ",'\ttab,", ",\"'\rcr\",", ",\"a, \"\"quoted\"\"\nline\",", ",-50.00,", ",[x],", "2023-01-01T10:00:01,2023-01-01T10:00:01.000003Z"} {
		if !strings.Contains(payments, part) {
			t.Errorf("payments lack %q", part)
		}
	}
}

// Any text must come back from a CSV file as it was, but for the quote that
// keeps a spreadsheet from running it.
func TestAnyTextSurvivesCSV(t *testing.T) {
	t.Parallel()
	db := openBuild(t, 2)
	execute(t, db, "create table spend.texts (n bigint, words varchar)")
	p := plan(t)
	p.Queries, p.Macros = nil, nil
	p.Datasets = []release.Dataset{{
		Name: "spend.texts", Kind: manifest.KindTable, Tier: manifest.TierRestricted, Formats: []string{"csv", "parquet"}, Key: []string{"n"},
		Description: "Texts", Grain: "one text", Columns: []manifest.Column{column("n", "BIGINT", ""), column("words", "VARCHAR", "")},
	}}
	c := composer(t, db)
	runs := 0
	rapid.Check(t, func(r *rapid.T) {
		if runs++; runs > 20 { // each one is a release
			return
		}
		alphabet := []rune("=+-@\t\r\n,;\"'\\ aé£#[]x0\u2028")
		words := rapid.SliceOfN(rapid.StringOf(rapid.SampledFrom(alphabet)), 0, 60).Draw(r, "words")
		execute(t, db, "delete from spend.texts")
		for i, word := range words {
			execute(t, db, "insert into spend.texts values ("+strconv.Itoa(i)+", "+warehouse.Text(word)+")")
		}
		p.Datasets[0].InputsHash = strconv.Itoa(runs)
		_, folder := compose(t, c, p)
		file, err := os.Open(folder + "/restricted/spend/datasets/spend.texts/spend.texts.csv")
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := file.Close(); err != nil {
				t.Error(err)
			}
		}()
		records, err := csv.NewReader(file).ReadAll()
		if err != nil || len(records) != len(words)+1 {
			r.Fatalf("%d records, %v", len(records), err)
		}
		for i, word := range words {
			if strings.HasPrefix(word, "=") || strings.HasPrefix(word, "+") || strings.HasPrefix(word, "-") || strings.HasPrefix(word, "@") ||
				strings.HasPrefix(word, "\t") || strings.HasPrefix(word, "\r") {
				word = "'" + word
			}
			// encoding/csv reads the line ending \r\n inside quotes as \n.
			if want := strings.ReplaceAll(word, "\r\n", "\n"); records[i+1][1] != want {
				r.Errorf("%q came back as %q", want, records[i+1][1])
			}
		}
	})
}

func TestWithheldCellsThatShowTheirValueStopTheRelease(t *testing.T) {
	t.Parallel()
	db := openBuild(t, 1)
	execute(t, db, "update spend.local_spend set local_share = 0.5 where breakdown = 'ward'")
	_, err := composer(t, db).Compose(t.Context(), plan(t))
	if err == nil || !strings.Contains(err.Error(), "spend.local_spend: 1 rows show a value") {
		t.Errorf("Compose = %v", err)
	}
}

func TestMaskedDatasetsAreReadFromTheirProtectedForm(t *testing.T) {
	t.Parallel()
	db := openBuild(t, 1)
	execute(t, db, "create schema protected; create table protected.reach as select * replace (null::bigint as journeys, true as suppressed) from travel.journeys_monthly")
	p := plan(t)
	mask := p.Masks["travel.journeys_monthly"]
	mask.Relation, mask.Hash = "protected.reach", "mask-1"
	p.Masks["travel.journeys_monthly"] = mask
	c := composer(t, db)
	_, folder := compose(t, c, p)
	const counted = "select count(journeys)::varchar from travel."
	travel := folder + "/restricted/travel/social_value_travel.duckdb"
	for _, test := range []struct{ file, table, want string }{
		{folder + "/open/social_value_open.duckdb", "journeys_monthly", "0"},
		{travel, "journeys_monthly", "0"},
		{travel, "journeys_monthly_internal", "1"},
	} {
		if got := texts(t, test.file, counted+test.table); got[0] != test.want {
			t.Errorf("%s in %s has %s values, want %s", test.table, filepath.Base(test.file), got[0], test.want)
		}
	}
	for name := range tree(t, filepath.Join(folder, "open")) {
		if strings.Contains(name, "_internal") {
			t.Errorf("open has %s", name)
		}
	}
	before, err := shelf.Current(c.Root)
	if err != nil {
		t.Fatal(err)
	}
	mask.Hash = "mask-2"
	p.Masks["travel.journeys_monthly"] = mask
	if got := release.Changed(before, p); !slices.Equal(got, []string{"travel.journeys_monthly"}) {
		t.Errorf("Changed after another mask = %v", got)
	}
}
