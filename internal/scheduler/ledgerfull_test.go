package scheduler_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/scheduler"
	"socialvalue/internal/slots"
)

// A ledger that cannot be written, as with a full disk, delays and loses nothing.
func TestATurnThatFailsIsTakenAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, job(t, "a", "well", ""))
	b.daemon.Engine.Ledger = &failing{Ledger: b.daemon.Engine.Ledger, left: 2}
	b.clock.move(time.Hour)
	for range 2 {
		if err := b.daemon.Once(t.Context()); !errors.Is(err, errDisk) {
			t.Fatalf("%v", err)
		}
	}
	b.once(t)
	if s := b.only(t); s.State != slots.Ran {
		t.Errorf("%+v", s)
	}
}

// So it is with what the process before left running: a daemon whose ledger cannot be written when it starts goes on.
func TestAStartOnAFullDiskGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, job(t, "a", "well", ""))
	b.clock.move(time.Hour)
	if order, _, err := b.daemon.Engine.Tick(t.Context()); err != nil || order == nil {
		t.Fatalf("%+v, %v", order, err)
	}
	// The process that claimed it is no more.
	b.daemon.Engine.Ledger = &failing{Ledger: b.daemon.Engine.Ledger, left: 2}
	stop := b.run(t)
	b.waitFor(t, slots.Ran)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if s := b.only(t); s.Outcome != slots.Succeeded || s.Attempts != 2 || s.Lost != 1 {
		t.Errorf("%+v", s)
	}
	if n := strings.Count(b.log.String(), "the turn failed; it is tried again"); n != 2 {
		t.Errorf("it said %d times that a turn failed:\n%s", n, b.log)
	}
}

var errDisk = errors.New("the disk is full")

type failing struct {
	scheduler.Ledger
	left int
}

func (f *failing) Apply(ctx context.Context, change slots.Change) error {
	if f.left > 0 {
		f.left--
		return errDisk
	}
	return f.Ledger.Apply(ctx, change)
}
