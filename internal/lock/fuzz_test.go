package lock_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"socialvalue/internal/lock"
)

// FuzzHolder puts anything into the file of a lock: it can be taken, and whoever
// comes second is told that it is held.
func FuzzHolder(f *testing.F) {
	f.Add([]byte(`{"pid": 1, "since": "2026-03-05T00:00:00Z"}`))
	f.Add([]byte(`{"pid": "x"}`))
	f.Add([]byte{0xff, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "lock")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		held, err := lock.Acquire(path, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := lock.Acquire(path, time.Unix(0, 0)); !errors.Is(err, lock.ErrHeld) || err.Error() == "" {
			t.Errorf("got %v", err)
		}
		if err := held.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
