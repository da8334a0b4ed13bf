//go:build duckdb_arrow

package load_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/extract"
	"socialvalue/internal/fixtures"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// BenchmarkNationalDirectory loads a generated postcode directory of 2.7 million
// rows by 55 columns, side by side with a bare DuckDB read of the same columns
// into a table, and reports the ratio. Landing (copy and hash) is reported apart.
func BenchmarkNationalDirectory(b *testing.B) {
	ctx := b.Context()
	root := b.TempDir()
	contracts, err := contract.LoadAll(os.DirFS("../.."))
	if err != nil {
		b.Fatal(err)
	}
	c := contracts["geography/postcodes"]
	path := filepath.Join(root, "ONSPD_AUG_2026_UK.csv")
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if err := fixtures.GenerateDirectory(ctx, out, 2_700_000); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	var bare, landed, loaded time.Duration
	for i := range b.N {
		db, err := warehouse.Open(ctx, filepath.Join(root, fmt.Sprintf("build%d.duckdb", i)), warehouse.Options{Threads: 2, MemoryLimit: "8GB", TempDir: root})
		if err != nil {
			b.Fatal(err)
		}
		st := store.New(filepath.Join(root, fmt.Sprintf("store%d", i)))
		ledger, err := load.OpenLedger(ctx, db, st, map[string]bool{"onspd": true}, []*contract.Contract{c})
		if err != nil {
			b.Fatal(err)
		}
		lands := landing.NewStore(filepath.Join(root, fmt.Sprintf("landing%d", i)), landing.DefaultLimits())
		loader := &load.Loader{DB: db, Store: st, Ledger: ledger, WorkDir: root, Now: time.Now, RunID: "bench"}
		began := time.Now()
		file, err := lands.Land(ctx, "onspd", extract.FromInfo(path, "drop/ONSPD_AUG_2026_UK.csv", info))
		if err != nil {
			b.Fatal(err)
		}
		landed += time.Since(began)
		contents, err := lands.Open(ctx, file)
		if err != nil {
			b.Fatal(err)
		}
		began = time.Now()
		record, _, err := loader.Load(ctx, load.Source{Name: "onspd", Contract: c, Constants: map[string]string{"release": "AUG_2026", "part": "UK"}},
			load.File{Name: "drop/ONSPD_AUG_2026_UK.csv", SHA256: file.SHA256, Bytes: file.Size, Modified: info.ModTime()}, contents.Documents[0])
		if err != nil {
			b.Fatal(err)
		}
		if err := loader.Commit(ctx); err != nil {
			b.Fatal(err)
		}
		loaded += time.Since(began)
		if record.Rows != 2_700_000 {
			b.Fatalf("%d rows, %d quarantined", record.Rows, record.Quarantined)
		}
		began = time.Now()
		if _, err := db.Exec(ctx, bareRead(b, path)); err != nil {
			b.Fatal(err)
		}
		bare += time.Since(began)
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(bare.Seconds()/float64(b.N), "bare-s")
	b.ReportMetric(landed.Seconds()/float64(b.N), "land-s")
	b.ReportMetric(loaded.Seconds()/float64(b.N), "load-s")
	b.ReportMetric(loaded.Seconds()/bare.Seconds(), "load/bare")
	b.ReportMetric((loaded+landed).Seconds()/bare.Seconds(), "all/bare")
}

// bareRead reads the columns that the contract takes from the directory, as a
// person would without a contract.
func bareRead(b *testing.B, path string) string {
	b.Helper()
	header, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	first, _, _ := strings.Cut(string(header[:8192]), "\n")
	wanted := []string{
		"pcds", "dointr", "doterm", "usrtypind", "east1m", "north1m", "gridind", "ctry26cd", "lad26cd", "wd26cd", "lsoa11cd", "lsoa21cd",
		"imd20ind", "imd25ind", "lat", "long",
	}
	var declared []string
	for name := range strings.SplitSeq(strings.TrimSpace(first), ",") {
		declared = append(declared, warehouse.Text(strings.Trim(name, `"`))+": 'VARCHAR'")
	}
	return "create or replace table bare as select " + strings.Join(wanted, ", ") + " from read_csv(" + warehouse.Text(path) +
		", columns = {" + strings.Join(declared, ", ") + "}, auto_detect = false, header = false, skip = 1, delim = ',', quote = '\"', escape = '\"')"
}
