// Package metrics shows the scheduler to programs that watch it: /metrics for Prometheus, /healthz and /readyz. It reads the
// state file when it is asked and changes nothing.
package metrics

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"socialvalue/internal/inspect"
	"socialvalue/internal/schedule"
	"socialvalue/internal/state"
)

// Source is what the figures come from.
type Source struct {
	DB       *state.DB
	Now      func() time.Time
	Version  string
	Standing func(ctx context.Context) (*inspect.Standing, error)
	Jobs     func() []schedule.Schedule
	Pulse    func() (at time.Time, job, problem string) // of the scheduler
}

// freshFor is how old the scheduler's last sign of life may be.
const freshFor = 3 * time.Minute

// Handler answers /metrics, /healthz and /readyz.
func Handler(s Source) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector{s})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		at, _, _ := s.Pulse()
		answer(w, s.Now().Sub(at) < freshFor, map[string]any{"last_turn": at})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		at, job, problem := s.Pulse()
		answer(w, s.Now().Sub(at) < freshFor && problem == "", map[string]any{"last_turn": at, "job": job, "problem": problem})
	})
	return mux
}

func answer(w http.ResponseWriter, well bool, facts map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	facts["ok"] = well
	if !well {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	// Whoever asked has gone: there is nobody to tell.
	_ = json.NewEncoder(w).Encode(facts)
}

// collector reads the figures when Prometheus asks.
type collector struct{ source Source }

// Describe implements prometheus.Collector: the figures depend on the site.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// patience is how long reading may take.
const patience = 10 * time.Second

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.collect(ctx, out); err != nil {
		out <- prometheus.NewInvalidMetric(prometheus.NewDesc("svw_collect_error", "Reading the figures failed.", nil, nil), err)
	}
}

func (c collector) collect(ctx context.Context, out chan<- prometheus.Metric) error {
	gauge := func(name, help string, value float64, labels ...string) {
		names, values := pairs(labels)
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("svw_"+name, help, names, nil), prometheus.GaugeValue, value, values...)
	}
	gauge("info", "The version of the program.", 1, "version", c.source.Version)
	at, job, _ := c.source.Pulse()
	gauge("scheduler_last_turn_timestamp_seconds", "When the scheduler last took a turn.", seconds(at))
	for _, j := range c.source.Jobs() {
		running := 0.0
		if j.Name == job {
			running = 1
		}
		if !j.Enabled {
			continue
		}
		gauge("job_running", "Whether the job is at work.", running, "job", j.Name)
		gauge("job_next_timestamp_seconds", "When the job is due next.", seconds(j.Next(c.source.Now())), "job", j.Name)
	}
	if err := c.slots(ctx, out, gauge); err != nil {
		return err
	}
	alerts, err := c.source.DB.Alerts(ctx)
	if err != nil {
		return err
	}
	gauge("alerts", "Causes that are wrong at present.", float64(len(alerts)))
	unsent, err := c.source.DB.Unsent(ctx)
	if err != nil {
		return err
	}
	gauge("messages_unsent", "Messages that wait to be sent.", float64(len(unsent)))
	return c.standing(ctx, gauge)
}

func (c collector) slots(ctx context.Context, out chan<- prometheus.Metric, gauge func(string, string, float64, ...string)) error {
	counts, err := c.source.DB.CountSlots(ctx)
	if err != nil {
		return err
	}
	desc := prometheus.NewDesc("svw_occurrences_total", "Occurrences of jobs that were settled.", []string{"job", "as", "why"}, nil)
	for _, n := range counts {
		as := n.Outcome
		switch n.State {
		case "skipped":
			as = n.State
		case "waiting", "running":
			gauge("occurrences_open", "Occurrences of jobs that wait or run.", float64(n.N), "job", n.Job, "state", n.State)
			continue
		}
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n.N), n.Job, as, n.Why)
	}
	ran, err := c.source.DB.LastRan(ctx)
	if err != nil {
		return err
	}
	for _, s := range ran {
		failed := 0.0
		if s.Outcome == "failed" {
			failed = 1
		}
		gauge("job_last_failed", "Whether the last occurrence that ran failed.", failed, "job", s.Job)
		gauge("job_last_end_timestamp_seconds", "When the last occurrence that ran ended.", seconds(s.Finished), "job", s.Job)
		gauge("job_last_seconds", "How long its last attempt took.", s.Finished.Sub(s.Started).Seconds(), "job", s.Job)
		gauge("job_last_late_seconds", "How long after it was due its last attempt began.", s.Started.Sub(s.DueAt).Seconds(), "job", s.Job)
	}
	return nil
}

func (c collector) standing(ctx context.Context, gauge func(string, string, float64, ...string)) error {
	standing, err := c.source.Standing(ctx)
	if err != nil {
		return fmt.Errorf("read where the warehouse stands: %w", err)
	}
	if standing.BuiltAt != nil {
		gauge("release_timestamp_seconds", "When the current release was built.", seconds(*standing.BuiltAt))
	}
	gauge("datasets_held", "Datasets that stay at their last released content, or were never released.", float64(len(standing.Held)+len(standing.Missing)))
	onHold := 0.0
	if standing.OnHold != nil {
		onHold = 1
	}
	gauge("releases_on_hold", "Whether runs build and do not release.", onHold)
	for _, s := range standing.Sources {
		stale := 0.0
		if s.Stale {
			stale = 1
		}
		gauge("source_stale", "Whether the source is silent for too long.", stale, "source", s.Source)
		gauge("source_files_refused", "Files of the source that stand refused.", float64(s.Refused), "source", s.Source)
		gauge("source_rows", "Rows of the source that count.", float64(s.Rows), "source", s.Source)
		gauge("source_rows_quarantined", "Rows of the source in quarantine.", float64(s.Quarantined), "source", s.Source)
		if s.ReceivedAt != nil {
			gauge("source_received_timestamp_seconds", "When the source delivered last.", seconds(*s.ReceivedAt), "source", s.Source)
		}
	}
	return nil
}

func pairs(labels []string) (names, values []string) {
	for i := 0; i+1 < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, labels[i+1])
	}
	return names, values
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
