//go:build duckdb_arrow

package warehouse

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

type traced struct {
	n   int
	cpu time.Duration
}

var (
	traceMu sync.Mutex
	traces  = map[string]*traced{}
)

func cpuNow() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func trace(query string) func() {
	before := cpuNow()
	return func() {
		d := cpuNow() - before
		key := query
		if len(key) > 70 {
			key = key[:70]
		}
		traceMu.Lock()
		defer traceMu.Unlock()
		t := traces[key]
		if t == nil {
			t = &traced{}
			traces[key] = t
		}
		t.n++
		t.cpu += d
	}
}

// TraceReport is temporary.
func TraceReport(title string) {
	traceMu.Lock()
	defer traceMu.Unlock()
	keys := make([]string, 0, len(traces))
	total := time.Duration(0)
	for k := range traces {
		keys = append(keys, k)
		total += traces[k].cpu
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(traces[b].cpu, traces[a].cpu) })
	fmt.Fprintf(os.Stderr, "== %s: total in statements %.2f\n", title, total.Seconds())
	for _, k := range keys[:min(45, len(keys))] {
		fmt.Fprintf(os.Stderr, "%8.2f s %7d  %q\n", traces[k].cpu.Seconds(), traces[k].n, k)
	}
	clear(traces)
}
