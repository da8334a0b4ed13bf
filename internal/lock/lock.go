// Package lock keeps two writers out of one warehouse. It is one flock on one file: the kernel drops it when its holder
// ends, however it ends, so no lock is ever left behind. It imports golang.org/x/sys/unix only.
package lock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ErrHeld is what errors.Is finds when another process holds the lock; errors.As with *HeldError tells who.
var ErrHeld = errors.New("another run holds the lock")

// HeldError says who holds the lock. PID is 0 in the instant before a new holder has written it.
type HeldError struct {
	Path  string
	PID   int
	Since time.Time
	Looks bool // it only looks, and has soon done
}

func (e *HeldError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("%s: another run has just taken the lock: wait for it to end", e.Path)
	}
	return fmt.Sprintf("%s: process %d has held the lock since %s: wait for it to end, or stop that process",
		e.Path, e.PID, e.Since.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// Is makes errors.Is(err, ErrHeld) true.
func (e *HeldError) Is(target error) bool { return target == ErrHeld }

// Lock is held until Close.
type Lock struct {
	file *os.File
	once sync.Once
	err  error
}

// holder is what the file says while the lock is held; it is empty otherwise.
type holder struct {
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
	Looks bool      `json:"looks,omitempty"`
}

// Who looks has done within moments, so whoever comes next waits for it, for a minute at most; and an instant for the one who
// has just taken the lock to say who it is.
const (
	lookPause    = 50 * time.Millisecond
	lookPatience = int(time.Minute / lookPause)
	tellPatience = 4
)

// Acquire takes the lock at path, creating the file where it is missing; now goes into the file for those who come next. When
// another process, or another Acquire in this one, holds it, the error is a *HeldError, at once: it waits for those alone who
// took it by AcquireToLook.
func Acquire(path string, now time.Time) (*Lock, error) {
	return acquire(path, holder{PID: os.Getpid(), Since: now.UTC()})
}

// AcquireToLook is Acquire for who changes nothing and has soon done. Nobody is turned away because of it.
func AcquireToLook(path string, now time.Time) (*Lock, error) {
	return acquire(path, holder{PID: os.Getpid(), Since: now.UTC(), Looks: true})
}

func acquire(path string, as holder) (*Lock, error) {
	untold := 0 // times in a row that the file said nothing of who holds it
	for waited := 0; ; waited++ {
		l, err := try(path, as)
		var held *HeldError
		if !errors.As(err, &held) || waited >= lookPatience {
			return l, err
		}
		switch {
		case held.PID == 0: // it was just taken, or is just being given back
			if untold++; untold > tellPatience {
				return l, err
			}
		case held.Looks:
			untold = 0
		default:
			return l, err
		}
		time.Sleep(lookPause)
	}
}

func try(path string, as holder) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	if err := flock(f, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close() //nolint:errcheck // nothing was written
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, heldBy(f, path)
		}
		return nil, fmt.Errorf("lock %s: %w; the warehouse must be on a local disk that supports flock", path, err)
	}
	text, err := json.Marshal(as)
	if err == nil {
		err = rewrite(f, append(text, '\n'))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write the lock %s: %w", path, err), f.Close())
	}
	return &Lock{file: f}, nil
}

// Close releases the lock; closing again does nothing. The file stays, for removing it would let two processes lock two
// files of the same name.
func (l *Lock) Close() error {
	l.once.Do(func() {
		err := rewrite(l.file, nil)
		if l.err = errors.Join(err, l.file.Close()); l.err != nil {
			l.err = fmt.Errorf("release the lock: %w", l.err)
		}
	})
	return l.err
}

// flock repeats the call when a signal interrupts it.
func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			return err //nolint:wrapcheck // wrapped by the caller, who knows the path
		}
	}
}

func rewrite(f *os.File, text []byte) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(text, 0)
	return err
}

func heldBy(f *os.File, path string) error {
	held := &HeldError{Path: path}
	text, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return held
	}
	var h holder
	if json.Unmarshal(bytes.TrimSpace(text), &h) == nil {
		held.PID, held.Since, held.Looks = h.PID, h.Since, h.Looks
	}
	return held
}
