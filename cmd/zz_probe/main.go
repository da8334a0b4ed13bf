//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"socialvalue/internal/warehouse"
)

func cpu() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func main() {
	ctx := context.Background()
	db, err := warehouse.Open(ctx, "", warehouse.Options{Threads: 1, MemoryLimit: "3GB", TempDir: "/tmp/tb"})
	if err != nil {
		panic(err)
	}
	text, _ := os.ReadFile(os.Args[1])
	for _, q := range strings.Split(string(text), ";\n") {
		q = strings.TrimSpace(q)
		if q == "" {
			continue
		}
		before := cpu()
		rows, err := db.Query(ctx, q)
		out := ""
		if err == nil {
			cols, _ := rows.Columns()
			for n := 0; rows.Next() && n < 8; n++ {
				vals := make([]any, len(cols))
				ptr := make([]any, len(cols))
				for i := range vals {
					ptr[i] = &vals[i]
				}
				_ = rows.Scan(ptr...)
				out += fmt.Sprint(vals)
			}
			err = rows.Err()
			rows.Close()
		}
		show := strings.ReplaceAll(q, "\n", " ")
		fmt.Printf("%8.3f %s  -> %.200s %v\n", (cpu() - before).Seconds(), show[:min(150, len(show))], out, err)
	}
}
