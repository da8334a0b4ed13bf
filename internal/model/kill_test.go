//go:build duckdb_arrow

package model_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"socialvalue/internal/model"
	"socialvalue/internal/model/modeltest"
	"socialvalue/internal/warehouse"
)

// killed names the database of a child that builds until it is killed.
const killed = "SVW_TEST_BUILD_UNTIL_KILLED"

// TestBuildUntilKilled is the child of TestKill.
func TestBuildUntilKilled(t *testing.T) {
	t.Parallel()
	file := os.Getenv(killed)
	if file == "" {
		t.Skip("runs as the child of TestKill")
	}
	p, err := load(t, modeltest.Spend(t))
	if err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Open(t.Context(), file, warehouse.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		plan, err := p.Plan(t.Context(), db, model.PlanOptions{Outside: map[string]string{"raw.spend_payments": fmt.Sprint(i)}, Full: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := model.Build(t.Context(), db, plan, model.BuildOptions{Estimators: modeltest.Estimators(), Now: time.Now}); err != nil {
			t.Fatal(err)
		}
		fmt.Println("built")
	}
}

// TestKill kills a build again and again; each table must be whole, and be the one that is recorded.
func TestKill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "build.duckdb")
	db, err := warehouse.Open(t.Context(), file, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `
create schema raw;
create table raw.spend_payments as
select date '2024-04-01' as posting_date, 'S' as supplier_name, 1.25::decimal(18,2) as amount_gbp, 'goods' as flow_class,
       0.5::double as rate, 'A' as body_code, cast(printf('00000000-0000-0000-0000-%012d', i) as uuid) as line_key
from range(20000) as r(i)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBuildUntilKilled$")
		child.Env = append(os.Environ(), killed+"="+file)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() || lines.Text() != "built" {
			t.Fatalf("child: %q", lines.Text())
		}
		time.Sleep(time.Duration(7*i*i) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
		wholeAfterKill(t, file)
	}
}

func wholeAfterKill(t *testing.T, file string) {
	t.Helper()
	db, err := warehouse.Open(t.Context(), file, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, db)
	relations, err := db.Texts(t.Context(), "select relation from _svw.models order by 1")
	if err != nil {
		t.Fatal(err)
	}
	if len(relations) != 5 {
		t.Errorf("%d relations are recorded", len(relations))
	}
	for _, relation := range relations {
		var rows, recorded int64
		err := db.One(t.Context(), "select (select count(*) from "+relation+"), row_count from _svw.models where relation = ?", []any{relation}, &rows, &recorded)
		if err != nil || rows != recorded || rows == 0 {
			t.Errorf("%s has %d rows and %d are recorded (%v)", relation, rows, recorded, err)
		}
	}
}
