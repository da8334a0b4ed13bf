//go:build duckdb_arrow

package warehouse_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"socialvalue/internal/warehouse"
)

// TestCancellingInATransaction cancels queries that would run for hours; the session must be usable at once.
func TestCancellingInATransaction(t *testing.T) {
	t.Parallel()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for i := range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Duration(5+14*i)*time.Millisecond, cancel)
		err := db.InTransaction(ctx, func(ctx context.Context) error {
			_, err := db.Exec(ctx, "create or replace table t as select count(*) as n from range(1000000000) as a(i), range(1000) as b(j) where (i + j) % 7 = 3")
			return warehouse.Scrub(err)
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled query: %v", err)
		}
		cancel()
		if err := db.InTransaction(t.Context(), func(ctx context.Context) error {
			_, err := db.Exec(ctx, "create or replace table u as select 1 as one")
			return err
		}); err != nil {
			t.Fatalf("after a cancelled query: %v", err)
		}
	}
}
