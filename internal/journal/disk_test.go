package journal_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/journal"
)

// Lines that are logged while the disk is full come, in their order, when there is room again; those for which there is none
// to the end are counted in the error, and the report is there whole or not at all.
func TestAFullDisk(t *testing.T) { //nolint:paralleltest // the process of its own runs this test alone
	disk := crashtest.OnOwnDisk(t, 1<<20)
	if disk == nil {
		return
	}
	folder := journal.Folder(filepath.Join(disk.Dir, "runs"))
	now := func() time.Time { return time.Date(2026, 3, 5, 2, 30, 0, 0, time.UTC) }
	lines := func(id string) []string {
		t.Helper()
		var log bytes.Buffer
		if err := folder.CopyLog(id, &log); err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(log.String()), "\n")
	}
	const half, never = "20260305T023000Z-0001", "20260305T023000Z-0002"
	for _, id := range []string{half, never} {
		kept, err := folder.Open(id, now)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 300 {
			if n == 100 {
				if err := disk.Leave(0); err != nil {
					t.Fatal(err)
				}
			}
			if n == 200 && len(lines(id)) > 160 {
				t.Errorf("%d lines were written: the disk was not full", len(lines(id)))
			}
			if n == 200 && id == half {
				if err := disk.Empty(); err != nil {
					t.Fatal(err)
				}
			}
			kept.Log().Info("progress", "n", n)
		}
		err = kept.Close(journal.ReportName, map[string]int{"files": 3})
		whole := folder.Report(id, new(map[string]int)) == nil
		if id == half {
			if err != nil || !whole {
				t.Errorf("with room again: %v, report %t", err, whole)
			}
			written := lines(id)
			for n, line := range written {
				if !strings.Contains(line, fmt.Sprintf(`"n":%d}`, n)) {
					t.Fatalf("line %d is %s", n, line)
				}
			}
			if len(written) != 300 {
				t.Errorf("%d lines", len(written))
			}
			continue
		}
		if err == nil || whole || !strings.Contains(err.Error(), "lines of the log were not written") {
			t.Errorf("without room: %v, report %t", err, whole)
		}
	}
}
