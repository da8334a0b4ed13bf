//go:build duckdb_arrow

package travel_test

import (
	"cmp"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
	"socialvalue/internal/warehouse"
)

var (
	benchJourneys = flag.Int("journeys", 10_000_000, "boardings that the benchmark generates")
	benchMemory   = flag.String("memory", "3GB", "memory that DuckDB may use")
)

// BenchmarkJourneys loads a generated year of journeys, then one more day, then nothing new, and holds the first against a
// script that somebody would write by hand: it reads the same files, casts, drops messages that were sent again, flags the
// same problems of cards, joins passes, and writes the same sorted day files, with no contract, quarantine, key, check or
// release. Each part is told in seconds by the clock and of processors.
func BenchmarkJourneys(b *testing.B) {
	ctx := b.Context()
	for range b.N {
		dir := b.TempDir()
		journeysAlone(b, dir, *benchJourneys, *benchMemory)
		last := filepath.Join(dir, "drop/journeys/journeys_2023-03-31.csv")
		aside := filepath.Join(dir, "aside.csv")
		if err := os.Rename(last, aside); err != nil {
			b.Fatal(err)
		}
		env := running(b, dir)
		parts := newParts(b)
		env.Progress = parts.begin
		makeRun := func() {
			report, err := run.Run(ctx, env, run.Options{Trigger: "bench"})
			if err != nil {
				b.Fatal(err)
			}
			for _, m := range report.Models {
				if m.Status == runreport.StatusFailed {
					b.Fatalf("%+v", m)
				}
			}
			for _, file := range report.Files {
				if file.Status != runreport.FileLoaded && file.Status != runreport.FileUnchanged {
					b.Fatalf("%+v", file)
				}
			}
		}
		debug.FreeOSMemory() // of what generated them
		b.Logf("generated, peak %.0f MB", peakMegabytes(b))
		full := measure(b, makeRun)
		parts.tell("full")
		if err := os.Rename(aside, last); err != nil {
			b.Fatal(err)
		}
		day := measure(b, makeRun)
		parts.begin("before", "")
		release := parts.costs["release"]
		parts.tell("day")
		nothing := measure(b, makeRun)
		parts.tell("nothing")
		peak := peakMegabytes(b) // before the script's own
		script := measure(b, func() { handWritten(b, dir) })
		for name, c := range map[string]cost{"full": full, "day": day, "day-release": release, "nothing": nothing, "script": script} {
			b.ReportMetric(c.wall.Seconds(), name+"-s")
			b.ReportMetric(c.processor.Seconds(), name+"-cpu-s")
		}
		b.ReportMetric(full.processor.Seconds()/script.processor.Seconds(), "full/script-cpu")
		b.ReportMetric(full.wall.Seconds()/script.wall.Seconds(), "full/script")
		b.ReportMetric(peak, "peak-MB")
		b.Logf("first load: %.2f times the script by the clock, %.2f of processors (aim 1.25)",
			full.wall.Seconds()/script.wall.Seconds(), full.processor.Seconds()/script.processor.Seconds())
		b.Logf("one new day: %.2f s by the clock, %.2f s of processors without the release (aim %.2f s and %.2f s)",
			(day.wall - release.wall).Seconds(), (day.processor - release.processor).Seconds(), 0.02*full.wall.Seconds()+1, 0.02*full.processor.Seconds()+1)
		b.Logf("nothing new: %.2f s by the clock, %.2f s of processors (aim 0.5 s); peak of memory: %.0f MB, DuckDB may use %s (aim: a quarter more)",
			nothing.wall.Seconds(), nothing.processor.Seconds(), peak, *benchMemory)
	}
}

// cost is time by the clock and time of processors.
type cost struct{ wall, processor time.Duration }

func measure(b *testing.B, do func()) cost {
	b.Helper()
	before, began := used(b), time.Now()
	do()
	return cost{time.Since(began), used(b) - before}
}

// parts adds up what each part of a run costs, from when it begins to when the next does.
type parts struct {
	b     *testing.B
	costs map[string]cost
	part  string
	began time.Time
	used  time.Duration
}

func newParts(b *testing.B) *parts {
	b.Helper()
	return &parts{b: b, costs: map[string]cost{}, part: "before", began: time.Now(), used: used(b)}
}

func (p *parts) begin(stage, subject string) {
	p.b.Helper()
	now, processor := time.Now(), used(p.b)
	c := p.costs[p.part]
	p.costs[p.part] = cost{c.wall + now.Sub(p.began), c.processor + processor - p.used}
	p.began, p.used, p.part = now, processor, stage
	if stage == "build" {
		p.part += " " + subject
	}
}

// tell logs the dearest parts since it was last asked.
func (p *parts) tell(run string) {
	p.b.Helper()
	p.begin("before", "")
	names := slices.SortedFunc(maps.Keys(p.costs), func(x, y string) int { return cmp.Compare(p.costs[y].processor, p.costs[x].processor) })
	for _, name := range names[:min(12, len(names))] {
		p.b.Logf("%s: %-44s %7.2f s, %7.2f s of processor", run, name, p.costs[name].wall.Seconds(), p.costs[name].processor.Seconds())
	}
	p.costs = map[string]cost{}
}

func used(b *testing.B) time.Duration {
	b.Helper()
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var r syscall.Rusage
		if err := syscall.Getrusage(who, &r); err != nil {
			b.Fatal(err)
		}
		total += time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	return total
}

func peakMegabytes(b *testing.B) float64 {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return float64(r.Maxrss) / 1024
}

// handWritten is the script of the comparison.
func handWritten(b *testing.B, dir string) {
	b.Helper()
	target := filepath.Join(dir, "script")
	if err := os.MkdirAll(target, 0o750); err != nil {
		b.Fatal(err)
	}
	db, err := warehouse.Open(b.Context(), filepath.Join(target, "script.duckdb"), warehouse.Options{Threads: 2, MemoryLimit: *benchMemory, TempDir: target})
	if err != nil {
		b.Fatal(err)
	}
	exec := func(sql string) {
		if _, err := db.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	read := func(folder string) string {
		return "read_csv(" + warehouse.Text(filepath.Join(dir, "drop", folder, "*.csv")) + ", all_varchar = true, header = true)"
	}
	exec(`create table cards as select replace("Card Number", ' ', '') as card, cast(Iteration as int) as iteration, "Pass Id" as pass, "Pass Type" as pass_type, TCA as authority,
		cast("Valid From" as date) as valid_from, cast("Expiry Date" as date) as expiry, "Companion Allowed" = 'yes' as companion from ` + read("passes"))
	for month := range 12 {
		first := time.Date(2022, time.April+time.Month(month), 1, 0, 0, 0, 0, time.UTC)
		exec(`create or replace table taps as
with raw as (
	select *, coalesce(try_cast("Event Time" as timestamp), timestamp '2028-11-24 20:16' + to_minutes(cast(DTS as bigint) - case when cast(DTS as bigint) >= 8388608 then 16777216 else 0 end)) as event,
		cast(Received as timestamp) as got, replace("Card Number", ' ', '') as card, coalesce(cast(Iteration as int), 0) as ins, cast("ISAM Seq" as bigint) as seq
	from read_csv(` + warehouse.Text(filepath.Join(dir, "drop/journeys", "journeys_"+first.Format("2006-01")+"-*.csv")) + `, all_varchar = true, header = true)
), dated as (
	select *, cast(case when event > got + interval 1 hour or event = timestamp '1997-01-01' then got else event end - interval 4 hours as date) as day from raw
), numbered as (
	select *, coalesce(lag(seq) over (partition by day, "ISAM ID" order by seq, got) = seq, false) as again from dated
), near as (
	select *, lag(event) over (partition by day, card, ins, Machine, again order by event, seq) as before from numbered
)
select day, row_number() over () as journey, event, n.card, Machine, Operator, Service, Mode, cast("Fare Forgone" as decimal(18, 2)) as fare, c.pass, c.pass_type, c.authority, again,
	coalesce(event <= before + interval 5 minutes, false) and not again as second_tap, day > c.expiry as expired, day < c.valid_from as early, isodow(day) < 6 and hour(event) * 60 + minute(event) < 570 as is_peak
from near as n left join cards as c on n.card = c.card and n.ins = c.iteration`)
		for day := first; day.Month() == first.Month(); day = day.AddDate(0, 0, 1) {
			exec("copy (select * from taps where day = date '" + day.Format(time.DateOnly) + "' order by day, event, journey) to " +
				warehouse.Text(filepath.Join(target, day.Format(time.DateOnly)+".parquet")) + " (format parquet, compression zstd)")
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
}
