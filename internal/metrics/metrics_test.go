package metrics_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"socialvalue/internal/inspect"
	"socialvalue/internal/metrics"
	"socialvalue/internal/schedule"
	"socialvalue/internal/state"
)

// watched is a scheduler to be watched, on a server of this machine.
type watched struct {
	metrics.Source
	server  *httptest.Server
	now, at time.Time
	problem string
	broken  error
}

func newWatched(t *testing.T) *watched {
	t.Helper()
	now := time.Date(2026, 3, 5, 2, 35, 0, 0, time.UTC)
	w := &watched{now: now, at: now.Add(-time.Minute)}
	db, err := state.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	job, err := schedule.Parse("schedules/nightly.yaml", []byte("name: nightly\ncron: '30 2 * * *'\ntime_zone: UTC\ntimeout: 1h\n"))
	if err != nil {
		t.Fatal(err)
	}
	due := time.Date(2026, 3, 4, 2, 30, 0, 0, time.UTC)
	err = db.ApplySlots(t.Context(), state.SlotChange{New: []state.Slot{
		{Job: "nightly", DueAt: due.AddDate(0, 0, -1), State: "skipped", Why: "missed", Reason: "x", Enrolled: due, Finished: due},
		{Job: "nightly", DueAt: due, State: "ran", Outcome: "failed", Enrolled: due, Started: due.Add(5 * time.Second), Finished: due.Add(65 * time.Second), Attempts: 1},
		{Job: "nightly", DueAt: due.AddDate(0, 0, 1), State: "running", Enrolled: now, Started: now, Attempts: 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	built := due.Add(time.Hour)
	w.Source = metrics.Source{
		DB: db, Now: func() time.Time { return w.now }, Version: "v1", Jobs: func() []schedule.Schedule { return []schedule.Schedule{job} },
		Pulse: func() (time.Time, string, string) { return w.at, "nightly", w.problem },
		Standing: func(context.Context) (*inspect.Standing, error) {
			return &inspect.Standing{BuiltAt: &built, Held: []string{"spend.payments"}, Sources: []inspect.SourceStatus{{Source: "ledger \"1\"", Rows: 12, Quarantined: 3, Refused: 1, ReceivedAt: &due, Stale: true}}}, w.broken
		},
	}
	w.server = httptest.NewServer(metrics.Handler(w.Source))
	t.Cleanup(w.server.Close)
	return w
}

func (w *watched) get(t *testing.T, path string) (code int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := w.server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// The parser is that of Prometheus.
func TestPrometheusReadsTheFigures(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	_, text := w.get(t, "/metrics")
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for name, family := range families {
		if family.GetHelp() == "" {
			t.Errorf("%s says nothing of itself", name)
		}
		for _, m := range family.GetMetric() {
			key := name
			for _, label := range m.GetLabel() {
				key += " " + label.GetValue()
			}
			values[key] = m.GetGauge().GetValue()
			if family.GetType() == dto.MetricType_COUNTER {
				values[key] = m.GetCounter().GetValue()
			}
		}
	}
	for key, want := range map[string]float64{
		"svw_info v1": 1, "svw_job_running nightly": 1, "svw_occurrences_total failed nightly ": 1, "svw_occurrences_total skipped nightly missed": 1,
		"svw_occurrences_open nightly running": 1, "svw_job_last_failed nightly": 1, "svw_job_last_seconds nightly": 60, "svw_job_last_late_seconds nightly": 5,
		"svw_datasets_held": 1, "svw_source_rows ledger \"1\"": 12, "svw_source_stale ledger \"1\"": 1, "svw_source_files_refused ledger \"1\"": 1,
		"svw_release_timestamp_seconds":             float64(time.Date(2026, 3, 4, 3, 30, 0, 0, time.UTC).Unix()),
		"svw_job_next_timestamp_seconds nightly":    float64(time.Date(2026, 3, 6, 2, 30, 0, 0, time.UTC).Unix()),
		"svw_scheduler_last_turn_timestamp_seconds": float64(w.at.Unix()), "svw_alerts": 0, "svw_messages_unsent": 0,
	} {
		if got, ok := values[key]; !ok || got != want {
			t.Errorf("%s is %v (%t), want %v", key, got, ok, want)
		}
	}
	w.broken = errors.New("the disk is gone")
	if code, _ := w.get(t, "/metrics"); code != http.StatusInternalServerError {
		t.Errorf("figures that cannot be read: %d", code)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	expect := func(what string, health, ready int) {
		t.Helper()
		h, _ := w.get(t, "/healthz")
		if r, _ := w.get(t, "/readyz"); h != health || r != ready {
			t.Errorf("%s: health %d, ready %d", what, h, r)
		}
	}
	expect("well", 200, 200)
	w.problem = "the disk is full"
	expect("a turn that failed", 200, 503)
	w.problem, w.at = "", w.now.Add(-time.Hour)
	expect("stuck", 503, 503)
}
