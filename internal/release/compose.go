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

	"socialvalue/internal/warehouse"
)

// Composer makes releases.
type Composer struct {
	DB     *warehouse.DB    // the build database
	Root   string           // the releases folder
	Now    func() time.Time // the clock
	Disk   Disk
	Reader []string // command that verifies a DuckDB file, see Verify
	Access Access   // who reads what
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
	previous *Manifest
	macros   []Macro
	manifest *Manifest
	tiers    map[string]*Manifest
}

// Compose writes a release from a plan, verifies it and makes it current. On
// any error the current release is untouched; a release that failed
// verification is kept aside, and its folder is named by the error.
func (c Composer) Compose(ctx context.Context, plan Plan) (*Manifest, error) {
	if err := plan.validate(); err != nil {
		return nil, fmt.Errorf("plan a release: %w", err)
	}
	if err := c.Disk.mkdir(c.Root); err != nil {
		return nil, fmt.Errorf("make the releases folder: %w", err)
	}
	if _, err := Clean(c.Disk, c.Root); err != nil {
		return nil, err
	}
	if hold, err := Holding(c.Root); err != nil {
		return nil, err
	} else if hold != nil {
		return nil, fmt.Errorf("%w: %s; go on with svw releases resume", ErrOnHold, hold)
	}
	previous, err := Current(c.Root)
	if err != nil && !errors.Is(err, ErrNoRelease) {
		return nil, err
	}
	builtAt := c.Now().UTC().Truncate(time.Second)
	stamp := builtAt.Format(stampFormat)
	work := &composition{
		Composer: c, plan: plan, previous: previous, folder: filepath.Join(c.Root, stagingPrefix+stamp),
		tiers: map[string]*Manifest{},
	}
	work.items, work.places = layout(plan)
	work.manifest = &Manifest{
		Format: manifestFormat, BuiltAt: builtAt, RunID: plan.RunID, Varies: []string{"release", "built_at", "run_id", "stale", "run_files"},
		Software: plan.Software, DuckDB: plan.DuckDB, SchemaVersion: plan.SchemaVersion,
		Held: []Held{}, Datasets: []DatasetRecord{}, Files: []File{}, RunFiles: []File{}, Edition: plan.Edition, Ledger: plan.Facts.Ledger,
	}
	if err := work.write(ctx, stamp); err != nil {
		// What a full disk needs first is the room; a later start removes the rest.
		return nil, errors.Join(fmt.Errorf("compose release: %w", err), c.Disk.remove(work.folder))
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
	if err := w.Disk.mkdir(w.folder); err != nil {
		return err
	}
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
	w.manifest.sortLists()
	w.manifest.Release = stamp + "-" + w.manifest.contentHash()[:4]
	for _, place := range w.places {
		if err := w.writePlace(ctx, place); err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
	}
	w.manifest.sortLists()
	data, err := w.manifest.encode()
	if err != nil {
		return err
	}
	if err := w.Disk.write(filepath.Join(w.folder, manifestName), data, fileMode); err != nil {
		return err
	}
	if err := w.Access.set(w.Disk, w.Root, w.folder); err != nil {
		return err
	}
	return w.Disk.syncTree(w.folder)
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
	if place == openPlace {
		if err := w.writeCatalogue(tier); err != nil {
			return err
		}
	}
	w.addFiles(tier)
	tier.sortLists()
	if err := w.writeDatabase(ctx, place, tier); err != nil {
		return fmt.Errorf("%s: %w", DatabasePath(place), err)
	}
	w.addFiles(tier)
	tier.sortLists()
	data, err := tier.encode()
	if err != nil {
		return err
	}
	path := manifestPath(place)
	if err := w.Disk.write(filepath.Join(w.folder, filepath.FromSlash(path)), data, fileMode); err != nil {
		return err
	}
	w.manifest.RunFiles = append(w.manifest.RunFiles, File{Path: path, Bytes: int64(len(data)), SHA256: hashBytes(data)})
	w.tiers[place] = tier
	return nil
}

// tierManifest starts the manifest of a place: what the whole release says,
// without anything that stands in other places only.
func (w *composition) tierManifest(place string) *Manifest {
	tier := *w.manifest
	tier.Place = place
	tier.Datasets, tier.Files, tier.RunFiles = []DatasetRecord{}, []File{}, []File{}
	tier.Held, tier.Queries = []Held{}, []Text{}
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
func (w *composition) addFiles(tier *Manifest) {
	folder := placeFolder(tier.Place)
	pick := func(files []File) []File {
		picked := []File{}
		for _, file := range files {
			if under(file.Path, folder) {
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
		path := filepath.Join(w.folder, filepath.FromSlash(queryPath(text.Name)))
		if err := w.Disk.mkdir(filepath.Dir(path)); err != nil {
			return err
		}
		if err := w.Disk.write(path, sql, fileMode); err != nil {
			return err
		}
		w.manifest.Files = append(w.manifest.Files, File{Path: queryPath(text.Name), Bytes: int64(len(sql)), SHA256: text.SHA256})
	}
	return nil
}

// queryText is the text of a named question: the plan's, or that of the current
// release when it is held.
func (w *composition) queryText(text Text) ([]byte, error) {
	if !text.Held {
		i := slices.IndexFunc(w.plan.Queries, func(q Query) bool { return q.Name == text.Name })
		return []byte(w.plan.Queries[i].SQL), nil
	}
	sql, err := os.ReadFile(filepath.Join(w.Root, w.previous.Release, filepath.FromSlash(queryPath(text.Name))))
	if err == nil && hashBytes(sql) != text.SHA256 {
		err = errors.New("held, but its file in the current release has changed: roll back to a release that verifies")
	}
	return sql, err
}

// inputs lists the sources that a place may speak of; an empty place speaks of
// all.
func (w *composition) inputs(place string) []Input {
	inputs := []Input{}
	for _, source := range w.plan.Facts.Sources {
		if place != "" && !source.visible(place) {
			continue
		}
		hashes := append([]string{}, source.SHA256...)
		sort.Strings(hashes)
		inputs = append(inputs, Input{Source: source.Source, SHA256: hashes})
	}
	slices.SortFunc(inputs, func(a, b Input) int { return strings.Compare(a.Source, b.Source) })
	return inputs
}

// stale names the sources, of those that a place may speak of, that have been
// silent for too long.
func (w *composition) stale(place string) []string {
	return staleOf(w.plan.Facts.Sources, w.manifest.BuiltAt, func(s SourceFact) bool { return place == "" || s.visible(place) })
}

// checks counts the outcomes that a place may speak of.
func (w *composition) checks(place string) CheckSummary {
	var summary CheckSummary
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
func (m *Manifest) contentHash() string {
	return hashJSON([]any{m.Files, m.Datasets, m.Macros, m.Queries, m.Held})
}

// verify reads the staged release back. One that does not verify is set aside.
func (w *composition) verify(ctx context.Context) error {
	err := verify(ctx, w.folder, w.Reader)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return errors.Join(fmt.Errorf("verify release: %w", err), w.Disk.remove(w.folder))
	}
	aside := filepath.Join(w.Root, failedPrefix+w.manifest.Release)
	if removeErr := w.Disk.remove(aside); removeErr != nil {
		return errors.Join(fmt.Errorf("verify release: %w", err), removeErr)
	}
	if renameErr := w.Disk.rename(w.folder, aside); renameErr != nil {
		return errors.Join(fmt.Errorf("verify release: %w", err), renameErr)
	}
	return fmt.Errorf("release %s does not verify, the current one stays (kept for inspection in %s): %w", w.manifest.Release, aside, err)
}

// announce puts the release in its place and moves the pointer. The pending
// note says, to the next start, that a release without the pointer never was.
func (w *composition) announce() error {
	final := filepath.Join(w.Root, w.manifest.Release)
	if _, err := os.Stat(final); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s exists already: a second release in one second needs other content", final), w.Disk.remove(w.folder))
	}
	pending := filepath.Join(w.Root, pendingName)
	if err := replaceFile(w.Disk, pending, []byte(w.manifest.Release+"\n")); err != nil {
		return errors.Join(err, w.Disk.remove(w.folder))
	}
	if err := w.Disk.rename(w.folder, final); err != nil {
		return errors.Join(err, w.Disk.remove(w.folder))
	}
	if err := w.Disk.sync(w.Root); err != nil {
		return err
	}
	if w.Announcing != nil {
		if err := w.Announcing(w.manifest.Release); err != nil {
			return err
		}
	}
	if err := point(w.Disk, w.Root, w.manifest); err != nil {
		return err
	}
	return w.Disk.remove(pending)
}
