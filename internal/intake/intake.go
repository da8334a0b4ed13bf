package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/correction"
	"socialvalue/internal/documents"
	"socialvalue/internal/extract"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
	"socialvalue/internal/workbook"
	"socialvalue/internal/workspace"
)

// commitEvery is how many files are committed together: enough that settling
// equal rows is not repeated for each, few enough that a kill loses little.
const commitEvery = 64

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
	uncommitted := 0
	flush := func() error {
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
			reports = append(reports, earlier...)
			continue
		}
		sighting := in.sighting(source, found, known)
		sighting.Config = config
		from, trouble, err := in.readyFor(ctx, source, c)
		if err != nil {
			return reports, err
		}
		if trouble != nil {
			return append(reports, sourceRefusal(source, Below(in.env.Site, source.From), trouble)), flush()
		}
		taken, err := in.takeFile(ctx, source, from, found, &sighting)
		reports = append(reports, taken...)
		if err != nil {
			return reports, err
		}
		in.there[documentPlace{source.Name, sighting.SHA256}] = true
		if sighting.Config != "" {
			sighting.Config = in.underCorrections(config, c, sighting.SHA256)
			if sighting.Outcome == string(runreport.FileRefused) {
				sighting.Config = in.refusedUnder(sighting.Config)
			}
		}
		if sighting.Outcome != string(runreport.FilePending) {
			sightings = append(sightings, sighting)
		}
		if uncommitted++; uncommitted >= commitEvery {
			if err := flush(); err != nil {
				return reports, err
			}
		}
	}
	return reports, flush()
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

// takeFile lands one file and loads its documents.
func (in *Intake) takeFile(ctx context.Context, source site.Source, from load.Source, found extract.Found, sighting *state.Sighting) ([]runreport.FileReport, error) {
	in.env.Tell("load", found.Name)
	landed, err := in.landing.Land(ctx, source.Name, found)
	if errors.Is(err, landing.ErrChangedWhileRead) {
		return []runreport.FileReport{{Source: source.Name, File: found.Name, Status: runreport.FilePending, Reason: err.Error()}}, nil
	}
	if err != nil {
		return in.landTrouble(source, found, sighting, err)
	}
	sighting.SHA256 = landed.SHA256
	contents, err := in.landing.Open(ctx, landed)
	if err == nil {
		contents, err = SheetsOf(ctx, source, documents.Options{WorkDir: in.loader.WorkDir, Password: from.Password}, contents)
	}
	if refusal := RefusalOf(err); refusal != nil {
		if errors.Is(err, workbook.ErrPassword) {
			sighting.Config = "" // the password may be right at the next run
		}
		sighting.Outcome, sighting.Message = string(runreport.FileRefused), refusal.Error()
		return []runreport.FileReport{{Source: source.Name, File: found.Name, Status: runreport.FileRefused, Reason: refusal.Error(), Differences: refusal.Differences}}, nil
	}
	if err != nil {
		return nil, err
	}
	var reports []runreport.FileReport
	for _, ignored := range contents.Ignored {
		reports = append(reports, runreport.FileReport{Source: source.Name, File: found.Name + "!" + ignored.Name, Status: runreport.FileSkipped, Reason: ignored.Reason})
	}
	outcome := runreport.FileLoaded
	for _, document := range contents.Documents {
		report, err := in.takeDocument(ctx, source, from, landed, document)
		if err != nil {
			return reports, err
		}
		if report.Again {
			sighting.Config = ""
		}
		switch {
		case report.Status == runreport.FileRefused:
			outcome, sighting.Message = runreport.FileRefused, report.Reason
		case report.Status == runreport.FileSkipped && outcome != runreport.FileRefused:
			outcome = runreport.FileSkipped // not done with: a run without --from and --to looks again
		}
		if report.LoadID != "" {
			sighting.Loads = append(sighting.Loads, report.LoadID)
		}
		reports = append(reports, report)
	}
	sighting.Outcome = string(outcome)
	return reports, nil
}

// landTrouble tells a file that is gone or cannot be read from a landing folder
// that cannot be written. Neither is remembered: a right to read that was given
// since shows in nothing that a listing sees.
func (in *Intake) landTrouble(source site.Source, found extract.Found, sighting *state.Sighting, err error) ([]runreport.FileReport, error) {
	var trouble *fs.PathError
	if !errors.As(err, &trouble) || trouble.Path != found.Path {
		return nil, err
	}
	report := runreport.FileReport{Source: source.Name, File: found.Name, Status: runreport.FilePending, Reason: "it is gone: the next run looks again"}
	if !errors.Is(err, fs.ErrNotExist) {
		report.Status = runreport.FileRefused
		report.Reason = (&load.Refusal{File: found.Name, Reason: "it cannot be read: " + err.Error()}).Error()
		sighting.Outcome, sighting.Message, sighting.Config = string(runreport.FileRefused), report.Reason, ""
	}
	return []runreport.FileReport{report}, nil
}

func (in *Intake) takeDocument(ctx context.Context, source site.Source, from load.Source, landed landing.Landed, document landing.Document) (runreport.FileReport, error) {
	report := runreport.FileReport{Source: source.Name, File: document.Name, Status: runreport.FileRefused}
	file, claim, err := Claimed(source, document)
	if err != nil {
		report.Reason = err.Error()
		return report, nil
	}
	file.Name, file.SHA256, file.Bytes, file.Modified = landed.Name, landed.SHA256, landed.Size, landed.ModTime
	if outside := in.wanted.outside(claim); outside != "" {
		report.Status, report.Reason = runreport.FileSkipped, outside
		return report, nil
	}
	file.Corrections = in.corrected.Of(from.Contract.Relation(), landed.SHA256, document.Part())
	record, fresh, err := in.loader.Load(ctx, from, file, document)
	if err != nil {
		if refusal := RefusalOf(err); refusal != nil {
			report.Reason, report.Differences, report.Again = refusal.Error(), refusal.Differences, refusal.Again
			return report, nil
		}
		return report, err
	}
	report.Status = runreport.FileLoaded
	if !fresh {
		report.Status = runreport.FileSameBytes
		report.Reason = "the same bytes as " + record.File
		if record.File == landed.Name {
			report.Reason = "it was read in this way before"
		}
	}
	if record.Reverted != nil {
		report.Status, report.Reason = runreport.FileReverted, revertedReason(record)
	}
	if record.RowsPurgedAt != nil {
		report.Reason = "its rows were removed on " + record.RowsPurgedAt.Format(time.DateOnly) + ", when their time was up"
	}
	report.LoadID, report.Layout, report.Records, report.Rows = record.ID, record.Layout, record.Records, record.Rows
	report.Quarantined, report.Skipped, report.Controls = record.Quarantined, record.SkippedTotal(), record.Controls
	report.Corrected = record.Corrected()
	report.Warnings = record.Warnings
	return report, nil
}
