//go:build duckdb_arrow

package publication_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/publication"
	"socialvalue/internal/release"
	"socialvalue/internal/warehouse"
)

// desk is a warehouse with releases and publications, on which a day passes at
// every step.
type desk struct {
	root  string
	now   time.Time
	disk  durable.Disk
	opens bool // verified opens the DuckDB files too
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	return &desk{root: t.TempDir(), now: time.Date(2025, time.September, 1, 9, 0, 0, 0, time.UTC)}
}

func (d *desk) publications() string { return filepath.Join(d.root, "publications") }

// headcounts are the rows of people.headcount: year, grade, people.
const headcounts = `('2023-24', 'all', 300), ('2023-24', 'low', 200), ('2023-24', 'high', 100),
	('2024-25', 'all', 320), ('2024-25', 'low', 215), ('2024-25', 'high', 105),
	('2025-26', 'all', 330), ('2025-26', 'low', 222), ('2025-26', 'high', 108)`

// district is the one row of geo.district: its population.
const district = 486100

func withDB(ctx context.Context, work func(db *warehouse.DB) error) (err error) {
	db, err := warehouse.Open(ctx, "", warehouse.Options{MemoryLimit: "1GB", Threads: 2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return work(db)
}

// datasets are a table about people and one about places.
func datasets(inputs string) []release.Dataset {
	column := func(name, typeName string) manifest.Column {
		return manifest.Column{Name: name, Type: typeName, Description: "What " + name + " says"}
	}
	rules := &disclosure.Rules{
		Counts: []disclosure.Count{{Column: "people"}},
		AddsUp: []disclosure.Sum{{Over: []string{"grade"}, Total: map[string]string{"grade": "all"}}},
	}
	list := []release.Dataset{
		{
			Name: "geo.district", Key: []string{"lad_code"}, Grain: "one district",
			Columns: []manifest.Column{column("lad_code", "VARCHAR"), column("population", "BIGINT")},
		},
		{
			Name: "people.headcount", Key: []string{"financial_year", "grade"}, Grain: "one grade in one year", Rules: rules, People: rules.CountColumns(),
			Period:  manifest.Period{Kind: "year", Column: "financial_year", DelayDays: 30},
			Columns: []manifest.Column{column("financial_year", "VARCHAR"), column("grade", "VARCHAR"), column("people", "BIGINT"), column("withheld", "VARCHAR")},
		},
	}
	for i := range list {
		list[i].Kind, list[i].Tier, list[i].Formats = manifest.KindTable, manifest.TierOpen, []string{"csv", "parquet"}
		list[i].Description, list[i].Licence, list[i].SchemaVersion, list[i].InputsHash = "About "+list[i].Name, "OGL-UK-3.0", 1, inputs
	}
	return list
}

// release makes a release of these rows.
func (d *desk) release(ctx context.Context, rows string, population int, change func(*release.Plan)) error {
	d.now = d.now.Add(time.Hour)
	return withDB(ctx, func(db *warehouse.DB) error {
		statement := "create schema people; create table people.headcount as select *, null::varchar as withheld from (values " + rows + ") v(financial_year, grade, people); " +
			"alter table people.headcount alter people type bigint; create schema geo; create table geo.district as select 'E08000012' as lad_code, " + fmt.Sprint(population) + "::bigint as population"
		if _, err := db.Exec(ctx, statement); err != nil {
			return err
		}
		plan := release.Plan{RunID: "run", Software: "test", DuckDB: "v1.5.5", SchemaVersion: "1", Datasets: datasets(rows + fmt.Sprint(population))}
		judged, err := disclosure.Protect(ctx, db, release.OpenRelations(plan.Datasets), disclosure.Floor())
		if err != nil {
			return err
		}
		plan.Masks, plan.Facts.Withheld = judged.Masks, judged.Suppressions
		plan.Facts.Sources = []release.SourceFact{{Source: "districts", Contract: "geography/districts", Supplied: true, SHA256: []string{"aa"}, RowsRead: 1, RowsLoaded: 1}}
		if change != nil {
			change(&plan)
		}
		_, err = release.Composer{DB: db, Root: filepath.Join(d.root, "releases"), Now: func() time.Time { return d.now }, Reader: hashesOnly()}.Compose(ctx, plan)
		return err
	})
}

func (d *desk) released(t testing.TB, rows string, population int) {
	t.Helper()
	if err := d.release(t.Context(), rows, population, nil); err != nil {
		t.Fatal(err)
	}
}

// publisher is what publishes at this desk.
func (d *desk) publisher(db *warehouse.DB) publication.Publisher {
	year, month, day := d.now.Date()
	return publication.Publisher{
		DB: db, Releases: filepath.Join(d.root, "releases"), Root: d.publications(), Ledger: disclosure.Ledger{Folder: filepath.Join(d.root, "disclosure_ledger")},
		Thresholds: disclosure.Floor(), Calendar: publication.Calendar{YearStartMonth: time.April, YearStartDay: 1},
		Now: func() time.Time { return d.now }, Today: time.Date(year, month, day, 0, 0, 0, 0, time.UTC), Disk: d.disk,
		Software: "test", DuckDB: "v1.5.5", Progress: func(string) {}, Reader: hashesOnly(),
	}
}

func (d *desk) try(ctx context.Context, request publication.Request) (outcome *publication.Outcome, err error) {
	d.now = d.now.Add(time.Hour)
	if request.Period == "" && len(request.Standing) == 0 {
		request.Period = "2024-25"
	}
	if request.ApprovedBy == "" {
		request.ApprovedBy = "Ann Example"
	}
	err = withDB(ctx, func(db *warehouse.DB) error {
		outcome, err = d.publisher(db).Publish(ctx, request)
		return err
	})
	return outcome, err
}

func (d *desk) publish(t testing.TB, request publication.Request) *publication.Outcome {
	t.Helper()
	outcome, err := d.try(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

// refused makes sure that a request is refused with these words, and that
// nothing becomes public.
func (d *desk) refused(t *testing.T, request publication.Request, words ...string) {
	t.Helper()
	before := d.published(t)
	_, err := d.try(t.Context(), request)
	var refusal *publication.RefusedError
	if !errors.As(err, &refusal) {
		t.Fatalf("Publish = %v, want a refusal", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("refusal lacks %q: %v", word, err)
		}
	}
	if after := d.published(t); after != before {
		t.Errorf("published moved from %q to %q", before, after)
	}
}

func (d *desk) published(t testing.TB) string {
	t.Helper()
	target, err := os.Readlink(filepath.Join(d.publications(), "published"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return target
}

// file reads a file of an edition.
func (d *desk) file(t testing.TB, edition, dataset, format string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(d.publications(), edition, "open", "datasets", dataset, dataset+"."+format))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// hashesOnly takes every DuckDB file for good: opening them is most of the time
// that these tests would take.
func hashesOnly() []string { return []string{"/bin/true"} }

// verified makes sure that every edition and the ledger are as they were sealed.
func (d *desk) verified(ctx context.Context) (editions int, err error) {
	err = withDB(ctx, func(db *warehouse.DB) error {
		p := d.publisher(db)
		if d.opens {
			p.Reader = nil
		}
		editions, err = p.Verify(ctx)
		return err
	})
	return editions, err
}
