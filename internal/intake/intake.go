package intake

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/correction"
	"socialvalue/internal/extract"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
	"socialvalue/internal/workspace"
)

// commitEvery is how many files are committed together: enough that settling
// equal rows is not repeated for each, few enough that a kill loses little.
const commitEvery = 64

// togetherBytes is how much is landed before it is loaded, where documents can be
// loaded together.
const togetherBytes = 64 << 20

// minimumAge is how old a file must be before it is taken in without a second
// look by a later run.
const minimumAge = 2 * time.Second

// Intake takes in what arrived for the site's sources.
type Intake struct {
	env       workspace.Environment
	contracts map[string]*contract.Contract
	state     *state.DB
	landing   *landing.Store
	loader    *load.Loader
	ledger    *load.Ledger
	wanted    Wanted
	Present   []SeenFile // what lies in the drop folder, and since when it is known
	corrected *correction.Set
	there     map[documentPlace]bool // files that lie where their source looks
	keys      keyring
	places    *places
	deciles   *places
	feeds     map[string]bool // relations that places are made from

	decileFeeds map[string]bool // relations that places and their deciles are made from
}

// documentPlace names the bytes of a source.
type documentPlace struct{ source, sha256 string }

// seen remembers the files of earlier runs, by source and name.
type seen map[string]map[string]state.Sighting

// Last implements extract.Sightings.
func (s seen) Last(source, name string) (extract.Sighting, bool) {
	sighting, ok := s[source][name]
	if !ok {
		return extract.Sighting{}, false
	}
	return extract.Sighting{Size: sighting.Size, ModTime: time.Unix(0, sighting.MtimeNS), Inode: sighting.Inode}, true
}

// Take takes in every selected source and reports on each file. Trouble with a
// file is a report; the error is trouble of the machine.
func (in *Intake) Take(ctx context.Context) (reports []runreport.FileReport, empty []string, err error) {
	sources := in.selected()
	known := seen{}
	for _, source := range sources {
		if known[source.Name], err = in.state.Sightings(ctx, source.Name); err != nil {
			return nil, nil, fmt.Errorf("read the files seen before: %w", err)
		}
	}
	listings, err := in.list(ctx, sources, known)
	if err != nil {
		return nil, nil, err
	}
	for i, source := range sources {
		listing := listings[i]
		if len(listing.Found)+len(listing.Pending)+len(listing.Errors) == 0 && len(listing.Unmatched) > 0 {
			empty = append(empty, source.Name)
		}
		taken, err := in.takeSource(ctx, source, listing, known[source.Name])
		reports = append(reports, taken...)
		if err != nil {
			return reports, empty, err
		}
	}
	again, err := in.takeCorrected(ctx, sources)
	return append(reports, again...), empty, err
}

// selected lists the sources of the chosen pipelines, those first that places
// are made from: feeds about people look their places up.
func (in *Intake) selected() []site.Source {
	var sources []site.Source
	for _, source := range in.env.Site.Sources {
		if len(in.wanted.Pipelines) == 0 || slices.Contains(in.wanted.Pipelines, workspace.PipelineOf(source.Contract)) {
			sources = append(sources, source)
		}
	}
	sort.SliceStable(sources, func(i, j int) bool {
		return in.feedsPlaces(sources[i]) && !in.feedsPlaces(sources[j])
	})
	return sources
}

// placesFrom identifies the loads that places are made from.
func (in *Intake) placesFrom(feeds map[string]bool) string {
	var from []string
	for _, ref := range slices.Sorted(maps.Keys(in.contracts)) {
		if c := in.contracts[ref]; feeds[c.Relation()] {
			from = append(from, in.ledger.Fingerprint(c))
		}
	}
	return strings.Join(from, " ")
}

// feedsPlaces says whether places are made from the files of a source.
func (in *Intake) feedsPlaces(source site.Source) bool {
	relation := in.contracts[source.Contract].Relation()
	return in.feeds[relation] || in.decileFeeds[relation]
}

func (in *Intake) list(ctx context.Context, sources []site.Source, known seen) ([]extract.Listing, error) {
	finder := extract.Finder{Site: in.env.Site.Root, MinAge: minimumAge, Sightings: known, Now: in.env.Now, Sleep: in.env.Sleep}
	wanted := make([]extract.Source, len(sources))
	for i, source := range sources {
		wanted[i] = extractSource(in.env.Site, source)
	}
	listings, err := finder.Find(ctx, wanted)
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	return listings, nil
}

func (in *Intake) takeSource(ctx context.Context, source site.Source, listing extract.Listing, known map[string]state.Sighting) ([]runreport.FileReport, error) {
	c := in.contracts[source.Contract]
	key, trouble := in.keys.of(c)
	if trouble != nil {
		if len(listing.Found) == 0 {
			return nil, nil
		}
		return []runreport.FileReport{sourceRefusal(source, Below(in.env.Site, source.From), trouble)}, nil
	}
	config, err := sourceDigest(in.env, source, c, key)
	if err != nil {
		return nil, err
	}
	var reports []runreport.FileReport
	for _, trouble := range listing.Errors {
		reports = append(reports, runreport.FileReport{Source: source.Name, File: Below(in.env.Site, source.From), Status: runreport.FileRefused, Reason: trouble.Error()})
	}
	for _, skipped := range listing.Skipped {
		reports = append(reports, runreport.FileReport{Source: source.Name, File: skipped.Name, Status: runreport.FileSkipped, Reason: skipped.Reason})
	}
	var sightings []state.Sighting
	for _, pending := range listing.Pending {
		reports = append(reports, runreport.FileReport{Source: source.Name, File: pending.Name, Status: runreport.FilePending, Reason: pending.Reason})
		sightings = append(sightings, in.sighting(source, pending.Found, known))
	}
	var waiting []*arrival
	uncommitted, size := 0, int64(0)
	take := func() error {
		err := in.takeAll(ctx, source, waiting)
		for _, a := range waiting {
			reports = append(reports, a.reports...)
			if err == nil && a.sighting != nil {
				in.there[documentPlace{source.Name, a.sighting.SHA256}] = true
				if in.remember(a.sighting, c, config); a.sighting.Outcome != string(runreport.FilePending) {
					sightings = append(sightings, *a.sighting)
				}
				uncommitted++
			}
		}
		waiting, size = nil, 0
		return err
	}
	commit := func() error {
		if err := in.loader.Commit(ctx); err != nil {
			return fmt.Errorf("commit the loads of %s: %w", source.Name, err)
		}
		err := in.state.PutSightings(ctx, sightings)
		sightings, uncommitted = nil, 0
		return err
	}
	for _, found := range listing.Found {
		if in.elsewhere(source, found.Name) {
			continue // another month of the backfill has it, or none
		}
		in.Present = append(in.Present, SeenFile{
			source.Name, found.Name, workspace.PipelineOf(source.Contract), workspace.Later(in.sighting(source, found, known).FirstSeen, found.ModTime.UTC()),
		})
		if earlier, ok := in.unchanged(known[found.Name], found, in.underCorrections(config, c, known[found.Name].SHA256)); ok {
			in.there[documentPlace{source.Name, known[found.Name].SHA256}] = true
			waiting = append(waiting, &arrival{reports: earlier})
			continue
		}
		from, trouble, err := in.readyFor(ctx, source, c)
		if err != nil {
			return reports, err
		}
		if trouble != nil {
			if err := take(); err != nil {
				return reports, err
			}
			return append(reports, sourceRefusal(source, Below(in.env.Site, source.From), trouble)), commit()
		}
		a, err := in.land(ctx, source, from, found, in.sighting(source, found, known), config)
		if err != nil {
			return reports, err
		}
		waiting, size = append(waiting, a), size+found.Size
		if c.RowsStandAlone() && size < togetherBytes && len(waiting) < commitEvery {
			continue
		}
		if err := take(); err != nil {
			return reports, err
		}
		if uncommitted >= commitEvery {
			if err := commit(); err != nil {
				return reports, err
			}
		}
	}
	if err := take(); err != nil {
		return reports, err
	}
	return reports, commit()
}

// remember adds to a sighting the configuration that the file was read under;
// none where the next run is to look again.
func (in *Intake) remember(sighting *state.Sighting, c *contract.Contract, config string) {
	if sighting.Config == "" {
		return
	}
	sighting.Config = in.underCorrections(config, c, sighting.SHA256)
	if sighting.Outcome == string(runreport.FileRefused) {
		sighting.Config = in.refusedUnder(sighting.Config)
	}
}

// unchanged says whether an earlier run dealt with this very file in the same
// way, and what came of it.
func (in *Intake) unchanged(earlier state.Sighting, found extract.Found, config string) ([]runreport.FileReport, bool) {
	last := extract.Sighting{Size: earlier.Size, ModTime: time.Unix(0, earlier.MtimeNS), Inode: earlier.Inode}
	if runreport.FileStatus(earlier.Outcome) == runreport.FileRefused {
		config = in.refusedUnder(config) // a newer program may know better
	}
	if earlier.Config != config || !last.Same(found.Sighting()) || in.wanted.Full || in.wanted.Window != nil {
		return nil, false
	}
	report := runreport.FileReport{Source: earlier.Source, File: found.Name, Reason: earlier.Message}
	switch runreport.FileStatus(earlier.Outcome) {
	case runreport.FileRefused:
		report.Status = runreport.FileRefused
		return []runreport.FileReport{report}, true
	case runreport.FileLoaded, runreport.FileSameBytes:
		// The store may have been cleared since: then the file is taken in again.
		for _, id := range earlier.Loads {
			record := in.ledger.Get(id)
			if record == nil {
				return nil, false
			}
			if record.Status == load.StatusReverted {
				report.Status, report.LoadID, report.Reason = runreport.FileReverted, id, revertedReason(record)
				return []runreport.FileReport{report}, true
			}
		}
		report.Status = runreport.FileUnchanged
		return []runreport.FileReport{report}, true
	case runreport.FileUnchanged, runreport.FilePending, runreport.FileSkipped, runreport.FileReverted:
	}
	return nil, false
}

// underCorrections is a source's configuration with the corrections of one of
// its files: when they change, that file is read again and no other.
func (in *Intake) underCorrections(config string, c *contract.Contract, sha256 string) string {
	if digest := in.corrected.Digest(c.Relation(), sha256); digest != "" {
		return config + " " + digest
	}
	return config
}

// revertedReason says who took a load back, and how to undo it.
func revertedReason(record *load.Record) string {
	why := record.Reverted
	if why == nil {
		return "it was reverted"
	}
	return fmt.Sprintf("it was reverted by %s on %s (%s): svw loads restore %.12s lets it count again",
		why.By, why.At.Format(time.DateOnly), why.Reason, record.ID)
}

// refusedUnder is the configuration under which a refusal is remembered.
func (in *Intake) refusedUnder(config string) string { return config + " " + in.env.Version }

func (in *Intake) sighting(source site.Source, found extract.Found, known map[string]state.Sighting) state.Sighting {
	now := in.env.Now().UTC()
	sighting := state.Sighting{
		Source: source.Name, Name: found.Name, Size: found.Size, MtimeNS: found.ModTime.UnixNano(), Inode: found.Inode,
		FirstSeen: now, LastSeen: now, Outcome: string(runreport.FilePending),
	}
	if earlier, ok := known[found.Name]; ok {
		sighting.FirstSeen = earlier.FirstSeen
	}
	return sighting
}

// readyFor makes what loading a feed needs, its key and the places that it looks
// up, and gives the source as loading knows it. Trouble is why nothing of the
// source can be loaded; the error is trouble of the machine.
func (in *Intake) readyFor(ctx context.Context, source site.Source, c *contract.Contract) (from load.Source, trouble, err error) {
	key, trouble := in.keys.of(c)
	if trouble != nil {
		return from, trouble, nil
	}
	if c.NeedsPlaces() {
		places, feeds := in.places, in.feeds
		if c.NeedsDeciles() {
			places, feeds = in.deciles, in.decileFeeds
		}
		if err := places.ready(ctx); err != nil {
			return from, nil, err
		}
		if places.trouble != nil {
			return from, places.trouble, nil
		}
		in.loader.CanPlace, in.loader.PlacesFrom = places.stand, in.placesFrom(feeds)
	}
	from = LoadSource(in.env, source, c, key)
	from.KeyGroup = in.keys.group(c)
	return from, nil, nil
}
