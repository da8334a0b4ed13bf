//go:build duckdb_arrow

package shelf

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/verify"
)

// holdsName is the file that says who moved the pointer back, why, and whether
// releasing goes on. It lies beside the pointer, so that it is lost with the
// releases and with nothing else.
const holdsName = "holds.json"

// Hold keeps new releases from being made, from a rollback until somebody
// resumes.
type Hold struct {
	Release  string     `json:"release"` // the one in force since then
	From     string     `json:"from"`    // the one in force before
	By       string     `json:"by"`
	Reason   string     `json:"reason"`
	At       time.Time  `json:"at"`
	LiftedBy string     `json:"lifted_by,omitempty"`
	LiftedAt *time.Time `json:"lifted_at,omitempty"`
}

// String says in one line who holds, since when and why.
func (h Hold) String() string {
	return fmt.Sprintf("%s moved back from %s to %s on %s: %s", h.By, h.From, h.Release, h.At.UTC().Format("2006-01-02 15:04 UTC"), h.Reason)
}

// ErrOnHold is returned when a release is asked for while a rollback holds.
var ErrOnHold = errors.New("releasing is on hold")

// ErrNoHold is returned when there is nothing to resume.
var ErrNoHold = errors.New("nothing is on hold: the next run releases")

// Holds lists all holds there ever were, the oldest first.
func Holds(root string) ([]Hold, error) {
	file := filepath.Join(root, holdsName)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the holds: %w", err)
	}
	var holds []Hold
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&holds); err != nil {
		return nil, fmt.Errorf("%s: %w; until it can be read nothing is released", file, err)
	}
	return holds, nil
}

// Holding is the hold in force, nil when there is none.
func Holding(root string) (*Hold, error) {
	holds, err := Holds(root)
	if err != nil || len(holds) == 0 || holds[len(holds)-1].LiftedAt != nil {
		return nil, err
	}
	return &holds[len(holds)-1], nil
}

// writeHolds puts the list of holds on disk in one step.
func writeHolds(disk durable.Disk, root string, holds []Hold) error {
	data, err := json.MarshalIndent(holds, "", "  ")
	if err != nil {
		return fmt.Errorf("write the holds: %w", err)
	}
	return durable.ReplaceFile(disk, filepath.Join(root, holdsName), append(data, '\n'))
}

// Rollback makes an earlier release the current one, after it has been verified,
// and sets a hold. An empty release is the one before the current one; by and
// reason say who moves and why, and both are required. The hold is on disk
// before the pointer moves: a run after a kill in between releases nothing,
// rather than undo the rollback.
func Rollback(ctx context.Context, disk durable.Disk, root, release, by, reason string, at time.Time, reader []string) (*Hold, error) {
	if strings.TrimSpace(by) == "" || strings.TrimSpace(reason) == "" {
		return nil, errors.New("a rollback needs who does it and why")
	}
	if _, err := Clean(disk, root); err != nil {
		return nil, err
	}
	current, err := Current(root)
	if err != nil {
		return nil, err
	}
	var target *manifest.Manifest
	if release == "" {
		target, err = Before(root, current.Release)
	} else {
		target, err = Find(root, release)
	}
	if err != nil {
		return nil, err
	}
	holds, err := Holds(root)
	if err != nil {
		return nil, err
	}
	hold := Hold{Release: target.Release, From: current.Release, By: by, Reason: reason, At: at.UTC().Truncate(time.Second)}
	if target.Release == current.Release {
		// A rollback that was killed before the pointer moved back finds itself here
		// only when it had moved; then it is done.
		return nil, fmt.Errorf("%s is the current release already: name another, as svw releases list shows them", target.Release)
	}
	folder := filepath.Join(root, target.Release)
	removed, err := manifest.RemovedParts(folder)
	if err != nil {
		return nil, err
	}
	if len(removed) > 0 {
		return nil, fmt.Errorf("%s has no %s any more (removed on %s): its readers would be left without; choose a later release",
			target.Release, removed[0].Place, removed[0].On.Format(time.DateOnly))
	}
	if err := verify.Release(ctx, folder, reader); err != nil {
		return nil, err
	}
	if n := len(holds); n > 0 && holds[n-1].LiftedAt == nil {
		// Moved again under a hold: the earlier one ends with it.
		holds[n-1].LiftedBy, holds[n-1].LiftedAt = by, &hold.At
	}
	if err := writeHolds(disk, root, append(holds, hold)); err != nil {
		return nil, err
	}
	return &hold, Point(disk, root, target)
}

// Resume lifts the hold: the next run releases again.
func Resume(disk durable.Disk, root, by string, at time.Time) (*Hold, error) {
	if strings.TrimSpace(by) == "" {
		return nil, errors.New("say who resumes")
	}
	holds, err := Holds(root)
	if err != nil {
		return nil, err
	}
	if len(holds) == 0 || holds[len(holds)-1].LiftedAt != nil {
		return nil, ErrNoHold
	}
	last := &holds[len(holds)-1]
	lifted := at.UTC().Truncate(time.Second)
	last.LiftedBy, last.LiftedAt = by, &lifted
	return last, writeHolds(disk, root, holds)
}

// Find reads the manifest of a release by its name, by a part of its name that
// no other begins with, or, for "current" and an empty name, of the one in
// force.
func Find(root, name string) (*manifest.Manifest, error) {
	if name == "" || name == currentName {
		return Current(root)
	}
	ids, err := IDs(root)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, id := range ids {
		if strings.HasPrefix(id, name) {
			found = append(found, id)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("%w %q: svw releases list shows those there are", ErrUnknown, name)
	case 1:
		return Read(root, found[0])
	}
	return nil, fmt.Errorf("%w: %q may be %s", ErrUnknown, name, strings.Join(found, " or "))
}

// ErrUnknown says that no release has the name given.
var ErrUnknown = errors.New("there is no release")

// Before is the release made last before another.
func Before(root, id string) (*manifest.Manifest, error) {
	ids, err := IDs(root)
	if err != nil {
		return nil, err
	}
	for _, other := range ids {
		if other < id {
			return Read(root, other)
		}
	}
	return nil, fmt.Errorf("%w before %s to go back to", ErrUnknown, id)
}
