package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"socialvalue/internal/lock"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
)

// earlier moves back up to when the occurrences of a job are accounted for, as if the scheduler had not been there since:
// earlier SITE JOB DURATION.
func earlier(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: earlier SITE JOB DURATION")
	}
	ago, err := time.ParseDuration(args[2])
	ts.Check(err)
	s, err := site.Load(ts.MkAbs(args[0]))
	ts.Check(err)
	ctx := context.Background()
	db, err := state.Open(ctx, s.Warehouse.StateDB())
	ts.Check(err)
	watches, err := db.Watches(ctx)
	ts.Check(err)
	moved := false
	for _, w := range watches {
		if w.Job == args[1] {
			w.Until = time.Now().Add(-ago)
			ts.Check(db.ApplySlots(ctx, state.SlotChange{Watches: []state.Watch{w}}))
			moved = true
		}
	}
	ts.Check(db.Close())
	if !moved {
		ts.Fatalf("%s is not watched", args[1])
	}
}

// holdFile holds the lock on a file until the script ends: lockfile PATH.
func holdFile(ts *testscript.TestScript, _ bool, args []string) {
	held, err := lock.Acquire(ts.MkAbs(args[0]), time.Now())
	ts.Check(err)
	ts.Defer(func() { ts.Check(held.Close()) })
}

// supervisor is what systemd is to a service: a socket that it speaks to.
type supervisor struct {
	address string
	lines   chan string
}

func supervise(t *testing.T) supervisor {
	t.Helper()
	dir, err := os.MkdirTemp("", "svw") //nolint:usetesting // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := supervisor{address: filepath.Join(dir, "notify"), lines: make(chan string, 1000)}
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: s.address, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		for {
			buffer := make([]byte, 4096)
			n, err := socket.Read(buffer)
			if err != nil {
				return
			}
			for line := range strings.SplitSeq(string(buffer[:n]), "\n") {
				s.lines <- line
			}
		}
	}()
	return s
}

func (s supervisor) await(t *testing.T, want string) {
	t.Helper()
	late := time.After(time.Minute) // for all of it: signs of life keep coming
	for {
		select {
		case line := <-s.lines:
			if strings.HasPrefix(line, want) {
				return
			}
		case <-late:
			t.Fatalf("the supervisor was never told %s", want)
		}
	}
}

// A service as systemd runs it: it says when it is ready, that it lives, and that it stops; it reads its schedules again, and
// is watched on this machine.
func TestSchedulerAsAService(t *testing.T) {
	t.Parallel()
	svw, err := exec.LookPath("svw")
	if err != nil {
		t.Fatal(err)
	}
	dir := smallSite(t)
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	// Never due during the test.
	never := strings.Replace(everyMinute, "* * * * *", "0 0 29 2 *", 1)
	for name, text := range map[string]string{
		"svw.yaml": readFile(t, filepath.Join(dir, "svw.yaml")) + "\noperations: {listen: \"" + address + "\"}\n", "schedules/often.yaml": never,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	systemd := supervise(t)
	command := exec.CommandContext(t.Context(), svw, "--site", dir, "schedule")
	command.Env = append(os.Environ(), "NOTIFY_SOCKET="+systemd.address, "WATCHDOG_USEC=400000")
	var log strings.Builder
	command.Stderr = &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"READY=1", "STATUS=waiting", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"} {
		systemd.await(t, want)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s\n%s", path, response.Status, body)
		}
	}
	second, err := exec.CommandContext(t.Context(), svw, "--site", dir, "schedule").CombinedOutput()
	if err == nil || !strings.Contains(string(second), "another scheduler is at work") {
		t.Errorf("a second scheduler: %v\n%s", err, second)
	}
	// A mistake leaves all as it was, and the supervisor shows it.
	if err := os.WriteFile(filepath.Join(dir, "schedules/often.yaml"), []byte("name: ["), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := command.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	systemd.await(t, "STATUS=not reloaded, what was in force stays: ")
	if err := os.WriteFile(filepath.Join(dir, "schedules/often.yaml"), []byte(strings.Replace(never, "10m", "11m", 1)), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := command.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		systemd.await(t, "WATCHDOG=1")
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	systemd.await(t, "STOPPING=1")
	if err := command.Wait(); err != nil {
		t.Fatalf("asked to stop, it ended with %v\n%s", err, log.String())
	}
	if want := `"changes":["often: timeout was 10m0s and is 11m0s"]`; !strings.Contains(log.String(), want) {
		t.Errorf("the log does not say %s:\n%s", want, log.String())
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
