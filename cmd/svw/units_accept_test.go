//go:build accept

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The units are what systemd understands, and leave the program few rights: exposure of 2.5 at most, of 10. Where there is no
// systemd it is passed over, and says so.
func TestUnits(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd-analyze on this machine")
	}
	svw, err := exec.LookPath("svw")
	if err != nil {
		t.Fatal(err)
	}
	units, err := filepath.Glob("../../docs/systemd/svw*")
	if err != nil || len(units) != 3 {
		t.Fatalf("%v, %v", units, err)
	}
	dir := t.TempDir()
	var copied []string
	for _, unit := range units {
		name := filepath.Join(dir, filepath.Base(unit))
		if err := os.WriteFile(name, []byte(strings.ReplaceAll(readFile(t, unit), "/usr/local/bin/svw", svw)), 0o600); err != nil {
			t.Fatal(err)
		}
		copied = append(copied, name)
	}
	if output, err := exec.CommandContext(t.Context(), analyze, append([]string{"verify"}, copied...)...).CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("%v\n%s", err, output)
	}
	for _, name := range copied {
		if !strings.HasSuffix(name, ".service") {
			continue
		}
		if output, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--threshold=25", name).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", filepath.Base(name), err, output)
		}
	}
}
