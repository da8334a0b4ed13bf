package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"socialvalue/internal/durable"
)

// ErrNoRoom is what errors.Is finds when a target has not the room for a backup.
var ErrNoRoom = errors.New("not enough room")

// reserve is left free on the disk of a target: folders, the manifest, the
// state file.
const reserve = 16 << 20

// Options say how a backup is made.
type Options struct {
	Now       time.Time
	Verify    bool                                                  // read it back when it is written
	CopyState func(ctx context.Context, to string) (bool, error)    // copies the state file, false when there is none
	Progress  func(stage string, done, total int64, subject string) // nil: nobody watches

	fault func(step, path string) error // tests break the disk with it
	free  func(dir string) (uint64, error)
}

// Report says what was backed up.
type Report struct {
	Path      string   `json:"path"`
	Files     int      `json:"files"`
	Bytes     int64    `json:"bytes"`         // of all files
	Written   int64    `json:"bytes_written"` // the rest was linked from the backup before
	Verified  bool     `json:"verified"`
	Keys      []string `json:"keys_not_included,omitempty"` // the files pseudonyms are made with
	Left      []string `json:"not_included,omitempty"`      // other things in the site folder
	SameDisk  bool     `json:"same_disk"`                   // a broken disk takes the backup with it
	Unlinked  bool     `json:"whole_copy"`                  // the target has no backup before, or cannot link
	Warehouse string   `json:"warehouse"`
}

// sink takes the files of a backup.
type sink interface {
	// add takes a file and sets its hash and size; linked says that nothing was
	// written.
	add(ctx context.Context, e *entry) (linked bool, err error)
	// finish makes the backup whole, in one step, and returns its path.
	finish(m *Manifest, text []byte) (string, error)
	// abandon removes what was written.
	abandon() error
}

// Write makes a backup. The caller holds the lock of the warehouse. On any error,
// and when the process is killed, nothing stands in the target that could be
// taken for a backup.
func Write(ctx context.Context, source Source, target string, options Options) (report *Report, err error) {
	target, err = filepath.Abs(target)
	if err != nil {
		return nil, fmt.Errorf("back up: %w", err)
	}
	if err := source.outside(target); err != nil {
		return nil, err
	}
	w := &writing{source: source, options: options, report: &Report{Warehouse: source.Warehouse.Root}}
	if err := w.open(target); err != nil {
		return nil, fmt.Errorf("back up to %s: %w", target, withRemedy(err))
	}
	defer func() {
		err = errors.Join(err, w.removeState())
		if err != nil {
			err = fmt.Errorf("back up to %s: %w", target, withRemedy(errors.Join(err, w.sink.abandon())))
			report = nil
		}
	}()
	if err := w.write(ctx); err != nil {
		return nil, err
	}
	if options.Verify {
		w.progress("verify", 0, w.report.Bytes, w.report.Path)
		if _, err := Verify(ctx, w.report.Path); err != nil {
			return nil, fmt.Errorf("read it back: %w: the disk of the target cannot be trusted", err)
		}
		w.report.Verified = true
	}
	return w.report, nil
}

// writing is a backup that is being made.
type writing struct {
	source  Source
	options Options
	report  *Report
	sink    sink
	known   map[string]File // of the backup before
	state   string          // the copy of the state file
	dir     string          // folder on the target's disk
}

// open prepares the target and removes what a killed backup left there.
func (w *writing) open(target string) error {
	if strings.HasSuffix(target, archiveSuffix) {
		w.dir = filepath.Dir(target)
		if _, err := os.Lstat(target); err == nil {
			return &TargetError{errors.New("there is such a file already: choose another name, for example with the date in it")}
		}
		w.state = filepath.Join(w.dir, unfinished+"state-"+filepath.Base(target))
		w.sink = &archive{path: target, part: filepath.Join(w.dir, unfinished+filepath.Base(target)), fault: w.options.fault}
		w.report.Unlinked = true
		if err := errors.Join(remove(w.state), w.sink.abandon()); err != nil {
			return err
		}
	} else {
		if err := os.MkdirAll(target, 0o700); err != nil {
			return err
		}
		w.dir = target
		w.state = filepath.Join(target, unfinished+"state")
		leftovers, err := filepath.Glob(filepath.Join(escapeGlob(target), unfinished+"*"))
		if err != nil {
			return fmt.Errorf("look for leftovers: %w", err)
		}
		for _, left := range leftovers {
			if err := remove(left); err != nil {
				return err
			}
		}
		f, err := newFolder(target, w.options.Now.UTC().Format(stampFormat), w.source.Name, w.options.fault)
		if err != nil {
			return err
		}
		w.sink, w.known, w.report.Unlinked = f, f.known, len(f.known) == 0
	}
	w.report.SameDisk = sameDisk(w.dir, w.source.Warehouse.Root)
	return nil
}

func (w *writing) write(ctx context.Context) error {
	l, err := w.source.list()
	if err != nil {
		return err
	}
	if err := w.addState(ctx, l); err != nil {
		return err
	}
	w.report.Keys, w.report.Left = l.keys, l.left
	if err := w.checkRoom(l); err != nil {
		return err
	}
	var total, done int64
	for _, e := range l.entries {
		total += e.Bytes
	}
	m := &Manifest{
		Format: manifestFormat, MadeAt: w.options.Now.UTC(), Software: w.source.Software, Site: w.source.Name,
		WithKeys: w.source.WithKeys, Folders: l.folders, Links: l.links, Files: []File{},
	}
	hashes := map[string]File{}
	var damaged []error
	for _, e := range l.entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.progress("copy", done, total, e.Path)
		expected := e.Bytes
		if first, ok := hashes[e.SameAs]; ok {
			e.SHA256, e.Bytes = first.SHA256, first.Bytes
		}
		linked, err := w.sink.add(ctx, e)
		if err != nil {
			return err
		}
		if named := namedHash(e.Path); named != "" && named != e.SHA256 {
			damaged = append(damaged, fmt.Errorf("%s has changed since it was written: its SHA-256 is %s; put the file back from an earlier backup", e.from, e.SHA256))
		}
		if !linked && e.SameAs == "" {
			w.report.Written += e.Bytes
		}
		done += expected
		hashes[e.Path] = e.File
		m.Files = append(m.Files, e.File)
		w.report.Bytes += e.Bytes
	}
	if len(damaged) > 0 {
		return errors.Join(damaged...)
	}
	w.report.Files = len(m.Files)
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", manifestName, err)
	}
	w.report.Path, err = w.sink.finish(m, append(text, '\n'))
	return err
}

// addState copies the state file by SQLite's own means: a copy of the file alone
// would miss what still stands in its log.
func (w *writing) addState(ctx context.Context, l *listing) error {
	l.folders = append(l.folders, Folder{Path: warehousePart + "/state", Mode: 0o750})
	if w.options.CopyState == nil {
		return nil
	}
	copied, err := w.options.CopyState(ctx, w.state)
	if err != nil || !copied {
		return err
	}
	info, err := os.Stat(w.state)
	if err != nil {
		return err
	}
	l.file(warehousePart+"/state/"+filepath.Base(w.source.Warehouse.StateDB()), w.state, info)
	l.entries[len(l.entries)-1].Mode = 0o640
	return nil
}

func (w *writing) removeState() error { return remove(w.state) }

// checkRoom refuses before anything is copied when it would not fit.
func (w *writing) checkRoom(l *listing) error {
	free := durable.Free
	if w.options.free != nil {
		free = w.options.free
	}
	room, err := free(w.dir)
	if err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	need := l.forecast(w.known)
	if room < uint64(need)+reserve { //nolint:gosec // sizes of files
		return fmt.Errorf("%w: %s must be written and %s are free in %s: remove old backups there or choose another disk",
			ErrNoRoom, megabytes(need), megabytes(int64(room)), w.dir) //nolint:gosec // no disk is that large
	}
	return nil
}

func (w *writing) progress(stage string, done, total int64, subject string) {
	if w.options.Progress != nil {
		w.options.Progress(stage, done, total, subject)
	}
}

// outside refuses a target in what is backed up: each backup would hold those
// before it.
func (s Source) outside(target string) error {
	inside := func(folder string) bool {
		relative, err := filepath.Rel(folder, target)
		return err == nil && (relative == "." || filepath.IsLocal(relative))
	}
	folders := []string{s.Warehouse.Root}
	for _, name := range ownFolders() {
		folders = append(folders, filepath.Join(s.Root, name))
	}
	for _, folder := range folders {
		if inside(folder) {
			return &TargetError{fmt.Errorf("%s lies in %s, which is backed up: choose a folder elsewhere, on another disk", target, folder)}
		}
	}
	if target == s.Root {
		return &TargetError{fmt.Errorf("%s is the site itself: choose a folder elsewhere, on another disk", target)}
	}
	return nil
}

// TargetError says that a place cannot take a backup, or what is restored;
// nothing was done.
type TargetError struct{ err error }

func (e *TargetError) Error() string { return e.err.Error() }

// Unwrap gives the mistake.
func (e *TargetError) Unwrap() error { return e.err }

// withRemedy adds to an error of the disk what to do about it.
func withRemedy(err error) error {
	switch {
	case errors.Is(err, ErrNoRoom):
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: the disk is full; free some space there and try again", err)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w: this account (uid %d) may not read or write there", err, os.Geteuid())
	}
	return err
}

// copyHashed copies a file's content and sets its hash and size.
func copyHashed(ctx context.Context, e *File, out io.Writer, in io.Reader) error {
	hash := newHash(out)
	if _, err := io.Copy(hash, &cancelled{ctx: ctx, in: in}); err != nil {
		return fmt.Errorf("copy %s: %w", e.Path, err)
	}
	e.Bytes, e.SHA256 = hash.bytes, hash.sum()
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+1<<20-1)>>20) }

func remove(path string) error {
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("remove what is half done: %w", err)
	}
	return nil
}

// escapeGlob makes a path stand for itself in a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func sameDisk(a, b string) bool {
	var one, other syscall.Stat_t
	return syscall.Stat(a, &one) == nil && syscall.Stat(b, &other) == nil && one.Dev == other.Dev
}
