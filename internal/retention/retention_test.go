//go:build duckdb_arrow

package retention_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/retention"
	"socialvalue/internal/shelf"
)

// site is a folder of releases that have manifests and one file in each part.
type site struct {
	root     string
	releases retention.Releases
}

func newSite(t testing.TB) site {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := site{root: filepath.Join(dir, "releases")}
	s.releases = retention.Releases{Root: s.root, Location: london, Publications: filepath.Join(dir, "publications"), Naming: []string{filepath.Join(dir, "baselines", "*", "v*", "seal.json")}}
	return s
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
}

// add makes a release at a time.
func (s site) add(t testing.TB, at time.Time) string {
	t.Helper()
	id := at.UTC().Format("20060102T150405Z") + "-1f3a"
	manifest, err := json.Marshal(manifest.Manifest{
		Format: 1, Release: id, BuiltAt: at,
		Datasets: []manifest.DatasetRecord{
			{Name: "spend.payments", Places: []string{"spend"}, Columns: []manifest.Column{{Name: "supplier_name", Personal: "indirect"}}},
			{Name: "geo.district", Places: []string{"open", "spend", "travel"}, Columns: []manifest.Column{{Name: "lad_code", Personal: "none"}, {Name: "lad_name"}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(s.root, id, "manifest.json"), string(manifest))
	for _, part := range []string{"open", "restricted/spend", "restricted/travel"} {
		write(t, filepath.Join(s.root, id, part, "file"), "rows")
	}
	s.point(t, id)
	return id
}

func (s site) point(t testing.TB, id string) {
	t.Helper()
	link := filepath.Join(s.root, "current")
	if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.Symlink(id, link); err != nil {
		t.Fatal(err)
	}
}

func day(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return at
}

// Seven days, twelve month-ends, what a publication names, and rows about people
// for 35 days (architecture 6).
func TestAYearOfNights(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	now := day("2025-06-30 12:00")
	var named, frozen string
	for at := day("2024-01-01 02:30"); at.Before(now); at = at.AddDate(0, 0, 1) {
		switch id := s.add(t, at); {
		case at.Equal(day("2024-02-10 02:30")):
			named = id
		case at.Equal(day("2024-02-05 02:30")):
			frozen = id
		}
	}
	dir := filepath.Dir(s.root)
	edition, err := json.Marshal(manifest.Manifest{Format: 1, Release: "20240212T090000Z-1f3a", Edition: &manifest.Edition{Number: 1, Candidate: named}})
	if err != nil {
		t.Fatal(err)
	}
	beside := map[string]string{
		"publications/20240212T090000Z-1f3a/manifest.json":      string(edition),
		"publications/20240212T090000Z-1f3a/open/manifest.json": "{}",
		"disclosure_ledger/000001.json":                         "{}",
		"baselines/2024/v1/seal.json":                           `{"release": "` + frozen + `"}`,
	}
	for name, text := range beside {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	plan, err := s.releases.Decide(retention.Usual(), now)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, one := range plan.Kept {
		kept = append(kept, one.Release[:8])
	}
	want := []string{
		"20250630", "20250629", "20250628", "20250627", "20250626", "20250625", "20250624", "20250531", "20250430", "20250331",
		"20250228", "20250131", "20241231", "20241130", "20241031", "20240930", "20240831", "20240731", "20240630", "20240210", "20240205",
	}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	var parts []string
	for _, removal := range plan.Removals {
		if removal.Place != "" {
			parts = append(parts, removal.Release[:8]+" "+removal.Place)
		}
	}
	if len(parts) != 13 || slices.Contains(parts, "20250531 spend") || !slices.Contains(parts, "20240210 spend") {
		t.Errorf("parts that go: %v", parts)
	}
	if err := s.releases.Apply(durable.Disk{}, plan, retention.Usual(), now); err != nil {
		t.Fatal(err)
	}
	ids, err := shelf.IDs(s.root)
	if err != nil || len(ids) != len(want) {
		t.Errorf("%d releases are left, %v", len(ids), err)
	}
	if again, err := s.releases.Decide(retention.Usual(), now); err != nil || len(again.Removals) != 0 {
		t.Errorf("pruned again: %v, %v", again.Removals, err)
	}
	for name, text := range beside {
		if data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil || string(data) != text {
			t.Errorf("%s is other than it was: %v", name, err)
		}
	}
	if removed, err := manifest.RemovedParts(filepath.Join(s.root, named)); err != nil || len(removed) != 1 || removed[0].Place != "spend" {
		t.Errorf("removed parts of the named one: %v, %v", removed, err)
	}
}

// The day is that of the site's clock: 23:30 UTC in summer is the next day.
func TestDaysAreLocal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	early, before, late := s.add(t, day("2025-06-29 23:30")), s.add(t, day("2025-06-30 01:30")), s.add(t, day("2025-06-30 02:30"))
	plan, err := s.releases.Decide(retention.Policy{Days: 7, Months: 12, PersonalDays: 35}, day("2025-06-30 12:00"))
	if err != nil {
		t.Fatal(err)
	}
	want := []retention.Removal{{Release: early, Because: "neither the last of a recent day or month, nor named by anything"}}
	if diff := cmp.Diff(want, plan.Removals); diff != "" {
		t.Errorf("beside %s:\n%s", late, diff)
	}
	kept := []retention.Kept{{Release: late, Because: []string{"current", "the last of 2025-06-30"}}, {Release: before, Because: []string{"the one to go back to"}}}
	if diff := cmp.Diff(kept, plan.Kept); diff != "" {
		t.Error(diff)
	}
}

// Whatever there is and whatever the time, the current release stays whole, a
// release on hold stays, and no row about people outlives its days elsewhere.
func TestNeverTheCurrentOne(t *testing.T) {
	t.Parallel()
	base := newSite(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		s := site{root: filepath.Join(base.root, fmt.Sprint(n)), releases: base.releases}
		s.releases.Root = s.root
		now := day("2025-06-30 12:00")
		seen := map[int]bool{}
		var ids []string
		for _, hours := range rapid.SliceOfN(rapid.IntRange(1, 24*500), 1, 12).Draw(r, "hours ago") {
			if !seen[hours] {
				seen[hours] = true
				ids = append(ids, s.add(t, now.Add(-time.Duration(hours)*time.Hour)))
			}
		}
		current := rapid.SampledFrom(ids).Draw(r, "current")
		s.point(t, current)
		from := rapid.SampledFrom(ids).Draw(r, "from")
		if rapid.Bool().Draw(r, "on hold") {
			write(t, filepath.Join(s.root, "holds.json"), `[{"release":"`+current+`","from":"`+from+`","by":"A","reason":"r","at":"2025-06-30T00:00:00Z"}]`)
		} else {
			from = current
		}
		plan, err := s.releases.Decide(retention.Usual(), now)
		if err != nil {
			r.Fatal(err)
		}
		if err := s.releases.Apply(durable.Disk{}, plan, retention.Usual(), now); err != nil {
			r.Fatal(err)
		}
		left, err := shelf.IDs(s.root)
		if err != nil || !slices.Contains(left, current) || !slices.Contains(left, from) {
			r.Fatalf("left %v of %v, %v", left, ids, err)
		}
		for _, id := range left {
			old := shelf.MadeAt(id).Before(now.AddDate(0, 0, -35))
			if has := shelf.HasPart(s.root, id, "spend"); has != (id == current || !old) {
				r.Errorf("%s has spend: %t", id, has)
			}
			if !shelf.HasPart(s.root, id, "travel") {
				r.Errorf("%s lost a part without personal data", id)
			}
		}
	})
}

// What cannot be read might name a release: then nothing goes.
func TestWhatCannotBeReadKeepsEverything(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add(t, day("2024-01-01 02:30"))
	s.add(t, day("2025-06-30 02:30"))
	write(t, filepath.Join(s.root, "holds.json"), "[")
	if _, err := s.releases.Decide(retention.Usual(), day("2025-06-30 12:00")); err == nil || !strings.Contains(err.Error(), "holds.json") {
		t.Errorf("Decide = %v", err)
	}
	if err := os.Remove(filepath.Join(s.root, "holds.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(s.root, "current")); err != nil {
		t.Fatal(err)
	}
	plan, err := s.releases.Decide(retention.Usual(), day("2025-06-30 12:00"))
	if err != nil || len(plan.Removals) != 0 || len(plan.Kept) != 2 {
		t.Errorf("without a pointer: %+v, %v", plan, err)
	}
}

func TestFailedReleasesGoToo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add(t, day("2025-06-30 02:30"))
	write(t, filepath.Join(s.root, ".failed-20250501T023000Z-0000", "x"), "rows")
	write(t, filepath.Join(s.root, ".failed-20250629T023000Z-0000", "x"), "rows")
	now := day("2025-06-30 12:00")
	plan, err := s.releases.Decide(retention.Usual(), now)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.releases.Apply(durable.Disk{}, plan, retention.Usual(), now); err != nil {
		t.Fatal(err)
	}
	aside, err := filepath.Glob(filepath.Join(s.root, ".failed-*"))
	if err != nil || len(aside) != 1 || !strings.Contains(aside[0], "20250629") {
		t.Errorf("aside: %v, %v", aside, err)
	}
}
