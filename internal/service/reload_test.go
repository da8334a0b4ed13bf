package service_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"socialvalue/internal/inspect"
	"socialvalue/internal/service"
	"socialvalue/internal/site"
	"socialvalue/internal/upkeep"
	"socialvalue/internal/workspace"
)

// freeAddress is one of this machine at which nobody answers.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

func answers(t *testing.T, address string) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return true
}

// reloading is a scheduler that serves, and what its next reload finds.
type reloading struct {
	*place
	mu     sync.Mutex
	next   func() (*site.Site, fs.FS, error)
	reload chan struct{}
	log    chan string // its lines
	states []string    // what its supervisor is told
}

func serve(t *testing.T, p *place) *reloading {
	t.Helper()
	r := &reloading{place: p, reload: make(chan struct{}), log: make(chan string, 1000)}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	lines, writer := io.Pipe()
	go func() {
		defer close(r.log)
		for scan := bufio.NewScanner(lines); scan.Scan(); {
			r.log <- scan.Text()
		}
	}()
	s, err := service.Open(t.Context(), p.env, service.Options{
		Command: []string{self}, Environ: append(os.Environ(), "SVW_TEST_WELL="+p.well), Reload: r.reload, BeatEvery: time.Second,
		Read: func() (*site.Site, fs.FS, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.next()
		},
		Supervise: func(state string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.states = append(r.states, state)
		},
		Log: slog.New(slog.NewJSONHandler(writer, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, s.Close(), writer.Close()); err != nil {
			t.Error(err)
		}
	})
	return r
}

// becomes is what a reload says when it finds this.
func (r *reloading) becomes(t *testing.T, s *site.Site, files fs.FS, mistake error) []string {
	t.Helper()
	r.mu.Lock()
	r.next = func() (*site.Site, fs.FS, error) { return s, files, mistake }
	r.mu.Unlock()
	r.reload <- struct{}{}
	for text := range r.log {
		var line struct {
			Msg, Error string
			Changes    []string
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		switch {
		case line.Msg == "schedules reloaded":
			return line.Changes
		case strings.Contains(line.Msg, "not reloaded"):
			return []string{"mistake: " + line.Error}
		}
	}
	t.Fatal("the log ended")
	return nil
}

func (r *reloading) expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// A reload takes what svw.yaml says of operations, shows what changed but no secret, and leaves all as it was with a mistake.
func TestReload(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first, second := freeAddress(t), freeAddress(t)
	p.env.Site = p.site(t, " {listen: '"+first+"', webhook: '"+p.web+"/secret-one'}")
	r := serve(t, p)
	files := p.env.Files

	r.expect(t, "nothing new", r.becomes(t, p.env.Site, files, nil))
	if !answers(t, first) {
		t.Error("nobody answers at the first address")
	}
	moved := p.site(t, " {listen: '"+second+"', webhook: '"+p.web+"/secret-two', keep_days: 90}")
	r.expect(t, "another address", r.becomes(t, moved, files, nil),
		"svw.yaml: operations.listen was "+first+" and is "+second, "svw.yaml: operations.webhook is another", "svw.yaml: operations.keep_days was 9600h0m0s and is 2160h0m0s")
	if answers(t, first) || !answers(t, second) {
		t.Error("it did not move to the second address")
	}

	r.expect(t, "a mistake in svw.yaml", r.becomes(t, nil, nil, errors.New("svw.yaml:3:1: unknown key")), "mistake: svw.yaml:3:1: unknown key")
	elsewhere := *moved
	elsewhere.Warehouse.Root = "/elsewhere"
	if got := r.becomes(t, &elsewhere, files, nil); len(got) != 1 || !strings.Contains(got[0], "the scheduler cannot move while it works; stop it, and start it again") {
		t.Errorf("another warehouse: %q", got)
	}
	busy, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close() //nolint:errcheck // the test is over
	if got := r.becomes(t, p.site(t, " {listen: '"+busy.Addr().String()+"'}"), files, nil); len(got) != 1 || !strings.Contains(got[0], "mistake: listen for those who watch (operations.listen of svw.yaml)") {
		t.Errorf("an address that is taken: %q", got)
	}
	hourly := fstest.MapFS{"schedules/nightly.yaml": {Data: []byte("name: nightly\ncron: '0 * * * *'\ntime_zone: UTC\ntimeout: 1h\npipelines: [spend]\n")}}
	if got := r.becomes(t, p.site(t, " {}"), hourly, nil); len(got) != 1 || !strings.Contains(got[0], `schedules/nightly.yaml:5:13: there is no pipeline "spend"`) {
		t.Errorf("an unknown pipeline: %q", got)
	}
	if !answers(t, second) {
		t.Error("after mistakes nobody answers at the second address")
	}

	hourly["schedules/nightly.yaml"].Data = []byte("name: nightly\ncron: '0 * * * *'\ntime_zone: UTC\ntimeout: 1h\n")
	r.expect(t, "schedules and no more watching", r.becomes(t, p.site(t, " {}"), hourly, nil),
		"svw.yaml: operations.listen was "+second+" and is nothing", "svw.yaml: operations.webhook is no more",
		"svw.yaml: operations.keep_days was 2160h0m0s and is 9600h0m0s", "nightly: cron was 30 2 * * * and is 0 * * * *")
	if answers(t, second) {
		t.Error("it still answers")
	}
}

// A secret that is kept in a file is read again, and whoever it belongs to is told from then on.
func TestReloadReadsSecretsAgain(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	file := filepath.Join(p.dir, "webhook")
	keep := func(address string) {
		t.Helper()
		if err := os.WriteFile(file+".new", []byte(address+"\n"), 0o400); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	keep("https://nobody.invalid/one")
	p.env.Site = p.site(t, " {webhook: 'file:webhook'}")
	r := serve(t, p)
	r.expect(t, "the same", r.becomes(t, p.env.Site, p.env.Files, nil))
	keep(p.web + "/hook")
	r.expect(t, "another address in the file", r.becomes(t, p.env.Site, p.env.Files, nil),
		"svw.yaml: operations: a password or an address that is kept elsewhere has changed")
}

// What is not run has its place in the journal too.
func TestADigestIsInTheJournal(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.env.Call = workspace.Call{Trigger: "schedule:weekly-digest@2026-03-02T08:00:00Z#1"}
	week, err := service.Digest(t.Context(), p.env)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.SendDigest(t.Context(), p.env, week); err != nil {
		t.Fatal(err)
	}
	runs, err := inspect.Runs(t.Context(), p.env, "", 10)
	if err != nil || len(runs) != 1 || runs[0].Verb != upkeep.VerbDigest || runs[0].Trigger != p.env.Call.Trigger || runs[0].Status != "succeeded" {
		t.Fatalf("%+v, %v", runs, err)
	}
	kept, err := inspect.ShowAct(p.env, runs[0])
	if err != nil || !strings.Contains(string(kept), `"channels": 2`) {
		t.Errorf("%s, %v", kept, err)
	}
}
