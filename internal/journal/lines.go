package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
)

// lines is a log whose disk may be full for a while: what cannot be written waits, in its order, for the next line or the
// end. Whoever logs is not told, as it could do nothing; whoever ends the log is.
type lines struct {
	mu      sync.Mutex
	file    *os.File
	waiting []byte
	dropped int   // lines for which there was no memory either
	err     error // why what waits could not be written
}

// mostWaiting is how many bytes wait at most.
const mostWaiting = 4 << 20

// Write implements io.Writer. The logger gives a whole line at a time.
func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting)+len(line) > mostWaiting {
		l.dropped++
	} else {
		l.waiting = append(l.waiting, line...)
	}
	l.write()
	return len(line), nil
}

// write writes what waits, as far as it goes: the disk may take the half of a line.
func (l *lines) write() {
	var n int
	n, l.err = l.file.Write(l.waiting)
	l.waiting = append(l.waiting[:0], l.waiting[n:]...)
}

func (l *lines) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) > 0 {
		l.write()
	}
	if lost := bytes.Count(l.waiting, []byte("\n")) + l.dropped; lost > 0 {
		return errors.Join(fmt.Errorf("%d lines of the log were not written", lost), l.err, l.file.Close())
	}
	return l.file.Close()
}
