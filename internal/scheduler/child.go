package scheduler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"socialvalue/internal/slots"
)

// TriggerVariable tells the program that it is started for a slot; the journal of runs keeps its value.
const TriggerVariable = "SVW_TRIGGER"

// Program runs the work of slots as processes of this program. A job that crashes or takes all memory takes no
// scheduler with it.
type Program struct {
	Command []string // the program and the flags that name the site
	Environ []string
	Ledger  Ledger
	// Grace is how long a process that is told to stop may take; then it is killed, which loses nothing.
	Grace time.Duration
}

// The exit codes of the program, see docs/operations.md.
const (
	codeFailed    = 1
	codeUnusable  = 2
	codeRefused   = 3
	codeLocked    = 4
	codeCancelled = 130
)

// errTimeout is why a process is stopped that takes too long.
var errTimeout = errors.New("it took too long")

// Do runs the work of an order to its end. It stops the process when ctx ends or the job's time is over.
func (p Program) Do(ctx context.Context, order Order) slots.Result {
	timed, cancel := context.WithTimeoutCause(ctx, order.Job.Timeout, errTimeout)
	defer cancel()
	output, err := p.run(timed, order)
	result := slots.Result{Text: lastLine(output)}
	// The journal knows which run it was, and says best why it failed.
	if journalled, ok, journalErr := p.Ledger.Journalled(context.WithoutCancel(ctx), order.Slot.Trigger()); journalErr == nil {
		result.RunID = journalled.RunID
		if ok && journalled.Text != "" {
			result.Text = journalled.Text
		}
	}
	var exited *exec.ExitError
	switch {
	case err == nil:
		result.Ending, result.Text = slots.EndedWell, ""
	case errors.Is(context.Cause(timed), errTimeout):
		result.Ending, result.Text = slots.EndedFailed, fmt.Sprintf("it took longer than its timeout, %s, and was stopped", order.Job.Timeout)
	case errors.As(err, &exited):
		result.Ending = ending(exited.ExitCode(), ctx.Err() != nil)
		switch {
		case result.Ending == slots.EndedRefused && order.Job.Verb == "run":
			result.Text = "" // what was refused stands in its report, file by file
		case exited.ExitCode() < 0:
			result.Text = "its process was ended by " + exited.String() + "; " + result.Text
		}
	default:
		result.Ending, result.Text = slots.EndedFailed, err.Error()
		if ctx.Err() != nil {
			result.Ending = slots.EndedStopped
		}
	}
	return result
}

func ending(code int, stopping bool) slots.Ending {
	switch code {
	case codeRefused:
		return slots.EndedRefused
	case codeUnusable:
		return slots.EndedUnusable
	case codeLocked:
		return slots.EndedLocked
	}
	if stopping {
		return slots.EndedStopped
	}
	if code == codeCancelled {
		return slots.EndedCalled
	}
	return slots.EndedFailed
}

// run starts the process and waits for it. The kernel kills it when this thread ends, and the thread ends with this
// process: no work goes on that nobody watches.
func (p Program) run(ctx context.Context, order Order) (output string, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	args := append(append([]string{}, p.Command[1:]...), order.Job.Command()...)
	command := exec.CommandContext(ctx, p.Command[0], args...) //nolint:gosec // this program itself
	command.Env = append(append([]string{}, p.Environ...), TriggerVariable+"="+order.Slot.Trigger())
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = p.Grace
	kept := &tail{}
	command.Stderr = kept
	if err := command.Start(); err != nil {
		return "", fmt.Errorf("start the process of %s: %w", order.Job.Name, err)
	}
	err = command.Wait()
	return kept.String(), err
}

// tail keeps the end of what is written.
type tail struct{ kept bytes.Buffer }

const tailBytes = 4096

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.kept.Write(p)
	if extra := t.kept.Len() - tailBytes; extra > 0 {
		t.kept.Next(extra)
	}
	return len(p), nil
}

func (t *tail) String() string { return t.kept.String() }

// lastLine is where the program says why it ended.
func lastLine(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return strings.TrimPrefix(lines[len(lines)-1], "svw: ")
}
