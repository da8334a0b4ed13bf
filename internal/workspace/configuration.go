package workspace

import (
	"path"
	"time"
)

// ConfigurationError is a mistake in the site's own files or in how a run was
// asked for; nothing was done.
type ConfigurationError struct{ Err error }

func (e *ConfigurationError) Error() string { return e.Err.Error() }

// Unwrap gives the mistake.
func (e *ConfigurationError) Unwrap() error { return e.Err }

// PipelineOf is the pipeline of a contract's reference.
func PipelineOf(ref string) string { return path.Dir(ref) }

// Later is the later of two instants.
func Later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// ParseDate reads a date as loads note it; zero for anything else.
func ParseDate(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}
	}
	return day
}
