package upkeep

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"socialvalue/internal/candidate"
	"socialvalue/internal/contract"
	"socialvalue/internal/disclosure"
	"socialvalue/internal/lock"
	"socialvalue/internal/model"
	"socialvalue/internal/publication"
	"socialvalue/internal/release"
	"socialvalue/internal/shelf"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// standingApproval is who approves what the site lets be republished.
const standingApproval = "standing approval of the site (republish in svw.yaml)"

// Publish makes an edition from the current release. With standing, only what
// the site lets be republished is approved, by the site's word.
func Publish(ctx context.Context, env workspace.Environment, request publication.Request, standing bool) (outcome *publication.Outcome, err error) {
	p, done, err := publisher(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	if request.DryRun {
		return publish(ctx, env, p, request, standing)
	}
	err = Locked(ctx, env, VerbPublish, func(ctx context.Context, env workspace.Environment) (any, error) {
		p.Progress = func(subject string) { env.Tell("publish", subject) }
		outcome, err = publish(ctx, env, p, request, standing)
		return withoutCells(outcome), err
	})
	return outcome, err
}

// withoutCells is an outcome for the journal: the cells that were asked for are for the eyes of who asked.
func withoutCells(outcome *publication.Outcome) *publication.Outcome {
	if outcome == nil {
		return nil
	}
	kept := *outcome
	kept.Datasets = slices.Clone(outcome.Datasets)
	for i := range kept.Datasets {
		kept.Datasets[i].Changes = nil
	}
	return &kept
}

// publish does so with the lock held.
func publish(ctx context.Context, env workspace.Environment, p publication.Publisher, request publication.Request, standing bool) (outcome *publication.Outcome, err error) {
	if standing {
		if request.Standing = env.Site.Republish; len(request.Standing) == 0 {
			return nil, &workspace.ConfigurationError{Err: errors.New("the site lets nothing be republished: list schemas without people, as republish: [geo, spend], or approve by name")}
		}
		request.ApprovedBy = standingApproval
	}
	contracts, pipelines, err := workspace.Definitions(env)
	if err != nil {
		return nil, err
	}
	project, err := workspace.LoadProject(ctx, env, contracts, pipelines)
	if err != nil {
		return nil, err
	}
	request.Macros, request.Queries, request.Versions = workspace.Macros(project), workspace.Queries(project), workspace.SchemaVersion
	for _, span := range env.Site.NoPublication {
		request.NotNow = append(request.NotNow, publication.Span{From: span.From, To: span.To, Reason: span.Reason})
	}
	if request.Stale, err = staleDatasets(ctx, env, p, project, contracts); err != nil {
		return nil, err
	}
	groups, err := workspace.GroupsOf(env, project)
	if err != nil {
		return nil, err
	}
	outcome, err = p.Publish(ctx, request)
	if accessErr := workspace.SetAccess(env.Site, groups); accessErr != nil {
		err = errors.Join(err, accessErr)
	}
	var mistake *publication.RequestError
	if errors.As(err, &mistake) {
		return outcome, &workspace.ConfigurationError{Err: err}
	}
	return outcome, err
}

// publisher takes the warehouse's one lock and opens what publishing works with.
func publisher(ctx context.Context, env workspace.Environment) (p publication.Publisher, done func() error, err error) {
	if err := env.Site.Warehouse.Create(); err != nil {
		return p, nil, err
	}
	held, err := lock.Acquire(env.Site.Warehouse.Lock(), env.Now())
	if err != nil {
		return p, nil, err
	}
	db, err := warehouse.Open(ctx, "", warehouse.Options{
		MemoryLimit: env.Site.DuckDB.MemoryLimit.Text, Threads: env.Site.DuckDB.Threads,
		TempDir: env.Site.Warehouse.Temp(), TempLimit: env.Site.DuckDB.TempLimit.Text,
	})
	if err != nil {
		return p, nil, errors.Join(fmt.Errorf("open a database to publish with: %w", err), held.Close())
	}
	done = func() error { return errors.Join(db.Close(), held.Close()) }
	version, err := db.Version(ctx)
	if err != nil {
		return p, nil, errors.Join(err, done())
	}
	year, month, day := env.Now().In(env.Site.Location).Date()
	return publication.Publisher{
		DB: db, Releases: env.Site.Warehouse.Releases(), Root: env.Site.Warehouse.Publications(),
		Ledger: disclosure.Ledger{Folder: env.Site.Warehouse.DisclosureLedger()}, Thresholds: candidate.Thresholds(env),
		Calendar: publication.Calendar{YearStartMonth: env.Site.FinancialYearStart.Month, YearStartDay: env.Site.FinancialYearStart.Day},
		Now:      env.Now, Today: time.Date(year, month, day, 0, 0, 0, 0, time.UTC),
		Reader: env.Verifier, Authority: env.Site.Name, Software: env.Version, DuckDB: version, Progress: func(subject string) { env.Tell("publish", subject) },
	}, done, nil
}

// staleDatasets names, for every dataset, a source that has been silent for too
// long among those it hangs on.
func staleDatasets(ctx context.Context, env workspace.Environment, p publication.Publisher, project *model.Project, contracts map[string]*contract.Contract) (map[string]string, error) {
	current, err := shelf.Current(p.Releases)
	if errors.Is(err, shelf.ErrNoRelease) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	stale := map[string]string{}
	facts, err := release.OpenFacts(ctx, p.DB, filepath.Join(p.Releases, current.Release))
	if err != nil {
		return nil, err
	}
	for _, source := range facts.Sources {
		c := contracts[source.Contract]
		if source.StaleAfter.IsZero() || !env.Now().After(source.StaleAfter) || c == nil {
			continue
		}
		for _, relation := range project.Descendants(c.Relation()) {
			stale[relation] = source.Source
		}
	}
	return stale, nil
}

// VerifyPublications makes ledger and publications agree after a crash, and
// reads every edition and the ledger again.
func VerifyPublications(ctx context.Context, env workspace.Environment) (editions int, err error) {
	p, done, err := publisher(ctx, env)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, done()) }()
	return p.Verify(ctx)
}
