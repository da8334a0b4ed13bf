// Command svw is the Social Value warehouse: one program that takes in what
// departments export, and releases datasets that analysts query.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // the site's time zone must be known on any machine

	"socialvalue/internal/lock"
	"socialvalue/internal/workspace"
)

// Exit codes, the same for every verb.
const (
	exitDone      = 0
	exitFailed    = 1
	exitUsage     = 2
	exitRefused   = 3
	exitLocked    = 4
	exitCancelled = 130
)

// usageError is a mistake in how the program was called or configured.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// errRefused says that the work is done, but something was refused or held;
// what it was has been printed.
var errRefused = errors.New("something was refused or held back")

// errStoppedAsAsked says that a verb that runs until it is stopped was stopped.
var errStoppedAsAsked = errors.New("stopped")

// outcome is how a verb ends that did its work and may have refused something.
func outcome(err error, refused bool) error {
	switch {
	case err != nil:
		return err
	case refused:
		return errRefused
	}
	return nil
}

// Most verbs end before their garbage matters: a night with nothing new spends a tenth of its time collecting it. Beyond
// heapLimit it is collected as usual. GOGC and GOMEMLIMIT, where they are set, win.
const (
	collectAt = 400 // per cent of what is in use
	heapLimit = 512 << 20
)

func collectLess() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(collectAt)
		debug.SetMemoryLimit(heapLimit)
	}
}

func main() {
	collectLess()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(execute(ctx, os.Args[1:]))
}

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil || errors.Is(err, errStoppedAsAsked) {
		return exitDone
	}
	code := exitCode(ctx, err)
	if code != exitRefused {
		fmt.Fprintln(os.Stderr, "svw:", err)
	}
	return code
}

func exitCode(ctx context.Context, err error) int {
	var usage usageError
	var mistake *workspace.ConfigurationError
	switch {
	case ctx.Err() != nil || errors.Is(err, context.Canceled):
		return exitCancelled
	case errors.Is(err, lock.ErrHeld):
		return exitLocked
	case errors.Is(err, errRefused):
		return exitRefused
	case errors.As(err, &usage), errors.As(err, &mistake):
		return exitUsage
	}
	return exitFailed
}
