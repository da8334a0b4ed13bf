// Package journal keeps, for each run, a folder with what it wrote on the way (JSON lines), its whole report, and whatever
// else belongs to it. The state file says which runs there were; this says what they did. Losing it loses no data. It
// knows nothing of the rest of the program but internal/durable.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"socialvalue/internal/durable"
)

// Names of the files in the folder of a run.
const (
	LogName     = "log.jsonl"
	ReportName  = "report.json"  // of the verb run
	OutcomeName = "outcome.json" // of other verbs
	LineageName = "openlineage.ndjson"
)

// ErrNone is what errors.Is finds when nothing was kept of a run.
var ErrNone = errors.New("nothing was kept of this run")

// Folder is where the folders of runs are.
type Folder string

// Run is the folder of one run that is under way.
type Run struct {
	dir   string
	lines *lines
	log   *slog.Logger
}

// Open makes the folder of a run. Each line of its log carries the run's id and when the clock stood where.
func (f Folder) Open(id string, now func() time.Time) (*Run, error) {
	dir, err := f.of(id)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("open the log of run %s: %w", id, err)
	}
	file, err := os.OpenFile(filepath.Join(dir, LogName), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return nil, fmt.Errorf("open the log of run %s: %w", id, err)
	}
	kept := &lines{file: file}
	handler := slog.NewJSONHandler(kept, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 {
			a.Value = slog.TimeValue(now().UTC())
		}
		return a
	}})
	return &Run{dir: dir, lines: kept, log: slog.New(handler).With("run_id", id)}, nil
}

// Log is the run's log.
func (r *Run) Log() *slog.Logger { return r.log }

// Close ends the log and keeps the report under a name, whole or not at all.
func (r *Run) Close(name string, report any) error {
	text, err := json.MarshalIndent(report, "", "  ")
	if err == nil {
		err = durable.WriteFile(filepath.Join(r.dir, name), append(text, '\n'), 0o640)
	}
	if err = errors.Join(err, r.lines.close()); err != nil {
		return fmt.Errorf("keep the report of a run: %w", err)
	}
	return nil
}

// Write keeps another file with the run, whole or not at all.
func (r *Run) Write(name string, data []byte) error {
	if err := durable.WriteFile(filepath.Join(r.dir, name), data, 0o640); err != nil {
		return fmt.Errorf("keep %s of a run: %w", name, err)
	}
	return nil
}

// of is the folder of a run. An id that a person typed is no way out of the folder.
func (f Folder) of(id string) (string, error) {
	if !regexp.MustCompile(`^[0-9A-Za-z-]+$`).MatchString(id) {
		return "", fmt.Errorf("%q is no id of a run: %w", id, ErrNone)
	}
	return filepath.Join(string(f), id), nil
}

// Report reads the report of a run into out.
func (f Folder) Report(id string, out any) error {
	data, err := f.read(id, ReportName)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("read the report of run %s: %w", id, err)
	}
	return nil
}

// Outcome is the outcome of a verb other than run, as JSON.
func (f Folder) Outcome(id string) (json.RawMessage, error) { return f.read(id, OutcomeName) }

// CopyLog writes the log of a run to w.
func (f Folder) CopyLog(id string, w io.Writer) error {
	data, err := f.read(id, LogName)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("print the log of run %s: %w", id, err)
	}
	return nil
}

func (f Folder) read(id, name string) ([]byte, error) {
	dir, err := f.of(id)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run %s, %s: %w", id, name, ErrNone)
	}
	return data, err
}

// Sweep removes the folders of runs that began before a time, by the time in their names.
func (f Folder) Sweep(before time.Time) error {
	entries, err := os.ReadDir(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove old logs: %w", err)
	}
	for _, entry := range entries {
		stamp, _, _ := cutLast(entry.Name())
		began, err := time.Parse("20060102T150405Z", stamp)
		if err != nil || !began.Before(before) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(string(f), entry.Name())); err != nil {
			return fmt.Errorf("remove old logs: %w", err)
		}
	}
	return nil
}

func cutLast(name string) (before, after string, found bool) {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '-' {
			return name[:i], name[i+1:], true
		}
	}
	return name, "", false
}
