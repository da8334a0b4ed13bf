package nodeclient

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
)

// Watched is what a client saw that read a file in a loop.
type Watched struct {
	Reads   int      `json:"reads"`
	Answers []string `json:"answers"` // every different one, as JSON
	// Contents are the different hashes of the file that was opened, of one that is watched.
	Contents []string `json:"contents"`
}

// Watcher reads a file in a loop, in a process of its own.
type Watcher struct {
	command *exec.Cmd
	input   io.Closer
	output  *bufio.Reader
	said    *bytes.Buffer
}

// Watch opens a DuckDB file read-only and asks it the same question again and
// again until Stop. It returns when the first answer is there.
func Watch(ctx context.Context, file, sql string) (*Watcher, error) {
	return start(ctx, "watch", file, sql)
}

// Follow does the same, and opens the file anew each time.
func Follow(ctx context.Context, file, sql string) (*Watcher, error) {
	return start(ctx, "follow", file, sql)
}

func start(ctx context.Context, how, file, sql string) (*Watcher, error) {
	dir, err := install(ctx)
	if err != nil {
		return nil, fmt.Errorf("install the client: %w", err)
	}
	w := &Watcher{command: exec.CommandContext(ctx, "node", filepath.Join(dir, "client.mjs"), how, file, sql), said: &bytes.Buffer{}} //nolint:gosec // node with our own arguments
	w.command.Stderr = w.said
	if w.input, err = w.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("watch %s: %w", file, err)
	}
	output, err := w.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", file, err)
	}
	w.output = bufio.NewReader(output)
	if err := w.command.Start(); err != nil {
		return nil, fmt.Errorf("watch %s: %w", file, err)
	}
	if line, err := w.output.ReadString('\n'); err != nil || line != "reading\n" {
		return nil, errors.Join(fmt.Errorf("watch %s: %q", file, line), err, w.command.Wait(), errors.New(strings.TrimSpace(w.said.String())))
	}
	return w, nil
}

// Stop ends the loop and says what was seen. A question that failed at any time
// is an error.
func (w *Watcher) Stop() (Watched, error) {
	var watched Watched
	if err := w.input.Close(); err != nil {
		return watched, fmt.Errorf("end the loop: %w", err)
	}
	data, err := io.ReadAll(w.output)
	if err := errors.Join(err, w.command.Wait()); err != nil {
		return watched, fmt.Errorf("the client that read in a loop: %w: %s", err, strings.TrimSpace(w.said.String()))
	}
	if err := json.Unmarshal(data, &watched); err != nil {
		return watched, fmt.Errorf("read what the client saw: %w", err)
	}
	return watched, nil
}
