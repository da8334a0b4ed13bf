//go:build accept

package metrics_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A real Prometheus on this machine scrapes the figures and answers the questions that docs/operations.md says are worth an
// alert. Where there is no Prometheus it is passed over, and says so.
func TestAPrometheusServer(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("there is no prometheus on this machine")
	}
	w := newWatched(t)
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := fmt.Sprintf("scrape_configs: [{job_name: svw, honor_labels: true, scrape_interval: 1s, static_configs: [{targets: [%q]}]}]\n", w.server.Listener.Addr())
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), program, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "tsdb"), "--web.listen-address="+address)
	var said strings.Builder
	server.Stderr = &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	for question, want := range map[string]string{
		"up": "1", `svw_job_last_failed{job="nightly"}`: "1", "svw_source_stale": "1", "svw_messages_unsent": "0",
		`sum(svw_occurrences_total{as="skipped",why="missed"})`: "1", "svw_scheduler_last_turn_timestamp_seconds": fmt.Sprint(w.at.Unix()),
	} {
		got := ""
		for range 600 {
			if got = ask(t, address, question); got == want {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if got != want {
			t.Errorf("%s is %q, want %s\n%s", question, got, want, said.String())
		}
	}
}

// ask puts a question to a Prometheus and gives the one value of its answer; empty when it has none.
func ask(t *testing.T, address, question string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/api/v1/query?query="+url.QueryEscape(question), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "" // it has not begun yet
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	var answer struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || len(answer.Data.Result) != 1 {
		return ""
	}
	return fmt.Sprint(answer.Data.Result[0].Value[1])
}
