package lock_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/lock"
)

func noon() time.Time { return time.Date(2025, 6, 30, 12, 0, 0, 0, time.UTC) }

func TestMain(m *testing.M) {
	os.Exit(crashtest.Main(m, map[string]func(string) error{"holder": hold}))
}

// hold takes the lock, says so, and keeps it until it is killed.
func hold(path string) error {
	if _, err := lock.Acquire(path, noon()); err != nil {
		return err
	}
	fmt.Println("held")
	time.Sleep(time.Minute)
	return errors.New("nobody killed it")
}

func TestSecondAcquireTellsWhoHoldsIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	first, err := lock.Acquire(path, noon())
	if err != nil {
		t.Fatal(err)
	}
	_, err = lock.Acquire(path, noon().Add(time.Hour))
	var held *lock.HeldError
	if !errors.Is(err, lock.ErrHeld) || !errors.As(err, &held) {
		t.Fatalf("got %v, want ErrHeld", err)
	}
	if held.PID != os.Getpid() || !held.Since.Equal(noon()) {
		t.Errorf("held by %d since %s, want %d since %s", held.PID, held.Since, os.Getpid(), noon())
	}
	for range 2 {
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
	}
	again, err := lock.Acquire(path, noon())
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestLockOutlivesNobody(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	cmd := crashtest.Child(t, "holder", path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "held\n" {
		t.Fatalf("the holder says %q, %v", line, err)
	}
	_, err = lock.Acquire(path, noon())
	var held *lock.HeldError
	if !errors.As(err, &held) || held.PID != cmd.Process.Pid {
		t.Errorf("got %v, want it held by %d", err, cmd.Process.Pid)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	l, err := lock.Acquire(path, noon())
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyOneOfManyGetsIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	var wg sync.WaitGroup
	got := make(chan *lock.Lock, 20)
	for range cap(got) {
		wg.Go(func() {
			if l, err := lock.Acquire(path, noon()); err == nil {
				got <- l
			} else if !errors.Is(err, lock.ErrHeld) {
				t.Errorf("got %v, want ErrHeld", err)
			}
		})
	}
	wg.Wait()
	if len(got) != 1 {
		t.Fatalf("%d hold the lock, want 1", len(got))
	}
	if err := (<-got).Close(); err != nil {
		t.Fatal(err)
	}
}

func TestMissingFolderIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none", "lock")
	if _, err := lock.Acquire(path, noon()); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want the path named", err)
	}
}
