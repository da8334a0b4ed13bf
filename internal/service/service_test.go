package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"socialvalue/internal/lock"
	"socialvalue/internal/notify"
	"socialvalue/internal/service"
	"socialvalue/internal/site"
	"socialvalue/internal/state"
	"socialvalue/internal/workspace"
)

// TestMain is also the program that is started: it succeeds when the file exists that SVW_TEST_WELL names, and is at work as
// long as there is one of that name with .wait.
func TestMain(m *testing.M) {
	if well := os.Getenv("SVW_TEST_WELL"); well != "" {
		for {
			if _, err := os.Stat(well + ".wait"); err != nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if _, err := os.Stat(well); err != nil {
			fmt.Fprintln(os.Stderr, "svw: the disk is full")
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// people are whom a site tells: by mail, and by a webhook.
type people struct {
	mu    sync.Mutex
	mails []string
	hooks []notify.Message
	pings int
	taken func() // called when a mail has come
}

func (p *people) NewSession(*smtp.Conn) (smtp.Session, error) { return p, nil }
func (p *people) Mail(string, *smtp.MailOptions) error        { return nil }
func (p *people) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (p *people) Reset()                                      {}
func (p *people) Logout() error                               { return nil }

func (p *people) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mails = append(p.mails, strings.ReplaceAll(string(data), "=\r\n", "")) // lines that were broken for the way
	if p.taken != nil {
		p.taken()
	}
	return err
}

func (p *people) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Method == http.MethodGet {
		p.pings++
		return
	}
	var m notify.Message
	_ = json.NewDecoder(r.Body).Decode(&m)
	p.hooks = append(p.hooks, m)
}

// subjects are what the webhook was told.
func (p *people) subjects() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := []string{}
	for _, m := range p.hooks {
		list = append(list, m.Subject)
	}
	return list
}

// place is a site whose one job runs the program of TestMain.
type place struct {
	*people
	dir  string
	now  time.Time
	env  workspace.Environment
	well string
	web  string // where the people listen
}

func newPlace(t *testing.T) *place {
	t.Helper()
	return newPlaceIn(t, t.TempDir())
}

func newPlaceIn(t *testing.T, dir string) *place {
	t.Helper()
	p := &place{people: &people{}, dir: dir, now: time.Date(2026, 3, 5, 1, 30, 0, 0, time.UTC)}
	p.well = filepath.Join(p.dir, "well")
	server := smtp.NewServer(p.people)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	web := httptest.NewServer(p.people)
	t.Cleanup(web.Close)
	p.web = web.URL
	s := p.site(t, fmt.Sprintf(`
  email: {server: %q, security: none, from: svw@example.org, to: [a@example.org]}
  webhook: %s/hook
  ping: %s/ping
`, listener.Addr(), web.URL, web.URL))
	files := fstest.MapFS{"schedules/nightly.yaml": {Data: []byte("name: nightly\ncron: '30 2 * * *'\ntime_zone: UTC\ntimeout: 1h\n")}}
	p.env = workspace.Environment{Site: s, Files: files, Version: "test", Now: func() time.Time { return p.now }}
	return p
}

// site is svw.yaml with these operations.
func (p *place) site(t *testing.T, operations string) *site.Site {
	t.Helper()
	s, err := site.Parse(p.dir, "svw.yaml", []byte("name: Ours\nversion: 1\nbodies: [{code: us, name: Us}]\narea: {name: Here, lad_codes: [E08000012]}\noperations:"+operations+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open makes the test the scheduler of the site.
func (p *place) open(t *testing.T) (*service.Service, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return service.Open(t.Context(), p.env, service.Options{
		Command: []string{self}, Environ: append(os.Environ(), "SVW_TEST_WELL="+p.well), BeatEvery: time.Second,
		Read: func() (*site.Site, fs.FS, error) { return p.env.Site, p.env.Files, nil }, Log: slog.New(slog.DiscardHandler),
	})
}

// once does what is due.
func (p *place) once(t *testing.T) {
	t.Helper()
	s, err := p.open(t)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Once(t.Context()), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// A failure and its end go by mail and to the web address, each once.
func TestPeopleAreToldOnceByEveryChannel(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.once(t)
	for range 2 {
		p.now = p.now.Add(24 * time.Hour)
		p.once(t)
	}
	if err := os.WriteFile(p.well, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.now = p.now.Add(24 * time.Hour)
	p.once(t)
	if want := []string{"[Ours] nightly: 1 new", "[Ours] nightly: 1 over"}; !slices.Equal(p.subjects(), want) {
		t.Errorf("told %q, want %q", p.subjects(), want)
	}
	if len(p.mails) != 2 || !strings.Contains(p.mails[0], "failed after one attempt: the disk is full") || !strings.Contains(p.mails[1], "Over:") {
		t.Errorf("mails %q", p.mails)
	}
}

func TestOneSchedulerForASite(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first, err := p.open(t)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.open(t); !errors.Is(err, lock.ErrHeld) {
		t.Errorf("a second: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := p.open(t)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

// Serve ends when it is told to, and leaves nothing behind (TestMain looks for leaks).
func TestServeEndsWhenItIsTold(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s, err := p.open(t)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	for range 500 {
		if pulse, err := service.ReadPulse(p.env); err == nil && pulse != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if err := errors.Join(<-ended, s.Close()); err != nil {
		t.Error(err)
	}
}

func TestCheckFromOutside(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	expect := func(what, want string) {
		t.Helper()
		wrong, err := service.Check(t.Context(), p.env)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(wrong, "; "); !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	expect("nothing yet", "the scheduler has never run")
	p.once(t)
	expect("well", "")
	if asked, err := service.Ping(t.Context(), p.env); err != nil || !asked || p.pings != 1 {
		t.Errorf("%t, %v, %d pings", asked, err, p.pings)
	}
	p.now = p.now.Add(time.Hour)
	expect("silent", "the scheduler last took a turn at 2026-03-05T01:30")
	p.once(t)
	db, err := state.Open(t.Context(), p.env.Site.Warehouse.StateDB())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the test is over
	began := p.now.Add(-2 * time.Hour)
	err = db.ApplySlots(t.Context(), state.SlotChange{New: []state.Slot{{Job: "nightly", DueAt: began, State: "running", Enrolled: began, Started: began, Attempts: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	expect("stuck", "nightly has been at work since")
	if err := db.ApplySlots(t.Context(), state.SlotChange{Changed: []state.Slot{{Job: "nightly", DueAt: began, State: "ran", Outcome: "failed", Finished: p.now}}}); err != nil {
		t.Fatal(err)
	}
	if err := db.PutMessages(t.Context(), []state.Message{{Channel: "email", Kind: "alert", Created: p.now.Add(-3 * time.Hour)}}); err != nil {
		t.Fatal(err)
	}
	expect("nobody takes its messages", "a message by email of ")
}

// The digest goes out also when all is well, at once where no scheduler would send it.
func TestADigestGoesOutWhenAllIsWell(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	if err := os.WriteFile(p.well, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.once(t)
	for day := 5; day < 7; day++ {
		p.now = time.Date(2026, 3, day, 2, 31, 0, 0, time.UTC)
		p.once(t)
	}
	week, err := service.Digest(t.Context(), p.env)
	if err != nil {
		t.Fatal(err)
	}
	channels, err := service.SendDigest(t.Context(), p.env, week)
	if err != nil || channels != 2 {
		t.Fatalf("%d channels, %v", channels, err)
	}
	told := p.subjects()
	if len(told) != 1 || told[0] != "[Ours] the week to 6 March 2026: all is well" {
		t.Errorf("told %q", told)
	}
	if len(p.mails) != 1 || !strings.Contains(p.mails[0], "- nightly: due 2, ran 2, failed 0, skipped 0, open 0") {
		t.Errorf("%d mails, %d to the web address", len(p.mails), len(told))
	}
}
