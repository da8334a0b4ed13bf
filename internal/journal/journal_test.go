package journal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/journal"
)

func TestALogAndAReport(t *testing.T) {
	t.Parallel()
	folder := journal.Folder(filepath.Join(t.TempDir(), "runs"))
	now := time.Date(2026, 3, 5, 2, 30, 0, 0, time.UTC)
	kept, err := folder.Open("20260305T023000Z-0001", func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	kept.Log().Info("progress", "stage", "load")
	var early bytes.Buffer
	if err := folder.CopyLog("20260305T023000Z-0001", &early); err != nil || early.Len() == 0 {
		t.Errorf("a run under way has no log: %v", err)
	}
	if err := folder.Report("20260305T023000Z-0001", new(any)); !errors.Is(err, journal.ErrNone) {
		t.Errorf("a run under way has a report: %v", err)
	}
	if err := kept.Close(journal.ReportName, map[string]int{"files": 3}); err != nil {
		t.Fatal(err)
	}
	var line struct {
		Time  time.Time
		RunID string `json:"run_id"`
		Stage string
	}
	if err := json.Unmarshal(early.Bytes(), &line); err != nil || line.RunID != "20260305T023000Z-0001" || line.Stage != "load" || !line.Time.Equal(now) {
		t.Errorf("%+v, %v", line, err)
	}
	var report map[string]int
	if err := folder.Report("20260305T023000Z-0001", &report); err != nil || report["files"] != 3 {
		t.Errorf("%v, %v", report, err)
	}
	for _, id := range []string{"..", "../x", "", "none"} {
		if err := folder.CopyLog(id, &early); !errors.Is(err, journal.ErrNone) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestOldLogsGo(t *testing.T) {
	t.Parallel()
	folder := journal.Folder(t.TempDir())
	for _, name := range []string{"20240101T000000Z-aaaa", "20260301T000000Z-bbbb", "a-persons-notes"} {
		if err := os.MkdirAll(filepath.Join(string(folder), name), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	if err := folder.Sweep(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(string(folder), "*"))
	if err != nil || len(left) != 2 || strings.Contains(strings.Join(left, " "), "2024") {
		t.Errorf("%v, %v", left, err)
	}
	if err := journal.Folder(filepath.Join(string(folder), "none")).Sweep(time.Now()); err != nil {
		t.Error(err)
	}
}
