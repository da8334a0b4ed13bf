package upkeep

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"socialvalue/internal/durable"
	"socialvalue/internal/forhr"
	"socialvalue/internal/lock"
	"socialvalue/internal/retention"
	"socialvalue/internal/runreport"
	"socialvalue/internal/shelf"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// Retained says what keeps releases of a site.
func Retained(s *site.Site) retention.Releases {
	return retention.Releases{
		Root: s.Warehouse.Releases(), Location: s.Location, Publications: s.Warehouse.Publications(),
		Naming: []string{filepath.Join(s.Warehouse.Baselines(), "*", "v*", "seal.json")},
	}
}

// PruneDue removes releases that are past their time. It belongs to every run, so
// that rows about people do not stay because nothing new came.
func PruneDue(w *workspace.Workspace, report *runreport.Report) error {
	plan, err := prune(w.Env.Site, w.Env.Now(), false)
	if err != nil {
		return err
	}
	report.Pruned = plan.Removals
	return workspace.SetAccess(w.Env.Site, w.Access)
}

func prune(s *site.Site, now time.Time, dryRun bool) (retention.Plan, error) {
	policy := retention.Usual()
	releases := Retained(s)
	plan, err := releases.Decide(policy, now)
	if err != nil {
		return plan, fmt.Errorf("prune releases: %w", err)
	}
	kept := forhr.Folder{Root: s.Warehouse.ForHR(), Days: s.ForHR.KeepDays}
	expired, err := kept.Expired(now)
	if err != nil {
		return plan, err
	}
	for _, file := range expired {
		because := fmt.Sprintf("it names people for HR and is older than %d days, or was left half written", kept.Days)
		plan.Removals = append(plan.Removals, retention.Removal{Release: "for_hr/" + file, Because: because})
	}
	if dryRun {
		return plan, nil
	}
	if err := kept.Remove(expired); err != nil {
		return plan, err
	}
	return plan, releases.Apply(durable.Disk{}, plan, policy, now)
}

// Prune removes releases that are past their time, or only says which.
func Prune(env workspace.Environment, dryRun bool) (plan retention.Plan, err error) {
	err = alone(env, func() (err error) {
		plan, err = prune(env.Site, env.Now(), dryRun)
		return err
	})
	return plan, err
}

// Rollback moves the pointer back to an earlier release and sets a hold; an
// empty release is the one before the current one.
func Rollback(ctx context.Context, env workspace.Environment, to, by, reason string) (hold *shelf.Hold, err error) {
	err = alone(env, func() (err error) {
		hold, err = shelf.Rollback(ctx, durable.Disk{}, env.Site.Warehouse.Releases(), to, by, reason, env.Now(), env.Verifier)
		return err
	})
	return hold, err
}

// Resume lets runs release again.
func Resume(env workspace.Environment, by string) (hold *shelf.Hold, err error) {
	err = alone(env, func() (err error) {
		hold, err = shelf.Resume(durable.Disk{}, env.Site.Warehouse.Releases(), by, env.Now())
		return err
	})
	return hold, err
}

// alone does something as the warehouse's one writer.
func alone(env workspace.Environment, do func() error) (err error) {
	if err := env.Site.Warehouse.Create(); err != nil {
		return err
	}
	held, err := lock.Acquire(env.Site.Warehouse.Lock(), env.Now())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	return do()
}
