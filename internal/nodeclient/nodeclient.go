// Package nodeclient reads DuckDB files with another client than the one inside the program: @duckdb/node-api under Node.js.
// Tests use it to see a released file as an analyst's tool does. The program itself never imports it.
package nodeclient

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed package.json
var packageJSON []byte

//go:embed client.mjs
var clientJS []byte

// Report is what the client sees of a file.
type Report struct {
	Version string  `json:"version"` // of the client's DuckDB
	Tables  []Table `json:"tables"`
}

// Table is a table or view with what it says about itself.
type Table struct {
	Schema  string   `json:"schema"`
	Name    string   `json:"name"`
	Kind    string   `json:"kind"` // table or view
	Comment string   `json:"comment"`
	Rows    int64    `json:"rows"`
	Columns []Column `json:"columns"`
}

// Column is one column of a table or of an answer; an answer's has no comment.
type Column struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Comment string `json:"comment"`
}

// Result is the answer to one statement. A value is nil, a string, a bool, a json.Number, or a list or map of those;
// decimals, dates and integers beyond 2^53 are strings.
type Result struct {
	Columns []Column `json:"columns"`
	Rows    [][]any  `json:"rows"`
}

// Inspect opens a DuckDB file read-only and describes all of it.
func Inspect(ctx context.Context, file string) (Report, error) {
	var report Report
	if err := call(ctx, &report, "", "inspect", file); err != nil {
		return Report{}, fmt.Errorf("inspect %s: %w", file, err)
	}
	return report, nil
}

// Query runs the statements of sql against a DuckDB file, opened read-only, and returns the answer to each. Without a file
// they run in memory, where they can read Parquet and attach files.
func Query(ctx context.Context, file, sql string) ([]Result, error) {
	if file == "" {
		file = ":memory:"
	}
	var results []Result
	if err := call(ctx, &results, sql, "query", file); err != nil {
		return nil, fmt.Errorf("query %s: %w", file, err)
	}
	return results, nil
}

func call(ctx context.Context, answer any, input string, args ...string) error {
	dir, err := install(ctx)
	if err != nil {
		return fmt.Errorf("install the client: %w", err)
	}
	out, err := run(ctx, "", input, "node", append([]string{filepath.Join(dir, "client.mjs")}, args...)...)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(out))
	decoder.UseNumber()
	if err := decoder.Decode(answer); err != nil {
		return fmt.Errorf("read the client's answer: %w", err)
	}
	return nil
}

// install puts the client into the user's cache once; the folder is named by its content, so that another version is
// another folder.
func install(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w: set HOME or XDG_CACHE_HOME", err)
	}
	sum := sha256.Sum256(append(append([]byte{}, packageJSON...), clientJS...))
	parent := filepath.Join(cache, "svw")
	dir := filepath.Join(parent, "nodeclient-"+hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(parent, 0o750); err != nil {
		return "", err
	}
	building, err := os.MkdirTemp(parent, "nodeclient-new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(building) //nolint:errcheck // after the rename there is nothing to remove
	for name, data := range map[string][]byte{"package.json": packageJSON, "client.mjs": clientJS} {
		if err := os.WriteFile(filepath.Join(building, name), data, 0o600); err != nil {
			return "", err
		}
	}
	// Every version is pinned in package.json; a lock file would only add the name of the registry in use.
	if _, err := run(ctx, building, "", "npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"); err != nil {
		return "", err
	}
	if err := os.Rename(building, dir); err != nil && !errors.Is(err, fs.ErrExist) { // another test was quicker
		return "", err
	}
	return dir, nil
}

func run(ctx context.Context, dir, input, program string, args ...string) ([]byte, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, fmt.Errorf("%s is missing: make deps installs it", program)
	}
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // node or npm with our own arguments
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(input)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(stderr.String()))
	}
	return stdout.Bytes(), nil
}
