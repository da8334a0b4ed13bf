package load

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Reverted says that a person took a load back, and why.
type Reverted struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// revertKey is what a revert is about: a document and what it claims to be. A
// document that was taken back because of its name may come again under the
// right one.
type revertKey struct {
	document documentKey
	claim    claimKey
}

func (r *Record) revertKey() revertKey {
	claim, _ := r.claim()
	return revertKey{r.document(), claim}
}

// revertedAmong says, of the documents of these loads, which were taken back.
// One load that says so is enough: the document may have been read again since.
func revertedAmong(records []*Record) map[revertKey]*Reverted {
	reverted := map[revertKey]*Reverted{}
	for _, record := range records {
		if record.Reverted != nil {
			reverted[record.revertKey()] = record.Reverted
		}
	}
	return reverted
}

// revertedAs returns a load of the same document that was taken back, or nil.
func (l *Ledger) revertedAs(record *Record) *Record {
	for _, other := range l.Records(record.Relation) {
		if other.Reverted != nil && other.revertKey() == record.revertKey() {
			return other
		}
	}
	return nil
}

// leastOfID is how much of a load's id must be given at least.
const leastOfID = 6

// Find returns the one load of a list whose id begins with text.
func Find(records []*Record, text string) (*Record, error) {
	if len(text) < leastOfID {
		return nil, fmt.Errorf("%q is no load: give at least %d characters of its id, as svw loads list prints it", text, leastOfID)
	}
	var found *Record
	for _, record := range records {
		if !strings.HasPrefix(record.ID, text) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("more than one load begins with %s: give more of its id", text)
		}
		found = record
	}
	if found == nil {
		return nil, fmt.Errorf("there is no load %s: svw loads list --all lists them", text)
	}
	return found, nil
}

// Revert takes loads back, with every other reading of their documents, and
// decides anew which loads count.
func (l *Ledger) Revert(ctx context.Context, loads []*Record, why Reverted) error {
	return l.mark(ctx, loads, &why)
}

// Restore undoes Revert.
func (l *Ledger) Restore(ctx context.Context, loads []*Record) error {
	return l.mark(ctx, loads, nil)
}

func (l *Ledger) mark(ctx context.Context, loads []*Record, why *Reverted) error {
	meant := map[revertKey]bool{}
	for _, load := range loads {
		meant[load.revertKey()] = true
	}
	var marked []*Record
	for _, record := range l.Records("") {
		if !meant[record.revertKey()] {
			continue
		}
		changing := *record
		changing.Reverted = why
		marked = append(marked, &changing)
	}
	return l.Commit(ctx, marked)
}
