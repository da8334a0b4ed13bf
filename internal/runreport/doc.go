// Package runreport is what a run tells of itself: files, relations, checks, the
// release, what was set aside, and what was removed because its time was up. It
// is kept as JSON, printed, and read by whoever tells people how a night went.
package runreport
