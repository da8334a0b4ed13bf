package run

import (
	"context"
	"errors"
	"fmt"

	"socialvalue/internal/model"
)

// PlannedFile is a file a run would take in or look at.
type PlannedFile struct {
	Source string     `json:"source"`
	File   string     `json:"file"`
	Status FileStatus `json:"status"` // pending, refused or skipped as it would be; loaded when it would be read
	Reason string     `json:"reason,omitempty"`
}

// PlannedModel is a relation a run would build.
type PlannedModel struct {
	Relation string `json:"relation"`
	Reason   string `json:"reason"`
}

// Planned is what a run would do.
type Planned struct {
	Files     []PlannedFile  `json:"files"`
	Models    []PlannedModel `json:"models"`
	Dropped   []string       `json:"dropped,omitempty"`
	Unchanged int            `json:"models_unchanged"`
	Purge     []PurgedFile   `json:"landing_purge,omitempty"` // received files whose time is up
	Rows      RowRetention   `json:"row_retention"`           // rows about people whose time is up
}

// Plan says what a run would do and why, and does nothing. The rows of files
// not yet read may change more relations: those that hang on them are named.
func Plan(ctx context.Context, env Environment, options Options) (planned *Planned, err error) {
	w, err := openToLook(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.checkPipelines(options.Pipelines); err != nil {
		return nil, err
	}
	in := &intake{
		env: env, contracts: w.contracts, state: w.state, ledger: w.ledger, options: options, corrected: w.corrected,
		there: map[documentPlace]bool{},
		keys:  openKeyring(env, w.contracts, w.pipelines, w.counting()), feeds: feeding(w.project),
	}
	planned = &Planned{Files: []PlannedFile{}, Models: []PlannedModel{}}
	changed, err := in.plan(ctx, planned)
	if err != nil {
		return nil, err
	}
	models, _, err := w.planModels(ctx, options.Full)
	if err != nil {
		return nil, err
	}
	planned.addModels(w.project, models, changed)
	if planned.Rows, err = w.rowsDue(ctx); err != nil {
		return nil, err
	}
	purges, err := w.duePurges(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range purges {
		if !d.gone {
			planned.Purge = append(planned.Purge, d.PurgedFile)
		}
	}
	return planned, nil
}

// plan lists the files that would be read, and the raw relations they would
// change.
func (in *intake) plan(ctx context.Context, planned *Planned) (changed []string, err error) {
	sources := in.selected()
	known := seen{}
	for _, source := range sources {
		if known[source.Name], err = in.state.Sightings(ctx, source.Name); err != nil {
			return nil, fmt.Errorf("read the files seen before: %w", err)
		}
	}
	listings, err := in.list(ctx, sources, known)
	if err != nil {
		return nil, err
	}
	for i, source := range sources {
		c := in.contracts[source.Contract]
		key, trouble := in.keys.of(c)
		if trouble != nil && len(listings[i].Found) > 0 {
			refused := sourceRefusal(source, below(in.env.Site, source.From), trouble)
			planned.Files = append(planned.Files, PlannedFile{source.Name, refused.File, FileRefused, refused.Reason})
		}
		if trouble != nil {
			continue
		}
		config, err := in.env.sourceDigest(source, c, key)
		if err != nil {
			return nil, err
		}
		for _, trouble := range listings[i].Errors {
			planned.Files = append(planned.Files, PlannedFile{source.Name, below(in.env.Site, source.From), FileRefused, trouble.Error()})
		}
		for _, pending := range listings[i].Pending {
			planned.Files = append(planned.Files, PlannedFile{source.Name, pending.Name, FilePending, pending.Reason})
		}
		for _, found := range listings[i].Found {
			earlier := known[source.Name][found.Name]
			in.there[documentPlace{source.Name, earlier.SHA256}] = true
			if _, unchanged := in.unchanged(earlier, found, in.underCorrections(config, c, earlier.SHA256)); unchanged {
				continue
			}
			if claim, err := source.Claim(found.Name); err == nil && in.options.outside(claim) != "" {
				planned.Files = append(planned.Files, PlannedFile{source.Name, found.Name, FileSkipped, in.options.outside(claim)})
				continue
			}
			planned.Files = append(planned.Files, PlannedFile{source.Name, found.Name, FileLoaded, "new or changed"})
			changed = append(changed, c.Relation())
		}
	}
	for _, record := range in.toCorrect(sources) {
		planned.Files = append(planned.Files, PlannedFile{record.Source, label(record), FileLoaded, correctionsChanged})
		changed = append(changed, record.Relation)
	}
	return changed, nil
}

func (p *Planned) addModels(project *model.Project, models *model.Plan, changed []string) {
	because := map[string]string{}
	for _, relation := range changed {
		for _, dependent := range project.Descendants(relation) {
			because[dependent] = "files of " + relation + " are new"
		}
	}
	stale := map[string]bool{}
	for _, step := range models.Steps {
		stale[step.Node.Relation] = true
		because[step.Node.Relation] = step.Why
	}
	for _, relation := range project.Order {
		if reason, ok := because[relation]; ok {
			p.Models = append(p.Models, PlannedModel{relation, reason})
		}
	}
	p.Dropped = models.Drop
	p.Unchanged = len(project.Order) - len(p.Models)
}
