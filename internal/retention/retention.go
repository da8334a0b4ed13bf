//go:build duckdb_arrow

// Package retention decides which releases stay and removes the others: the
// last of each of the latest days and months, the one before the current one,
// whatever a publication, a baseline or a hold names, and never the current one.
// Rows about people go earlier, also out of releases that stay.
//
// Callers hold the warehouse's lock to apply a plan. Readers need no lock: who
// has a file open keeps it.
package retention

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/shelf"
)

// Policy says how long releases stay.
type Policy struct {
	Days         int // the last release of so many days that had one
	Months       int // the last release of so many months that are over and had one
	PersonalDays int // restricted parts with personal data stay so many days
}

// Usual is the policy of every warehouse.
func Usual() Policy { return Policy{Days: 7, Months: 12, PersonalDays: 35} }

// Releases is where releases lie, and what may need them.
type Releases struct {
	Root string
	// Publications is the folder of the editions, whose seals name what they were
	// made from, and Naming are other manifests that may name releases, as globs:
	// those of baselines.
	Publications string
	Naming       []string
	Location     *time.Location
}

// Removal is a release, or one part of it, that goes.
type Removal struct {
	Release string `json:"release"`
	Place   string `json:"place,omitempty"` // a restricted part; empty: all of it
	Because string `json:"because"`
}

// Kept is a release that stays, with the reasons.
type Kept struct {
	Release string   `json:"release"`
	Because []string `json:"because"`
}

// Plan is what would stay and what would go.
type Plan struct {
	Kept     []Kept    `json:"kept"`
	Removals []Removal `json:"removed"`
}

// Decide says what stays and what goes at a moment. Nothing is removed. What
// cannot be read keeps everything: it might name a release.
func (r Releases) Decide(policy Policy, now time.Time) (Plan, error) {
	plan := Plan{Kept: []Kept{}, Removals: []Removal{}}
	ids, err := shelf.IDs(r.Root)
	if err != nil {
		return plan, err
	}
	reasons, err := r.reasons(ids, policy, now)
	if err != nil {
		return plan, err
	}
	for _, id := range ids {
		if len(reasons[id]) == 0 {
			plan.Removals = append(plan.Removals, Removal{Release: id, Because: "neither the last of a recent day or month, nor named by anything"})
			continue
		}
		plan.Kept = append(plan.Kept, Kept{id, reasons[id]})
		if slices.Contains([]string{isCurrent, noneIsCurrent}, reasons[id][0]) || !shelf.MadeAt(id).Before(personalBefore(policy, now)) {
			continue
		}
		parts, err := r.personalParts(id)
		if err != nil {
			return plan, err
		}
		for _, part := range parts {
			plan.Removals = append(plan.Removals, Removal{Release: id, Place: part, Because: fmt.Sprintf("it holds personal data and is older than %d days", policy.PersonalDays)})
		}
	}
	aside, err := shelf.RemoveFailed(durable.Disk{}, r.Root, personalBefore(policy, now), true)
	if err != nil {
		return plan, err
	}
	for _, name := range aside {
		plan.Removals = append(plan.Removals, Removal{Release: name, Because: fmt.Sprintf("it failed verification more than %d days ago", policy.PersonalDays)})
	}
	return plan, nil
}

// Apply removes what a plan says. It may be killed at any instant: what is left
// is removed by the next.
func (r Releases) Apply(disk durable.Disk, plan Plan, policy Policy, now time.Time) error {
	for _, removal := range plan.Removals {
		var err error
		switch {
		case shelf.MadeAt(removal.Release).IsZero():
			// It lies aside, see below.
		case removal.Place == "":
			err = shelf.Remove(disk, r.Root, removal.Release)
		default:
			part := manifest.RemovedPart{Place: removal.Place, On: now.UTC().Truncate(time.Second), Reason: removal.Because}
			err = shelf.RemovePart(disk, r.Root, removal.Release, part)
		}
		if err != nil {
			return fmt.Errorf("prune %s: %w", strings.TrimSpace(removal.Release+" "+removal.Place), err)
		}
	}
	if _, err := shelf.RemoveFailed(disk, r.Root, personalBefore(policy, now), false); err != nil {
		return fmt.Errorf("prune what failed verification: %w", err)
	}
	return nil
}

// The first reason of the release in force, and of all when none is.
const (
	isCurrent     = "current"
	noneIsCurrent = "no release is current"
)

// reasons says of each release why it stays. The release in force always has
// isCurrent before any other reason.
func (r Releases) reasons(ids []string, policy Policy, now time.Time) (map[string][]string, error) {
	reasons := map[string][]string{}
	if len(ids) == 0 {
		return reasons, nil
	}
	current, err := shelf.Current(r.Root)
	switch {
	case errors.Is(err, shelf.ErrNoRelease):
		// The pointer is gone: which one people read is not known, so all stay.
		for _, id := range ids {
			reasons[id] = []string{noneIsCurrent}
		}
		return reasons, nil
	case err != nil:
		return nil, err
	}
	reasons[current.Release] = []string{isCurrent}
	hold, err := shelf.Holding(r.Root)
	if err != nil {
		return nil, err
	}
	if hold != nil {
		for _, id := range []string{hold.Release, hold.From} {
			reasons[id] = append(reasons[id], "on hold")
		}
	}
	if i := slices.Index(ids, current.Release); i >= 0 && i+1 < len(ids) {
		reasons[ids[i+1]] = append(reasons[ids[i+1]], "the one to go back to")
	}
	r.latest(ids, policy, now, reasons)
	if err := r.published(reasons); err != nil {
		return nil, err
	}
	return reasons, r.named(reasons)
}

// latest keeps the last release of the latest days, and of the latest months
// that are over, in the site's time zone. Days and months without a release do
// not count.
func (r Releases) latest(ids []string, policy Policy, now time.Time, reasons map[string][]string) {
	keep := func(layout, what string, most int, counts func(period string) bool) {
		seen := map[string]bool{}
		for _, id := range ids { // newest first
			period := shelf.MadeAt(id).In(r.Location).Format(layout)
			if seen[period] || !counts(period) || len(seen) == most {
				continue
			}
			seen[period] = true
			reasons[id] = append(reasons[id], what+period)
		}
	}
	keep("2006-01-02", "the last of ", policy.Days, func(string) bool { return true })
	thisMonth := now.In(r.Location).Format("2006-01")
	keep("2006-01", "the last of ", policy.Months, func(month string) bool { return month < thisMonth })
}

// published keeps what an edition was made from, whether the pointer names the
// edition, a later one, or is gone. Nothing there is touched.
func (r Releases) published(reasons map[string][]string) error {
	editions, err := shelf.List(r.Publications)
	if err != nil {
		return fmt.Errorf("read which releases are published: %w", err)
	}
	for _, edition := range editions {
		if edition.Edition != nil {
			id := edition.Edition.Candidate
			reasons[id] = append(reasons[id], fmt.Sprintf("published as edition %d", edition.Edition.Number))
		}
	}
	return nil
}

// named keeps what manifests of baselines name, in whatever field.
func (r Releases) named(reasons map[string][]string) error {
	id := regexp.MustCompile(`\b\d{8}T\d{6}Z-[0-9a-f]{4}\b`)
	for _, pattern := range r.Naming {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return fmt.Errorf("list what names releases: %w", err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("read which releases are named: %w", err)
			}
			folder := filepath.Dir(file)
			what := "named by " + filepath.Base(filepath.Dir(folder)) + "/" + filepath.Base(folder)
			for _, name := range id.FindAllString(string(data), -1) {
				if !slices.Contains(reasons[name], what) {
					reasons[name] = append(reasons[name], what)
				}
			}
		}
	}
	return nil
}

// personalParts lists the restricted parts of a release that hold personal data
// and are still there.
func (r Releases) personalParts(id string) ([]string, error) {
	folders, err := filepath.Glob(filepath.Join(r.Root, id, "restricted", "*"))
	if err != nil || len(folders) == 0 {
		return nil, err //nolint:wrapcheck // the pattern is sound
	}
	manifest, err := shelf.Read(r.Root, id)
	if err != nil {
		return nil, err
	}
	var parts []string
	for _, domain := range manifest.Personal() {
		if shelf.HasPart(r.Root, id, domain) {
			parts = append(parts, domain)
		}
	}
	return parts, nil
}

func personalBefore(policy Policy, now time.Time) time.Time {
	return now.AddDate(0, 0, -policy.PersonalDays)
}
