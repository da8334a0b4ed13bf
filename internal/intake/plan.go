package intake

import (
	"context"
	"fmt"

	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
)

// PlannedFile is a file a run would take in or look at.
type PlannedFile struct {
	Source string               `json:"source"`
	File   string               `json:"file"`
	Status runreport.FileStatus `json:"status"` // pending, refused or skipped as it would be; loaded when it would be read
	Reason string               `json:"reason,omitempty"`
}

// Plan lists the files that would be read, and the raw relations they would
// change.
func (in *Intake) Plan(ctx context.Context, tell func(PlannedFile)) (changed []string, err error) {
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
			refused := sourceRefusal(source, Below(in.env.Site, source.From), trouble)
			tell(PlannedFile{source.Name, refused.File, runreport.FileRefused, refused.Reason})
		}
		if trouble != nil {
			continue
		}
		config, err := sourceDigest(in.env, source, c, key)
		if err != nil {
			return nil, err
		}
		for _, trouble := range listings[i].Errors {
			tell(PlannedFile{source.Name, Below(in.env.Site, source.From), runreport.FileRefused, trouble.Error()})
		}
		for _, pending := range listings[i].Pending {
			tell(PlannedFile{source.Name, pending.Name, runreport.FilePending, pending.Reason})
		}
		for _, found := range listings[i].Found {
			earlier := known[source.Name][found.Name]
			in.there[documentPlace{source.Name, earlier.SHA256}] = true
			if _, unchanged := in.unchanged(earlier, found, in.underCorrections(config, c, earlier.SHA256)); unchanged {
				continue
			}
			if claim, err := source.Claim(found.Name); err == nil && in.wanted.outside(claim) != "" {
				tell(PlannedFile{source.Name, found.Name, runreport.FileSkipped, in.wanted.outside(claim)})
				continue
			}
			tell(PlannedFile{source.Name, found.Name, runreport.FileLoaded, "new or changed"})
			changed = append(changed, c.Relation())
		}
	}
	for _, record := range in.toCorrect(sources) {
		tell(PlannedFile{record.Source, load.Label(record), runreport.FileLoaded, correctionsChanged})
		changed = append(changed, record.Relation)
	}
	return changed, nil
}
