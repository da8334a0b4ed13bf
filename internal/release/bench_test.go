//go:build duckdb_arrow

package release_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/release"
	"socialvalue/internal/warehouse"
)

// BenchmarkCompose releases 25 datasets of 600,000 rows together: all of them
// new, one of them new, none of them new.
func BenchmarkCompose(b *testing.B) {
	db := openBuild(b, 2)
	execute(b, db, `create schema bulk`)
	p := bare()
	p.Datasets, p.Queries = nil, nil
	for i := range 25 {
		name := fmt.Sprintf("bulk.t%02d", i)
		execute(b, db, fmt.Sprintf(`create table %[1]s as select md5('%[1]s' || i)::uuid as line_key, 'E4700000' || i %% 5 as body_code,
			date '2022-04-01' + (i %% 900)::int as posting_date, 'Supplier number ' || (hash(i) %% 5000) as supplier_name,
			((hash(i) %% 1000003) / 100)::decimal(18,2) as amount_gbp, i %% 3 = 0 as local_reg, sqrt(i) as score, hash(i)::ubigint %% 9 as k1, 'x' || i %% 7 as category
			from range(24000) r(i) order by hash(i); alter table %[1]s alter k1 type bigint`, name))
		p.Datasets = append(p.Datasets, release.Dataset{
			Name: name, Kind: manifest.KindTable, Tier: manifest.TierOpen, Formats: []string{"parquet", "csv"}, Licence: "OGL-UK-3.0",
			Description: "Bulk", Grain: "one line", InputsHash: "1", SchemaVersion: 1, Key: []string{"line_key"}, OrderBy: []string{"posting_date"},
			Columns: []manifest.Column{
				column("line_key", "UUID", ""), column("body_code", "VARCHAR", ""), column("posting_date", "DATE", ""), column("supplier_name", "VARCHAR", ""),
				column("amount_gbp", "DECIMAL(18,2)", "GBP"), column("local_reg", "BOOLEAN", ""), column("score", "DOUBLE", ""), column("k1", "BIGINT", ""), column("category", "VARCHAR", ""),
			},
		})
	}
	judged, err := disclosure.Protect(b.Context(), db, release.OpenRelations(p.Datasets), disclosure.Floor())
	if err != nil {
		b.Fatal(err)
	}
	p.Masks = judged.Masks
	c := composer(b, db)
	for _, part := range []struct {
		name  string
		fresh int
	}{{"all new", 25}, {"one new", 1}, {"none new", 0}} {
		b.Run(part.name, func(b *testing.B) {
			for i := range b.N {
				for d := range part.fresh {
					p.Datasets[d].InputsHash = fmt.Sprint(b.Name(), b.N, i)
				}
				compose(b, c, p)
			}
		})
	}
}

var carriedRows = flag.Int("carried-rows", 3_000_000, "rows of the year that BenchmarkOneNewDay carries forward")

// BenchmarkOneNewDay releases a year of days and then, over and over, one new day more. It reports the whole release of
// the year (whole-s), one with a new day (ns/op), the bytes that are no links to older files (new-MB) and the size of the
// DuckDB file (database-MB).
func BenchmarkOneNewDay(b *testing.B) {
	db, err := warehouse.Open(b.Context(), "", warehouse.Options{MemoryLimit: "4GB", Threads: 2, TempDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the benchmark is over
	execute(b, db, buildSQL)
	folder, perDay := b.TempDir(), *carriedRows/365
	dataset := release.Dataset{
		Name: "travel.journeys", Kind: manifest.KindTable, Tier: manifest.TierRestricted, DefinedIn: "sql/travel/journeys.yaml", Description: "Boardings",
		Grain: "one boarding", Key: []string{"service_day", "journey_key"}, Formats: []string{"parquet"}, Licence: "none", SchemaVersion: 1, DayColumn: "service_day",
		Columns: []manifest.Column{
			column("journey_key", "BIGINT", ""), column("pass_key", "UUID", ""), column("boarded_local", "TIMESTAMP", ""), column("service_day", "DATE", ""),
			column("operator", "VARCHAR", ""), column("service", "VARCHAR", ""), column("stop", "VARCHAR", ""), column("mode", "VARCHAR", ""), column("is_peak", "BOOLEAN", ""),
		},
	}
	day := func(n int) {
		date := time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format(time.DateOnly)
		path := filepath.Join(folder, date+".parquet")
		execute(b, db, fmt.Sprintf(`copy (select hash(i, %[1]d)::hugeint // 4 as journey_key_wide, (hash(i, %[1]d) // 4)::bigint as journey_key, md5((hash(i, 1) %% 300000)::varchar)::uuid as pass_key,
			timestamp '%[2]s 05:00:00' + interval (hash(i, 2) %% 64000) second as boarded_local, date '%[2]s' as service_day, 'operator ' || hash(i, 3) %% 9 as operator,
			(hash(i, 4) %% 400)::varchar as service, '2800S' || hash(i, 5) %% 9000 as stop, case hash(i, 6) %% 9 when 0 then 'train' when 1 then 'ferry' else 'bus' end as mode,
			hash(i, 2) %% 64000 < 9000 as is_peak from range(%[3]d) r(i)) to '%[4]s.wide' (format parquet)`, n, date, perDay, path))
		execute(b, db, fmt.Sprintf("copy (select * exclude (journey_key_wide) from read_parquet('%[1]s.wide') order by service_day, journey_key) to '%[1]s' (format parquet, compression zstd, kv_metadata {dataset: 'travel.journeys', inputs_hash: 'a'})", path))
		if err := os.Remove(path + ".wide"); err != nil {
			b.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		dataset.Days = append(dataset.Days, release.Day{Date: date, Path: path, SHA256: sum(data), Bytes: int64(len(data)), Rows: int64(perDay), InputsHash: "a"})
		dataset.InputsHash = date
		execute(b, db, "create or replace view travel.journeys as select * from read_parquet('"+folder+"/*.parquet')")
	}
	for n := range 365 {
		day(n)
	}
	p := small(b)
	c := composer(b, db)
	released := func() (seconds float64, manifest *manifest.Manifest) {
		p.Datasets = append(p.Datasets[:2:2], dataset)
		began := time.Now()
		manifest, _ = compose(b, c, p)
		return time.Since(began).Seconds(), manifest
	}
	whole, _ := released()
	b.ReportMetric(whole, "whole-s")
	next := 365
	for b.Loop() {
		b.StopTimer()
		day(next)
		next++
		b.StartTimer()
		_, m := released()
		b.StopTimer()
		entry := m.RunFiles[slices.IndexFunc(m.RunFiles, func(f manifest.File) bool { return f.Path == manifest.DatabasePath("travel") })]
		b.ReportMetric(float64(entry.Bytes)/1e6, "database-MB")
		if entry.WrittenWhole.Equal(m.BuiltAt) {
			b.Fatal("the file was written whole")
		}
		b.ReportMetric(float64(written(b, filepath.Join(c.Root, m.Release)))/1e6, "new-MB")
		b.StartTimer()
	}
}

// written is the size of the files below a folder that stand nowhere else.
func written(b *testing.B, folder string) (bytes int64) {
	b.Helper()
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Sys().(*syscall.Stat_t).Nlink == 1 {
			bytes += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return bytes
}
