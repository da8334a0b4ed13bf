package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// docs/operations.md tried as a new user would (issue 9): in an empty folder, by the clock on the wall, a nightly load fires,
// and its result is seen wherever the page says. The page is followed to the letter.
func TestAFirstNightByTheDocs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	_, page, found := strings.Cut(strings.ReplaceAll(string(text), "127.0.0.1:9464", address), "## A first night, by day\n")
	page, _, closed := strings.Cut(page, "\n## ")
	before, after, stops := strings.Cut(page, "Then stop it")
	if !found || !closed || !stops {
		t.Fatal("the page has no first night, or does not say how to stop it")
	}
	dir := t.TempDir()
	pid := func() int {
		text, _ := os.ReadFile(filepath.Join(dir, "first-night/scheduler.pid"))
		n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		return n
	}
	t.Cleanup(func() {
		if n := pid(); n > 1 {
			_ = syscall.Kill(n, syscall.SIGKILL) // mostly it is gone
		}
	})
	tried := follow(t, dir, "docs/operations.md", before, "")
	for path, words := range map[string][]string{
		"/healthz": {`"ok":true`}, "/readyz": {`"ok":true`, `"problem":""`},
		"/metrics": {`svw_occurrences_total{as="succeeded",job="nightly",why=""} 1`, `svw_job_last_failed{job="nightly"} 0`, `svw_source_rows{source="ledger"} 2`},
	} {
		code, body := look(t, "http://"+address+path)
		for _, word := range words {
			if code != http.StatusOK || !strings.Contains(body, word) {
				t.Errorf("%s: %d, without %s:\n%s", path, code, word, body)
			}
		}
	}
	tried += follow(t, dir, "docs/operations.md", after, "")
	const commandsOfThePage = 12
	if tried != commandsOfThePage {
		t.Errorf("%d commands were found, want %d", tried, commandsOfThePage)
	}
	log := filepath.Join(dir, "first-night/scheduler.log")
	for range 600 {
		if strings.Contains(readFile(t, log), `"msg":"scheduler ends"`) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("it did not stop:\n%s", readFile(t, log))
}

func look(t *testing.T, address string) (code int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
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
