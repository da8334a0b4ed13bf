//go:build duckdb_arrow

package release

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
	"socialvalue/internal/shelf"
	"socialvalue/internal/verify"
	"socialvalue/internal/warehouse"
)

// Composer makes releases.
type Composer struct {
	DB     *warehouse.DB    // the build database
	Root   string           // the releases folder
	Now    func() time.Time // the clock
	Disk   durable.Disk
	Reader []string     // command that verifies a DuckDB file, see Verify
	Access shelf.Access // who reads what
	// Announcing, when set, is called once the release stands under its name and
	// verifies, before the pointer moves; an error it returns stops that.
	Announcing func(release string) error
}

// composition is one release in the making.
type composition struct {
	Composer
	plan     Plan
	items    []item
	places   []string
	folder   string // staging
	previous *manifest.Manifest
	macros   []Macro
	manifest *manifest.Manifest
	tiers    map[string]*manifest.Manifest
}

// Compose writes a release from a plan, verifies it and makes it current. On
// any error the current release is untouched; a release that failed
// verification is kept aside, and its folder is named by the error.
func (c Composer) Compose(ctx context.Context, plan Plan) (*manifest.Manifest, error) {
	if err := plan.validate(); err != nil {
		return nil, fmt.Errorf("plan a release: %w", err)
	}
	if err := c.Disk.Mkdir(c.Root); err != nil {
		return nil, fmt.Errorf("make the releases folder: %w", err)
	}
	if _, err := shelf.Clean(c.Disk, c.Root); err != nil {
		return nil, err
	}
	if hold, err := shelf.Holding(c.Root); err != nil {
		return nil, err
	} else if hold != nil {
		return nil, fmt.Errorf("%w: %s; go on with svw releases resume", shelf.ErrOnHold, hold)
	}
	previous, err := shelf.Current(c.Root)
	if err != nil && !errors.Is(err, shelf.ErrNoRelease) {
		return nil, err
	}
	builtAt := c.Now().UTC().Truncate(time.Second)
	stamp := builtAt.Format(shelf.StampFormat)
	work := &composition{
		Composer: c, plan: plan, previous: previous, folder: filepath.Join(c.Root, shelf.StagingPrefix+stamp),
		tiers: map[string]*manifest.Manifest{},
	}
	work.items, work.places = layout(plan)
	work.manifest = &manifest.Manifest{
		Format: manifest.Format, BuiltAt: builtAt, RunID: plan.RunID, Varies: []string{"release", "built_at", "run_id", "stale", "run_files"},
		Software: plan.Software, DuckDB: plan.DuckDB, SchemaVersion: plan.SchemaVersion,
		Held: []manifest.Held{}, Datasets: []manifest.DatasetRecord{}, Files: []manifest.File{}, RunFiles: []manifest.File{}, Edition: plan.Edition, Ledger: plan.Facts.Ledger,
	}
	if err := work.write(ctx, stamp); err != nil {
		// What a full disk needs first is the room; a later start removes the rest.
		return nil, errors.Join(fmt.Errorf("compose release: %w", err), c.Disk.Remove(work.folder))
	}
	if err := work.verify(ctx); err != nil {
		return nil, err
	}
	if err := work.announce(); err != nil {
		return nil, fmt.Errorf("release %s: %w", work.manifest.Release, err)
	}
	return work.manifest, nil
}

// write fills the staging folder.
func (w *composition) write(ctx context.Context, stamp string) error {
	if err := w.forecast(ctx); err != nil {
		return err
	}
	if err := w.Disk.Mkdir(w.folder); err != nil {
		return err
	}
	w.manifest.Baselines = w.plan.Facts.Baselines
	w.manifest.Inputs, w.manifest.Stale, w.manifest.Checks = w.inputs(""), w.stale(""), w.checks("")
	if err := w.writeDatasets(ctx); err != nil {
		return err
	}
	if err := w.writeWorkbook(ctx); err != nil {
		return err
	}
	if err := w.writeQueries(); err != nil {
		return err
	}
	w.manifest.Sort()
	w.manifest.Release = stamp + "-" + contentHash(w.manifest)[:4]
	for _, place := range w.places {
		if err := w.writePlace(ctx, place); err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
	}
	w.manifest.Sort()
	data, err := w.manifest.Encode()
	if err != nil {
		return err
	}
	if err := w.Disk.Write(filepath.Join(w.folder, manifest.FileName), data, durable.FileMode); err != nil {
		return err
	}
	if err := w.Access.SetAlso(w.Disk, w.Root, w.folder); err != nil {
		return err
	}
	return w.Disk.SyncTree(w.folder)
}

// writePlace writes what one tier has of its own: its meta tables, its DuckDB
// file and its manifest.
func (w *composition) writePlace(ctx context.Context, place string) error {
	tier := w.tierManifest(place)
	for _, table := range w.metaTables(place) {
		if err := w.writeMeta(ctx, place, table); err != nil {
			return fmt.Errorf("%s: %w", table.Name, err)
		}
		record := table.record(w.plan.DuckDB)
		record.Places = nil
		tier.Datasets = append(tier.Datasets, record)
	}
	tier.Datasets = append(tier.Datasets, freshness().record(w.plan.DuckDB))
	if place == manifest.OpenPlace {
		if err := w.writeCatalogue(tier); err != nil {
			return err
		}
	}
	w.addFiles(tier)
	tier.Sort()
	if err := w.writeDatabase(ctx, place, tier); err != nil {
		return fmt.Errorf("%s: %w", manifest.DatabasePath(place), err)
	}
	w.addFiles(tier)
	tier.Sort()
	data, err := tier.Encode()
	if err != nil {
		return err
	}
	path := manifest.PathOf(place)
	if err := w.Disk.Write(filepath.Join(w.folder, filepath.FromSlash(path)), data, durable.FileMode); err != nil {
		return err
	}
	w.manifest.RunFiles = append(w.manifest.RunFiles, manifest.File{Path: path, Bytes: int64(len(data)), SHA256: hashBytes(data)})
	w.tiers[place] = tier
	return nil
}

// tierManifest starts the manifest of a place: what the whole release says,
// without anything that stands in other places only.
func (w *composition) tierManifest(place string) *manifest.Manifest {
	tier := *w.manifest
	tier.Place = place
	tier.Datasets, tier.Files, tier.RunFiles = []manifest.DatasetRecord{}, []manifest.File{}, []manifest.File{}
	tier.Held, tier.Queries = []manifest.Held{}, []manifest.Text{}
	tier.Macros = slices.Clone(w.manifest.Macros)
	names := map[string]bool{}
	for _, it := range inPlace(w.items, place) {
		names[it.Name] = true
	}
	for _, record := range w.manifest.Datasets {
		if names[record.Name] {
			record.Places, record.Headlines = nil, nil
			tier.Datasets = append(tier.Datasets, record)
		}
	}
	for _, held := range w.manifest.Held {
		if names[held.Dataset] {
			tier.Held = append(tier.Held, held)
		}
	}
	for _, query := range w.manifest.Queries {
		if query.Tier == place {
			tier.Queries = append(tier.Queries, query)
		}
	}
	tier.Inputs, tier.Stale, tier.Checks = w.inputs(place), w.stale(place), w.checks(place)
	return &tier
}

// addFiles takes the files of a tier's folder over from the release's manifest.
func (w *composition) addFiles(tier *manifest.Manifest) {
	folder := manifest.PlaceFolder(tier.Place)
	pick := func(files []manifest.File) []manifest.File {
		picked := []manifest.File{}
		for _, file := range files {
			if manifest.Under(file.Path, folder) {
				file.Path = file.Path[len(folder)+1:]
				picked = append(picked, file)
			}
		}
		return picked
	}
	tier.Files, tier.RunFiles = pick(w.manifest.Files), pick(w.manifest.RunFiles)
}

// writeQueries ships the named questions and notes the texts of the release.
func (w *composition) writeQueries() error {
	w.macros, w.manifest.Macros, w.manifest.Queries = w.plan.texts(w.items, w.previous)
	for _, text := range w.manifest.Queries {
		if text.Missing {
			continue
		}
		sql, err := w.queryText(text)
		if err != nil {
			return fmt.Errorf("query %s: %w", text.Name, err)
		}
		path := filepath.Join(w.folder, filepath.FromSlash(manifest.QueryPath(text.Name)))
		if err := w.Disk.Mkdir(filepath.Dir(path)); err != nil {
			return err
		}
		if err := w.Disk.Write(path, sql, durable.FileMode); err != nil {
			return err
		}
		w.manifest.Files = append(w.manifest.Files, manifest.File{Path: manifest.QueryPath(text.Name), Bytes: int64(len(sql)), SHA256: text.SHA256})
	}
	return nil
}

// queryText is the text of a named question: the plan's, or that of the current
// release when it is held.
func (w *composition) queryText(text manifest.Text) ([]byte, error) {
	if !text.Held {
		i := slices.IndexFunc(w.plan.Queries, func(q Query) bool { return q.Name == text.Name })
		return []byte(w.plan.Queries[i].SQL), nil
	}
	sql, err := os.ReadFile(filepath.Join(w.Root, w.previous.Release, filepath.FromSlash(manifest.QueryPath(text.Name))))
	if err == nil && hashBytes(sql) != text.SHA256 {
		err = errors.New("held, but its file in the current release has changed: roll back to a release that verifies")
	}
	return sql, err
}

// inputs lists the sources that a place may speak of; an empty place speaks of
// all.
func (w *composition) inputs(place string) []manifest.Input {
	inputs := []manifest.Input{}
	for _, source := range w.plan.Facts.Sources {
		if place != "" && !source.visible(place) {
			continue
		}
		hashes := append([]string{}, source.SHA256...)
		sort.Strings(hashes)
		inputs = append(inputs, manifest.Input{Source: source.Source, SHA256: hashes})
	}
	slices.SortFunc(inputs, func(a, b manifest.Input) int { return strings.Compare(a.Source, b.Source) })
	return inputs
}

// stale names the sources, of those that a place may speak of, that have been
// silent for too long.
func (w *composition) stale(place string) []string {
	return staleOf(w.plan.Facts.Sources, w.manifest.BuiltAt, func(s SourceFact) bool { return place == "" || s.visible(place) })
}

// checks counts the outcomes that a place may speak of.
func (w *composition) checks(place string) manifest.CheckSummary {
	var summary manifest.CheckSummary
	for _, check := range w.plan.Facts.Checks {
		if place != "" && !check.visible(place) {
			continue
		}
		switch check.Outcome {
		case "passed":
			summary.Passed++
		case "warned":
			summary.Warned++
		default:
			summary.Failed++
		}
	}
	return summary
}

// contentHash hashes what the release says, apart from its meta tables.
func contentHash(m *manifest.Manifest) string {
	return hashJSON([]any{m.Files, m.Datasets, m.Macros, m.Queries, m.Held})
}

// verify reads the staged release back. One that does not verify is set aside.
func (w *composition) verify(ctx context.Context) error {
	err := verify.Folder(ctx, w.folder, w.Reader)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return errors.Join(fmt.Errorf("verify release: %w", err), w.Disk.Remove(w.folder))
	}
	aside := filepath.Join(w.Root, shelf.FailedPrefix+w.manifest.Release)
	if removeErr := w.Disk.Remove(aside); removeErr != nil {
		return errors.Join(fmt.Errorf("verify release: %w", err), removeErr)
	}
	if renameErr := w.Disk.Rename(w.folder, aside); renameErr != nil {
		return errors.Join(fmt.Errorf("verify release: %w", err), renameErr)
	}
	return fmt.Errorf("release %s does not verify, the current one stays (kept for inspection in %s): %w", w.manifest.Release, aside, err)
}

// announce puts the release in its place and moves the pointer. The pending
// note says, to the next start, that a release without the pointer never was.
func (w *composition) announce() error {
	final := filepath.Join(w.Root, w.manifest.Release)
	if _, err := os.Stat(final); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s exists already: a second release in one second needs other content", final), w.Disk.Remove(w.folder))
	}
	pending := filepath.Join(w.Root, shelf.PendingName)
	if err := durable.ReplaceFile(w.Disk, pending, []byte(w.manifest.Release+"\n")); err != nil {
		return errors.Join(err, w.Disk.Remove(w.folder))
	}
	if err := w.Disk.Rename(w.folder, final); err != nil {
		return errors.Join(err, w.Disk.Remove(w.folder))
	}
	if err := w.Disk.Sync(w.Root); err != nil {
		return err
	}
	if w.Announcing != nil {
		if err := w.Announcing(w.manifest.Release); err != nil {
			return err
		}
	}
	if err := shelf.Point(w.Disk, w.Root, w.manifest); err != nil {
		return err
	}
	return w.Disk.Remove(pending)
}
