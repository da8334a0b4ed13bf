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

// Who only looks turns nobody away: a run that is to begin waits until that is done.
func TestNobodyIsTurnedAwayByWhoLooks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	looks, err := lock.AcquireToLook(path, noon())
	if err != nil {
		t.Fatal(err)
	}
	type took struct {
		lock *lock.Lock
		err  error
	}
	run := make(chan took, 1)
	go func() {
		l, err := lock.Acquire(path, noon())
		run <- took{l, err}
	}()
	select {
	case got := <-run:
		t.Fatalf("it did not wait: %v", got.err)
	case <-time.After(200 * time.Millisecond):
	}
	if err := looks.Close(); err != nil {
		t.Fatal(err)
	}
	got := <-run
	if got.err != nil {
		t.Fatal(got.err)
	}
	// Beside a run, who looks is told at once.
	var held *lock.HeldError
	if _, err := lock.AcquireToLook(path, noon()); !errors.As(err, &held) || held.Looks || held.PID != os.Getpid() {
		t.Errorf("beside a run: %v", err)
	}
	if err := got.lock.Close(); err != nil {
		t.Fatal(err)
	}
}
