package runreport

import (
	"fmt"
	"path/filepath"

	"socialvalue/internal/load"
)

// AsideObject is a part of the record that no load names, and that was set aside
// for that. Its rows do not count.
type AsideObject struct {
	load.Aside
	Known      bool   `json:"was_loaded"`       // the state file remembers its load
	Counted    bool   `json:"did_count"`        // and that its rows counted
	Source     string `json:"source,omitempty"` // of a known load
	Landed     string `json:"landed,omitempty"` // the file as received, of a known load, where it is still kept
	FileSHA256 string `json:"-"`
	Root       string `json:"-"` // of the site
}

// String says what it is.
func (a AsideObject) String() string {
	what := "rows"
	if a.Relation == load.QuarantineRelation {
		what = "reasons of the quarantine"
	}
	at := a.Path
	if relative, err := filepath.Rel(a.Root, at); err == nil {
		at = relative
	}
	switch {
	case a.Damaged:
		return at + " cannot be read, and no load names it"
	case a.LoadID == "":
		return at + " holds no rows, and no load names it"
	case a.Known:
		return fmt.Sprintf("%s: %d %s of %s, which was loaded; the note of its load, store/_loads/%s.json, is gone", at, a.Rows, what, a.File, a.LoadID)
	}
	return fmt.Sprintf("%s: %d %s of %s, which no load names: a run was stopped while it took them in", at, a.Rows, what, a.File)
}

// Remedy says what to do about it.
func (a AsideObject) Remedy() string {
	switch {
	case a.Damaged, a.LoadID == "":
		return "look whether a backup has it whole; if nobody misses it, delete it by hand"
	case !a.Known:
		return "put the file into drop/ again, where its source looks, and run; if it is not wanted, delete the object by hand"
	}
	again := "or ask the sender for the file"
	if a.Landed != "" {
		again = "or copy " + a.Landed + " there under its old name"
	}
	return "copy the note from a backup and run; without one put the file into drop/ again, where source " + a.Source + " looks (" + again +
		"); if its rows are not wanted any more, delete the object by hand"
}

// LostNote is a load that the state file remembers and the store knows no more:
// its note and the build database are gone.
type LostNote struct {
	LoadID string `json:"load_id"`
	Source string `json:"source"`
	File   string `json:"file"`
	Status string `json:"status"` // as it was
}

// String says what is lost and what becomes of it.
func (l LostNote) String() string {
	text := fmt.Sprintf("the note of load %.12s of %s (source %s, %s) is gone from store/_loads", l.LoadID, l.File, l.Source, l.Status)
	if l.Status == string(load.StatusReverted) {
		return text + ", and that it was reverted with it: copy the note from a backup, or revert the file again if it is loaded again"
	}
	return text + ": copy it from a backup; a file in drop/ is read again by itself"
}
