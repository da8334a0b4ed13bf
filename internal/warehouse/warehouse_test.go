//go:build duckdb_arrow

package warehouse_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"socialvalue/internal/warehouse"
)

func TestArrowRoundTripKeepsOrderAndTypes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := warehouse.Open(ctx, filepath.Join(t.TempDir(), "w.duckdb"), warehouse.Options{MemoryLimit: "1GB", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec(ctx, "create table t as select i, (i * 1.25)::decimal(18,2) as amount_gbp, 'x' || i as label, date '2022-04-01' + i::int as d from range(5000) r(i)"); err != nil {
		t.Fatal(err)
	}
	reader, release, err := db.ReadArrow(ctx, "select * from t order by i desc")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := db.CreateFromArrow(ctx, "u", "*", reader); err != nil {
		t.Fatal(err)
	}
	var differing, outOfOrder int
	if err := db.One(ctx, "select count(*) from (select * from t except all select * from u)", nil, &differing); err != nil {
		t.Fatal(err)
	}
	if err := db.One(ctx, "select count(*) from u where i <> 4999 - rowid", nil, &outOfOrder); err != nil {
		t.Fatal(err)
	}
	if differing != 0 || outOfOrder != 0 {
		t.Errorf("%d rows differ, %d out of order", differing, outOfOrder)
	}
}

// Several queries are one stream, in their order; one that fails after others have been read is told.
func TestArrowOfSeveralQueries(t *testing.T) {
	t.Parallel()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec(t.Context(), "create table t as select i, 'row ' || i as label from range(10000) r(i)"); err != nil {
		t.Fatal(err)
	}
	part := func(from, to int) string {
		return fmt.Sprintf("select i, label from t where i >= %d and i < %d order by i", from, to)
	}
	reader, release, err := db.ReadArrow(t.Context(), part(0, 3000), part(3000, 3000), part(3000, 9999), part(9999, 10000))
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := db.CreateFromArrow(t.Context(), "u", "*", reader); err != nil {
		t.Fatal(err)
	}
	got, err := db.Texts(t.Context(), "select concat(count(*), ' rows, ', count(*) filter (where i <> rowid or label <> concat('row ', i)), ' wrong') from u")
	if err != nil || got[0] != "10000 rows, 0 wrong" {
		t.Errorf("%v, %v", got, err)
	}
	failing, release, err := db.ReadArrow(t.Context(), part(0, 10), "select i, label from nowhere")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	rows := int64(0)
	for failing.Next() {
		rows += failing.RecordBatch().NumRows()
	}
	if rows != 10 || failing.Err() == nil || failing.Next() {
		t.Errorf("%d rows, then %v", rows, failing.Err())
	}
}

func TestQuoting(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := warehouse.Open(ctx, "", warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var got string
	if err := db.One(ctx, "select "+warehouse.Text("it's")+" as "+warehouse.Ident(`odd "name`), nil, &got); err != nil || got != "it's" {
		t.Errorf("got %q, %v", got, err)
	}
	if got := warehouse.Relation("spend.payments"); got != `"spend"."payments"` {
		t.Errorf("Relation = %s", got)
	}
}

// A second session is opened where data lie in the folder for temporary files.
func TestSessionsShareTheFolderForTemporaryFiles(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := warehouse.Open(ctx, "", warehouse.Options{MemoryLimit: "60MB", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec(ctx, "create table t as select range as i, repeat('x', 100) || hash(range) as label from range(1000000)"); err != nil {
		t.Fatal(err)
	}
	var spilled int64
	if err := db.One(ctx, "select coalesce(sum(size), 0)::bigint from duckdb_temporary_files()", nil, &spilled); err != nil || spilled == 0 {
		t.Fatalf("%d bytes laid aside, %v", spilled, err)
	}
	reader, release, err := db.ReadArrow(ctx, "select count(*) as n from t")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if !reader.Next() || reader.RecordBatch().NumRows() != 1 {
		t.Errorf("no answer in the second session: %v", reader.Err())
	}
}
