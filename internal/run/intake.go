package run

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
	"socialvalue/internal/durable"
	"socialvalue/internal/extract"
	"socialvalue/internal/landing"
	"socialvalue/internal/load"
	"socialvalue/internal/model"
	"socialvalue/internal/shelf"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
	"socialvalue/internal/workbook"
)

// commitEvery is how many files are committed together: enough that settling
// equal rows is not repeated for each, few enough that a kill loses little.
const commitEvery = 64

// minimumAge is how old a file must be before it is taken in without a second
// look by a later run.
const minimumAge = 2 * time.Second

// intake takes in what arrived for the site's sources.
type intake struct {
	env       Environment
	contracts map[string]*contract.Contract
	state     *state.DB
	landing   *landing.Store
	loader    *load.Loader
	ledger    *load.Ledger
	wanted    Wanted
	present   []seenFile // what lies in the drop folder, and since when it is known
	corrected *correction.Set
	there     map[documentPlace]bool // files that lie where their source looks
	keys      keyring
	places    *places
	feeds     map[string]bool // relations that places are made from
}

// newIntake takes in for a run.
func newIntake(w *workspace, want Wanted, report *Report) *intake {
	in := lookingIntake(w, want)
	in.landing = landing.NewStore(w.env.Site.Warehouse.Landing(), landing.DefaultLimits())
	in.loader = &load.Loader{
		DB: w.db, Store: w.store, Ledger: w.ledger, WorkDir: w.env.Site.Warehouse.Temp(), Now: w.env.Now, RunID: report.RunID,
		Reread: want.Full || want.window != nil,
	}
	in.places = &places{workspace: w, report: report}
	return in
}

// lookingIntake says what would be taken in, and takes nothing.
func lookingIntake(w *workspace, want Wanted) *intake {
	return &intake{
		env: w.env, contracts: w.contracts, state: w.state, ledger: w.ledger, wanted: want,
		corrected: w.corrected, there: map[documentPlace]bool{},
		keys: openKeyring(w.env, w.contracts, w.pipelines, w.counting()), feeds: feeding(w.project),
	}
}

// commit makes what was loaded count.
func (in *intake) commit(ctx context.Context) error { return in.loader.Commit(ctx) }

// sweep removes what a killed run left in the store, the landing folder and the
// releases.
func (in *intake) sweep(ctx context.Context, w *workspace) error {
	named, err := model.DayObjects(ctx, w.db, w.store)
	if err != nil {
		return err
	}
	maps.Copy(named, w.ledger.Objects())
	if _, err := w.store.Sweep(named); err != nil {
		return err
	}
	if err := in.landing.Clean(); err != nil {
		return fmt.Errorf("clean the landing folder: %w", err)
	}
	if _, err := shelf.Clean(durable.Disk{}, w.env.Site.Warehouse.Releases()); err != nil {
		return err
	}
	return nil
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

// take takes in every selected source and reports on each file. Trouble with a
// file is a report; the error is trouble of the machine.
func (in *intake) take(ctx context.Context) (reports []FileReport, empty []string, err error) {
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
func (in *intake) selected() []site.Source {
	var sources []site.Source
	for _, source := range in.env.Site.Sources {
		if len(in.wanted.Pipelines) == 0 || slices.Contains(in.wanted.Pipelines, pipelineOf(source.Contract)) {
			sources = append(sources, source)
		}
	}
	sort.SliceStable(sources, func(i, j int) bool {
		return in.feedsPlaces(sources[i]) && !in.feedsPlaces(sources[j])
	})
	return sources
}

// placesFrom identifies the loads that places are made from.
func (in *intake) placesFrom() string {
	var from []string
	for _, ref := range slices.Sorted(maps.Keys(in.contracts)) {
		if c := in.contracts[ref]; in.feeds[c.Relation()] {
			from = append(from, in.ledger.Fingerprint(c))
		}
	}
	return strings.Join(from, " ")
}

// feedsPlaces says whether places are made from the files of a source.
func (in *intake) feedsPlaces(source site.Source) bool {
	return in.feeds[in.contracts[source.Contract].Relation()]
}

func (in *intake) list(ctx context.Context, sources []site.Source, known seen) ([]extract.Listing, error) {
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

func (in *intake) takeSource(ctx context.Context, source site.Source, listing extract.Listing, known map[string]state.Sighting) ([]FileReport, error) {
	c := in.contracts[source.Contract]
	key, trouble := in.keys.of(c)
	if trouble != nil {
		if len(listing.Found) == 0 {
			return nil, nil
		}
		return []FileReport{sourceRefusal(source, below(in.env.Site, source.From), trouble)}, nil
	}
	config, err := in.env.sourceDigest(source, c, key)
	if err != nil {
		return nil, err
	}
	var reports []FileReport
	for _, trouble := range listing.Errors {
		reports = append(reports, FileReport{Source: source.Name, File: below(in.env.Site, source.From), Status: FileRefused, Reason: trouble.Error()})
	}
	for _, skipped := range listing.Skipped {
		reports = append(reports, FileReport{Source: source.Name, File: skipped.Name, Status: FileSkipped, Reason: skipped.Reason})
	}
	var sightings []state.Sighting
	for _, pending := range listing.Pending {
		reports = append(reports, FileReport{Source: source.Name, File: pending.Name, Status: FilePending, Reason: pending.Reason})
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
		in.present = append(in.present, seenFile{
			source.Name, found.Name, pipelineOf(source.Contract), later(in.sighting(source, found, known).FirstSeen, found.ModTime.UTC()),
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
			return append(reports, sourceRefusal(source, below(in.env.Site, source.From), trouble)), flush()
		}
		taken, err := in.takeFile(ctx, source, from, found, &sighting)
		reports = append(reports, taken...)
		if err != nil {
			return reports, err
		}
		in.there[documentPlace{source.Name, sighting.SHA256}] = true
		if sighting.Config != "" {
			sighting.Config = in.underCorrections(config, c, sighting.SHA256)
			if sighting.Outcome == string(FileRefused) {
				sighting.Config = in.refusedUnder(sighting.Config)
			}
		}
		if sighting.Outcome != string(FilePending) {
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
func (in *intake) unchanged(earlier state.Sighting, found extract.Found, config string) ([]FileReport, bool) {
	last := extract.Sighting{Size: earlier.Size, ModTime: time.Unix(0, earlier.MtimeNS), Inode: earlier.Inode}
	if FileStatus(earlier.Outcome) == FileRefused {
		config = in.refusedUnder(config) // a newer program may know better
	}
	if earlier.Config != config || !last.Same(found.Sighting()) || in.wanted.Full || in.wanted.window != nil {
		return nil, false
	}
	report := FileReport{Source: earlier.Source, File: found.Name, Reason: earlier.Message}
	switch FileStatus(earlier.Outcome) {
	case FileRefused:
		report.Status = FileRefused
		return []FileReport{report}, true
	case FileLoaded, FileSameBytes:
		// The store may have been cleared since: then the file is taken in again.
		for _, id := range earlier.Loads {
			record := in.ledger.Get(id)
			if record == nil {
				return nil, false
			}
			if record.Status == load.StatusReverted {
				report.Status, report.LoadID, report.Reason = FileReverted, id, revertedReason(record)
				return []FileReport{report}, true
			}
		}
		report.Status = FileUnchanged
		return []FileReport{report}, true
	case FileUnchanged, FilePending, FileSkipped, FileReverted:
	}
	return nil, false
}

// underCorrections is a source's configuration with the corrections of one of
// its files: when they change, that file is read again and no other.
func (in *intake) underCorrections(config string, c *contract.Contract, sha256 string) string {
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
func (in *intake) refusedUnder(config string) string { return config + " " + in.env.Version }

func (in *intake) sighting(source site.Source, found extract.Found, known map[string]state.Sighting) state.Sighting {
	now := in.env.Now().UTC()
	sighting := state.Sighting{
		Source: source.Name, Name: found.Name, Size: found.Size, MtimeNS: found.ModTime.UnixNano(), Inode: found.Inode,
		FirstSeen: now, LastSeen: now, Outcome: string(FilePending),
	}
	if earlier, ok := known[found.Name]; ok {
		sighting.FirstSeen = earlier.FirstSeen
	}
	return sighting
}

// readyFor makes what loading a feed needs, its key and the places that it looks
// up, and gives the source as loading knows it. Trouble is why nothing of the
// source can be loaded; the error is trouble of the machine.
func (in *intake) readyFor(ctx context.Context, source site.Source, c *contract.Contract) (from load.Source, trouble, err error) {
	key, trouble := in.keys.of(c)
	if trouble != nil {
		return from, trouble, nil
	}
	if c.NeedsPlaces() {
		if err := in.places.ready(ctx); err != nil {
			return from, nil, err
		}
		if in.places.trouble != nil {
			return from, in.places.trouble, nil
		}
		in.loader.CanPlace, in.loader.PlacesFrom = in.places.stand, in.placesFrom()
	}
	from = in.env.loadSource(source, c, key)
	from.KeyGroup = in.keys.group(c)
	return from, nil, nil
}

// takeFile lands one file and loads its documents.
func (in *intake) takeFile(ctx context.Context, source site.Source, from load.Source, found extract.Found, sighting *state.Sighting) ([]FileReport, error) {
	in.env.progress("load", found.Name)
	landed, err := in.landing.Land(ctx, source.Name, found)
	if errors.Is(err, landing.ErrChangedWhileRead) {
		return []FileReport{{Source: source.Name, File: found.Name, Status: FilePending, Reason: err.Error()}}, nil
	}
	if err != nil {
		return in.landTrouble(source, found, sighting, err)
	}
	sighting.SHA256 = landed.SHA256
	contents, err := in.landing.Open(ctx, landed)
	if err == nil {
		contents, err = sheetsOf(ctx, source, documents.Options{WorkDir: in.loader.WorkDir, Password: from.Password}, contents)
	}
	if refusal := refusalOf(err); refusal != nil {
		if errors.Is(err, workbook.ErrPassword) {
			sighting.Config = "" // the password may be right at the next run
		}
		sighting.Outcome, sighting.Message = string(FileRefused), refusal.Error()
		return []FileReport{{Source: source.Name, File: found.Name, Status: FileRefused, Reason: refusal.Error(), Differences: refusal.Differences}}, nil
	}
	if err != nil {
		return nil, err
	}
	var reports []FileReport
	for _, ignored := range contents.Ignored {
		reports = append(reports, FileReport{Source: source.Name, File: found.Name + "!" + ignored.Name, Status: FileSkipped, Reason: ignored.Reason})
	}
	outcome := FileLoaded
	for _, document := range contents.Documents {
		report, err := in.takeDocument(ctx, source, from, landed, document)
		if err != nil {
			return reports, err
		}
		if report.again {
			sighting.Config = ""
		}
		switch {
		case report.Status == FileRefused:
			outcome, sighting.Message = FileRefused, report.Reason
		case report.Status == FileSkipped && outcome != FileRefused:
			outcome = FileSkipped // not done with: a run without --from and --to looks again
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
func (in *intake) landTrouble(source site.Source, found extract.Found, sighting *state.Sighting, err error) ([]FileReport, error) {
	var trouble *fs.PathError
	if !errors.As(err, &trouble) || trouble.Path != found.Path {
		return nil, err
	}
	report := FileReport{Source: source.Name, File: found.Name, Status: FilePending, Reason: "it is gone: the next run looks again"}
	if !errors.Is(err, fs.ErrNotExist) {
		report.Status = FileRefused
		report.Reason = (&load.Refusal{File: found.Name, Reason: "it cannot be read: " + err.Error()}).Error()
		sighting.Outcome, sighting.Message, sighting.Config = string(FileRefused), report.Reason, ""
	}
	return []FileReport{report}, nil
}

func (in *intake) takeDocument(ctx context.Context, source site.Source, from load.Source, landed landing.Landed, document landing.Document) (FileReport, error) {
	report := FileReport{Source: source.Name, File: document.Name, Status: FileRefused}
	file, claim, err := claimed(source, document)
	if err != nil {
		report.Reason = err.Error()
		return report, nil
	}
	file.Name, file.SHA256, file.Bytes, file.Modified = landed.Name, landed.SHA256, landed.Size, landed.ModTime
	if outside := in.wanted.outside(claim); outside != "" {
		report.Status, report.Reason = FileSkipped, outside
		return report, nil
	}
	file.Corrections = in.corrected.Of(from.Contract.Relation(), landed.SHA256, document.Part())
	record, fresh, err := in.loader.Load(ctx, from, file, document)
	if err != nil {
		if refusal := refusalOf(err); refusal != nil {
			report.Reason, report.Differences, report.again = refusal.Error(), refusal.Differences, refusal.Again
			return report, nil
		}
		return report, err
	}
	report.Status = FileLoaded
	if !fresh {
		report.Status = FileSameBytes
		report.Reason = "the same bytes as " + record.File
		if record.File == landed.Name {
			report.Reason = "it was read in this way before"
		}
	}
	if record.Reverted != nil {
		report.Status, report.Reason = FileReverted, revertedReason(record)
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
