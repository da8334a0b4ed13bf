// Package crashtest breaks programs in tests. It starts the test binary again as a
// process that does one thing, kills it at a random moment, fills its disk, keeps
// its files from growing, or fails one file system step after the other. It is
// imported by tests only.
package crashtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"testing"
	"time"
)

const (
	// roleVariable says what the test binary is when it does not test.
	roleVariable = "SVW_TEST_ROLE"
	// subjectVariable is what it then works on.
	subjectVariable = "SVW_TEST_SUBJECT"
	// limitVariable is the size that no file of that process may exceed.
	limitVariable = "SVW_TEST_FILE_LIMIT"
)

// Main runs the tests, or, in a process that was started in a role, what that role
// does with its subject. It gives the code to exit with.
func Main(m *testing.M, roles map[string]func(subject string) error) int {
	name := os.Getenv(roleVariable) //nolint:forbidigo // the process before this one said it
	if name == "" {
		return m.Run()
	}
	role, ok := roles[name]
	err := fmt.Errorf("%s is no role of this test", name)
	if ok {
		err = role(os.Getenv(subjectVariable)) //nolint:forbidigo // the process before this one said it
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// Child is a process in a role, with further settings of its environment. It dies
// with the test.
func Child(t testing.TB, role, subject string, settings ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self) //nolint:gosec // the test binary itself
	command.Env = append(append(os.Environ(), roleVariable+"="+role, subjectVariable+"="+subject), settings...)
	return command
}

// Command is what starts a process in a role without a subject, for whoever starts
// it with arguments of its own.
func Command(role string) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the test binary: %w", err)
	}
	return []string{"/usr/bin/env", roleVariable + "=" + role, self}, nil
}

// Succeed runs a process that must succeed, and gives the time that it took.
func Succeed(t testing.TB, command *exec.Cmd, what string) time.Duration {
	t.Helper()
	began := time.Now() //nolint:forbidigo // how long a process takes
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", what, err, output)
	}
	return time.Since(began) //nolint:forbidigo // how long a process takes
}

// Kill starts a process, kills it at a random moment of the time that it usually
// takes, and says whether it died before its end.
func Kill(t testing.TB, command *exec.Cmd, usual time.Duration) bool {
	t.Helper()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(rand.N(usual)) //nolint:gosec // no secret
	if err := command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	return command.Wait() != nil
}

// FileLimit is the setting of a child whose files may not grow beyond so many bytes.
func FileLimit(bytes int) string { return limitVariable + "=" + strconv.Itoa(bytes) }

// LimitFiles keeps the files of this process from growing beyond what FileLimit
// said, if it said something.
func LimitFiles() error {
	limit, err := strconv.ParseUint(os.Getenv(limitVariable), 10, 64) //nolint:forbidigo // the process before this one said it
	if err != nil {
		return nil
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		return fmt.Errorf("limit the size of files: %w", err)
	}
	return nil
}
