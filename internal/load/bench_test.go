//go:build duckdb_arrow

package load_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/extract"
	"socialvalue/internal/fixtures/geography"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// BenchmarkNationalDirectory loads a generated postcode directory of 2.7 million
// rows by 55 columns, and reports wall and processor time beside those of a bare
// read.
//
// load is everything from the landed file to the committed load: reading,
// judging and typing the rows, the Parquet object with its hash and sync, and the
// ledger. bare is what an analyst would write by hand, in the same database
// file with the same threads and memory: `create table … as select` the 18
// columns that the contract takes `from read_csv(…)`, all as text; nothing is
// trimmed, judged, typed or numbered. land is the copy of the file as received,
// with hash, survey and sync; a bare read keeps no such copy, so it is reported
// apart, and all/bare counts it in.
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
	if err := geography.GenerateDirectory(ctx, out, 2_700_000); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	var bare, landed, loaded cost
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
		began := spent(b)
		file, err := lands.Land(ctx, "onspd", extract.FromInfo(path, "drop/ONSPD_AUG_2026_UK.csv", info))
		if err != nil {
			b.Fatal(err)
		}
		landed.add(began, spent(b))
		contents, err := lands.Open(ctx, file)
		if err != nil {
			b.Fatal(err)
		}
		began = spent(b)
		record, _, err := loader.Load(ctx, load.Source{Name: "onspd", Contract: c, Constants: map[string]string{"release": "AUG_2026", "part": "UK"}},
			load.File{Name: "drop/ONSPD_AUG_2026_UK.csv", SHA256: file.SHA256, Bytes: file.Size, Modified: info.ModTime()}, contents.Documents[0])
		if err != nil {
			b.Fatal(err)
		}
		if err := loader.Commit(ctx); err != nil {
			b.Fatal(err)
		}
		loaded.add(began, spent(b))
		if record.Rows != 2_700_000 {
			b.Fatalf("%d rows, %d quarantined", record.Rows, record.Quarantined)
		}
		began = spent(b)
		if _, err := db.Exec(ctx, bareRead(b, path)); err != nil {
			b.Fatal(err)
		}
		bare.add(began, spent(b))
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	for name, part := range map[string]cost{"bare": bare, "land": landed, "load": loaded} {
		b.ReportMetric(part.wall.Seconds()/float64(b.N), name+"-s")
		b.ReportMetric(part.processor.Seconds()/float64(b.N), name+"-cpu-s")
	}
	b.ReportMetric(loaded.wall.Seconds()/bare.wall.Seconds(), "load/bare")
	b.ReportMetric(loaded.processor.Seconds()/bare.processor.Seconds(), "load/bare-cpu")
	b.ReportMetric((loaded.wall+landed.wall).Seconds()/bare.wall.Seconds(), "all/bare")
}

// cost is time by the clock and time of processors.
type cost struct{ wall, processor time.Duration }

// add adds what was spent between two moments.
func (c *cost) add(from, to cost) {
	c.wall += to.wall - from.wall
	c.processor += to.processor - from.processor
}

// spent is what the process has spent until now; only differences mean anything.
func spent(b *testing.B) cost {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return cost{wall: b.Elapsed(), processor: time.Duration(used.Utime.Nano() + used.Stime.Nano())}
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
		"msoa11cd", "msoa21cd", "imd20ind", "imd25ind", "lat", "long",
	}
	var declared []string
	for name := range strings.SplitSeq(strings.TrimSpace(first), ",") {
		declared = append(declared, warehouse.Text(strings.Trim(name, `"`))+": 'VARCHAR'")
	}
	return "create or replace table bare as select " + strings.Join(wanted, ", ") + " from read_csv(" + warehouse.Text(path) +
		", columns = {" + strings.Join(declared, ", ") + "}, auto_detect = false, header = false, skip = 1, delim = ',', quote = '\"', escape = '\"')"
}
