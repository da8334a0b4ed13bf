//go:build duckdb_arrow

package release_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/shelf"
	"socialvalue/internal/verify"
)

// A rollback verifies, moves the pointer and its twin, and holds until somebody
// resumes (architecture 2.8).
func TestRollbackHoldsUntilResumed(t *testing.T) {
	t.Parallel()
	db := openBuild(t, 1)
	c := composer(t, db)
	first, _ := compose(t, c, small(t))
	p := small(t)
	p.Datasets[0].InputsHash = "inputs-2"
	second, _ := compose(t, c, p)
	at := time.Date(2025, 6, 30, 9, 0, 0, 0, time.UTC)
	if _, err := shelf.Rollback(t.Context(), c.Disk, c.Root, "", "A. Analyst", " ", at, nil); err == nil {
		t.Error("rolled back without a reason")
	}
	hold, err := shelf.Rollback(t.Context(), c.Disk, c.Root, "", "A. Analyst", "June was wrong", at, nil)
	if err != nil {
		t.Fatal(err)
	}
	if hold.Release != first.Release || hold.From != second.Release {
		t.Errorf("hold = %+v", hold)
	}
	current, err := shelf.Current(c.Root)
	if err != nil || current.Release != first.Release {
		t.Fatalf("current = %v, %v", current, err)
	}
	whole(t, c.Root)
	if _, err := c.Compose(t.Context(), p); !errors.Is(err, shelf.ErrOnHold) || !strings.Contains(err.Error(), "A. Analyst") || !strings.Contains(err.Error(), "June was wrong") {
		t.Errorf("Compose under a hold = %v", err)
	}
	if _, err := shelf.Rollback(t.Context(), c.Disk, c.Root, first.Release[:20], "B", "again", at, nil); err == nil || !strings.Contains(err.Error(), "already") && !strings.Contains(err.Error(), "may be") {
		t.Errorf("rolled back to where it is: %v", err)
	}
	lifted, err := shelf.Resume(c.Disk, c.Root, "B. Boss", at.Add(time.Hour))
	if err != nil || lifted.LiftedBy != "B. Boss" || lifted.Reason != "June was wrong" {
		t.Errorf("Resume = %+v, %v", lifted, err)
	}
	if _, err := shelf.Resume(c.Disk, c.Root, "B. Boss", at); !errors.Is(err, shelf.ErrNoHold) {
		t.Errorf("resumed twice: %v", err)
	}
	compose(t, c, p)
	if holds, err := shelf.Holds(c.Root); err != nil || len(holds) != 1 || holds[0].LiftedAt == nil {
		t.Errorf("holds = %v, %v", holds, err)
	}
}

func TestRollbackRefusesWhatDoesNotVerify(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	_, first := compose(t, c, small(t))
	p := small(t)
	p.Datasets[0].InputsHash = "inputs-2"
	second, _ := compose(t, c, p)
	damage(t, filepath.Join(first, districtFile))
	at := time.Date(2025, 6, 30, 9, 0, 0, 0, time.UTC)
	if _, err := shelf.Rollback(t.Context(), c.Disk, c.Root, "", "A", "r", at, nil); err == nil || !strings.Contains(err.Error(), "has changed") {
		t.Errorf("Rollback = %v", err)
	}
	if _, err := shelf.Rollback(t.Context(), c.Disk, c.Root, "2019", "A", "r", at, nil); !errors.Is(err, shelf.ErrUnknown) {
		t.Errorf("Rollback to nothing = %v", err)
	}
	current, err := shelf.Current(c.Root)
	if err != nil || current.Release != second.Release {
		t.Errorf("current = %v, %v", current, err)
	}
	if hold, err := shelf.Holding(c.Root); err != nil || hold != nil {
		t.Errorf("hold = %v, %v", hold, err)
	}
}

// A kill between the hold and the pointer leaves a hold, never a rollback that
// the next run undoes; a file that cannot be read stops releasing.
func TestAKilledRollbackStillHolds(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	first, _ := compose(t, c, small(t))
	p := small(t)
	p.Datasets[0].InputsHash = "inputs-2"
	second, _ := compose(t, c, p)
	at := time.Date(2025, 6, 30, 9, 0, 0, 0, time.UTC)
	steps, broken := 0, errors.New("killed")
	for at2 := 1; ; at2++ {
		steps = 0
		disk := durable.Disk{Before: func(string, string) error {
			if steps++; steps >= at2 {
				return broken
			}
			return nil
		}}
		_, err := shelf.Rollback(t.Context(), disk, c.Root, first.Release, "A", "r", at, nil)
		hold, holdErr := shelf.Holding(c.Root)
		current, currentErr := shelf.Current(c.Root)
		if err := errors.Join(holdErr, currentErr); err != nil {
			t.Fatal(err)
		}
		if current.Release == first.Release && hold == nil {
			t.Fatalf("step %d: the pointer moved without a hold", at2)
		}
		whole(t, c.Root)
		if err == nil {
			break
		}
		if current.Release == first.Release {
			// Moved, and killed before the twin was written: Clean says the same in both.
			if _, err := shelf.Clean(durable.Disk{}, c.Root); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if second.Release == first.Release {
		t.Fatal("one release only")
	}
	write(t, filepath.Join(c.Root, "holds.json"), "[{")
	if _, err := c.Compose(t.Context(), p); err == nil || !strings.Contains(err.Error(), "until it can be read nothing is released") {
		t.Errorf("Compose = %v", err)
	}
}

// The part goes, the release stays and verifies, and nobody is led back to it.
func TestARemovedPart(t *testing.T) {
	t.Parallel()
	c := composer(t, openBuild(t, 1))
	first, folder := compose(t, c, plan(t))
	p := plan(t)
	p.Datasets[0].InputsHash = "inputs-2"
	second, _ := compose(t, c, p)
	on := time.Date(2025, 8, 30, 0, 0, 0, 0, time.UTC)
	part := manifest.RemovedPart{Place: "spend", On: on, Reason: "older than 35 days"}
	if err := shelf.RemovePart(c.Disk, c.Root, second.Release, part); err == nil {
		t.Error("the current release lost a part")
	}
	opened, err := os.Open(filepath.Join(folder, "restricted/spend/social_value_spend.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close() //nolint:errcheck // it was only read
	// Broken at each step in turn, it verifies and is taken up again.
	for at := 1; ; at++ {
		steps := 0
		disk := durable.Disk{Before: func(string, string) error {
			if steps++; steps == at {
				return errors.New("killed")
			}
			return nil
		}}
		err := shelf.RemovePart(disk, c.Root, first.Release, part)
		if _, err := shelf.Clean(durable.Disk{}, c.Root); err != nil {
			t.Fatal(err)
		}
		if err := verify.Release(t.Context(), folder, nil); err != nil {
			t.Fatalf("step %d: %v", at, err)
		}
		if err == nil {
			break
		}
	}
	if shelf.HasPart(c.Root, first.Release, "spend") || !shelf.HasPart(c.Root, first.Release, "travel") {
		t.Error("another part went than was asked for")
	}
	nothingLeft(t, c.Root)
	if n, err := opened.Stat(); err != nil || n.Size() == 0 {
		t.Errorf("who had the file open lost it: %v", err)
	}
	_, err = shelf.Rollback(t.Context(), c.Disk, c.Root, first.Release, "A", "r", on, nil)
	if err == nil || !strings.Contains(err.Error(), "has no spend any more (removed on 2025-08-30)") {
		t.Errorf("Rollback = %v", err)
	}
	whole(t, c.Root)
}
