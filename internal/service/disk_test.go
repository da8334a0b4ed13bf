package service_test

import (
	"database/sql"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"socialvalue/internal/crashtest"
	"socialvalue/internal/service"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
)

// handClock is a clock that a test moves while others look at it.
type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *handClock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// until makes the scheduler take turns until its log has a line with all these words, and gives the lines up to there.
func (r *reloading) until(t *testing.T, words ...string) (lines []string) {
	t.Helper()
	for late := time.After(time.Minute); ; {
		select {
		case r.reload <- struct{}{}:
		case line := <-r.log:
			lines = append(lines, line)
			if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
				return lines
			}
		case <-late:
			t.Fatalf("its log never said %q:\n%s", words, strings.Join(lines, "\n"))
		}
		time.Sleep(time.Millisecond)
	}
}

// turns makes the scheduler take so many.
func (r *reloading) turns(t *testing.T, n int) {
	t.Helper()
	for range n {
		r.until(t, "schedules reloaded")
	}
}

func (r *reloading) ask(t *testing.T, path string) (code int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.env.Site.Operations.Listen+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// emptyLog brings what stands in the log of the run state into its file, and the log to no bytes. What is written next
// needs room: a log that has grown before is written again in its place, also on a disk that is full.
func emptyLog(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Error(err)
		return
	}
	defer db.Close() //nolint:errcheck // nothing was written
	for range 1000 {
		var busy, pages, moved int
		if err := db.QueryRowContext(t.Context(), "pragma wal_checkpoint(truncate)").Scan(&busy, &pages, &moved); err != nil {
			t.Error(err)
			return
		}
		if busy == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("somebody always read the run state")
}

// Rules 1 and 8 of what must hold (architecture §7), with a real disk that is full: while an occurrence falls due, while one
// ends, between a message and the note that it was sent, and while a digest is written. All of it comes when there is room
// again, once; until then the scheduler lives and says what is wrong.
func TestAFullDiskDelaysAndLosesNothing(t *testing.T) { //nolint:paralleltest // the process of its own runs this test alone
	disk := crashtest.OnOwnDisk(t, 16<<20)
	if disk == nil {
		return
	}
	p := newPlaceIn(t, disk.Dir)
	fill := func() {
		emptyLog(t, p.env.Site.Warehouse.StateDB())
		if err := disk.Leave(0); err != nil {
			t.Error(err)
		}
	}
	empty := func() {
		t.Helper()
		if err := disk.Empty(); err != nil {
			t.Fatal(err)
		}
	}
	clock := &handClock{now: p.now}
	p.env.Now = clock.Now
	p.env.Site.Operations.Listen = freeAddress(t)
	if err := os.WriteFile(p.well+".wait", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := serve(t, p)
	t.Cleanup(func() { _ = os.Remove(p.well + ".wait") }) // what ends early ends: the scheduler waits for its jobs
	r.next = func() (*site.Site, fs.FS, error) { return p.env.Site, p.env.Files, nil }
	db, err := state.Open(t.Context(), p.env.Site.Warehouse.StateDB())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the test is over
	occurrences := func() []state.Slot {
		t.Helper()
		list, err := db.Slots(t.Context(), "", time.Unix(0, 0), clock.Now().AddDate(1, 0, 0), 100)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	r.turns(t, 2)
	if code, body := r.ask(t, "/readyz"); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}

	// It falls due.
	fill()
	clock.set(time.Date(2026, 3, 5, 2, 30, 30, 0, time.UTC))
	for _, line := range r.until(t, "the turn failed; it is tried again", "full") {
		if strings.Contains(line, "job begins") {
			t.Errorf("work began that nobody could claim: %s", line)
		}
	}
	if code, body := r.ask(t, "/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "full") {
		t.Errorf("ready: %d %s", code, body)
	}
	if code, body := r.ask(t, "/healthz"); code != http.StatusOK {
		t.Errorf("healthy: %d %s", code, body)
	}
	r.mu.Lock()
	if last := r.states[len(r.states)-1]; !strings.Contains(last, "STATUS=the last turn failed, and is tried again: ") || !strings.Contains(last, "WATCHDOG=1") {
		t.Errorf("its supervisor is told %q", last)
	}
	r.mu.Unlock()
	empty()
	r.until(t, "job begins", "nightly")
	if code, body := r.ask(t, "/readyz"); code != http.StatusOK {
		t.Errorf("ready with room again: %d %s", code, body)
	}

	// It ends.
	fill()
	if err := os.Remove(p.well + ".wait"); err != nil {
		t.Fatal(err)
	}
	r.until(t, "job ended", "failed")
	r.until(t, "the turn failed; it is tried again", "full")
	if list := occurrences(); len(list) != 1 || list[0].State != "running" {
		t.Errorf("before there is room: %+v", list)
	}
	p.mu.Lock()
	p.taken = sync.OnceFunc(fill) // as soon as the mail of it has come
	p.mu.Unlock()
	empty()

	// The messages about it are sent, and that cannot be noted.
	r.until(t, "messages wait", "could not be noted", "full")
	r.turns(t, 5)
	if unsent, err := db.Unsent(t.Context()); err != nil || len(unsent) != 2 {
		t.Errorf("%d messages are not noted as sent, want 2: %v", len(unsent), err)
	}
	empty()
	for range 1000 {
		if unsent, err := db.Unsent(t.Context()); err == nil && len(unsent) == 0 {
			break
		}
		r.turns(t, 1)
	}
	if list := occurrences(); len(list) != 1 || list[0].State != "ran" || list[0].Outcome != "failed" || list[0].Attempts != 1 {
		t.Errorf("in the end: %+v", list)
	}
	if want := []string{"[Ours] nightly: 1 new"}; !slices.Equal(p.subjects(), want) || len(p.mails) != 1 {
		t.Errorf("told %q and %d mails, want %q", p.subjects(), len(p.mails), want)
	}

	// A digest.
	digest := func() error {
		week, err := service.Digest(t.Context(), p.env)
		if err != nil {
			return err
		}
		_, err = service.SendDigest(t.Context(), p.env, week)
		return err
	}
	fill()
	if err := digest(); err == nil || !strings.Contains(err.Error(), "full") && !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a digest on a full disk: %v", err)
	}
	r.turns(t, 3)
	empty()
	if err := digest(); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if len(p.subjects()) > 1 {
			break
		}
		r.turns(t, 1)
	}
	if told := p.subjects(); len(told) != 2 || !strings.HasPrefix(told[1], "[Ours] the week to 5 March 2026") {
		t.Errorf("told %q", told)
	}
}
