package load

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRecord reads any text as the note of a load. What is accepted is written
// and read again as the same; what a newer program wrote is refused as that.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"load_id": "a", "relation": "raw.spend_payments", "file_modified": "2024-04-01T00:00:00Z", "skipped": {"blank": 1}, "status": "active"}`))
	f.Add([]byte(`{"load_id": "a", "format": 1, "landing_purged_at": "2024-04-01T00:00:00.5Z", "columns": [{"name": "x", "type": "UUID"}]}`))
	f.Add([]byte(`{"format": 99}`))
	f.Add([]byte(`{"received_at": "9999-12-31T23:59:59+23:59"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		record, err := parseRecord(data)
		if err != nil {
			return
		}
		note, err := record.note()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseRecord(note)
		if err != nil {
			t.Fatalf("its own text is not read again: %v", err)
		}
		if diff := cmp.Diff(record.ID+string(record.Status)+record.FileSHA256, again.ID+string(again.Status)+again.FileSHA256); diff != "" {
			t.Fatal(diff)
		}
		if second, err := again.note(); err != nil || string(second) != string(note) {
			t.Fatalf("%v: %s becomes %s", err, note, second)
		}
	})
}

// A program leaves the record of a newer one alone and says what to do.
func TestANewerRecordIsRefused(t *testing.T) {
	t.Parallel()
	_, err := parseRecord([]byte(`{"load_id": "a1", "format": 99}`))
	if !errors.Is(err, ErrNewer) {
		t.Fatalf("got %v", err)
	}
	const want = "load a1 is written by a newer version of svw: its format is 99, this version knows 2; install the newer version again, " +
		"or restore the backup made before the upgrade"
	if err.Error() != want {
		t.Errorf("got %q", err)
	}
}
