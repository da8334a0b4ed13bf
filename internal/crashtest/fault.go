package crashtest

import (
	"iter"
	"syscall"
)

// Fault counts the file system steps of what is tried, and breaks one of them as
// a full disk would.
type Fault struct {
	At   int  // the step that fails, from 1; 0: none
	Dead bool // all after it fail too
	Done int  // steps so far
}

// Step is what is called before each step.
func (f *Fault) Step(string, string) error {
	if f.Done++; f.Done == f.At || f.Dead && f.At > 0 && f.Done > f.At {
		return syscall.ENOSPC
	}
	return nil
}

// Reached says whether the step that fails was come to.
func (f *Fault) Reached() bool { return f.Done >= f.At }

// Faults breaks every n-th of so many steps in turn, and each of the last ones.
func Faults(steps, stride, last int, dead bool) iter.Seq[*Fault] {
	return func(yield func(*Fault) bool) {
		for at := 1; at <= steps; at++ {
			if (at%stride == 0 || at >= steps-last) && !yield(&Fault{At: at, Dead: dead}) {
				return
			}
		}
	}
}
