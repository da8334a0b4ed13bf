package load

import "slices"

// decide says which loads of a relation count, as a function of the set of
// loads alone: the order in which they came does not matter, and deciding again
// changes nothing. It returns the loads whose status changes, as copies.
//
// A load whose rows were purged has none, and still replaces what it replaced: an
// older file does not count again because a newer one is past its time.
//
// A load that was reverted takes no part, nor does another reading of the same
// document that claims the same: what it had superseded counts again.
//
// Of the same document (the same bytes of the same source) the latest reading
// counts, so that a mended contract or layout replaces what was read before. Of
// files that make the same claim (a slice or a period) the one changed last
// where it came from counts, with all the documents in it.
func decide(records []*Record) (changed []*Record) {
	supersededBy := map[string]string{}
	reverted := revertedAmong(records)
	current := map[documentKey]*Record{}
	for _, record := range records {
		if reverted[record.revertKey()] != nil {
			continue
		}
		key := record.document()
		if other := current[key]; other == nil || readLater(record, other) {
			current[key] = record
		}
	}
	files := map[claimKey]*Record{} // of each claim, a document of the winning file
	for _, record := range records {
		if reverted[record.revertKey()] != nil {
			continue
		}
		reading := current[record.document()]
		if reading != record {
			supersededBy[record.ID] = reading.ID
			continue
		}
		claim, claims := record.claim()
		if other := files[claim]; claims && (other == nil || changedLater(record, other)) {
			files[claim] = record
		}
	}
	for _, record := range records {
		claim, claims := record.claim()
		if reverted[record.revertKey()] != nil {
			continue
		}
		if winner := files[claim]; claims && supersededBy[record.ID] == "" && winner.FileSHA256 != record.FileSHA256 {
			supersededBy[record.ID] = winner.ID
		}
	}
	for _, record := range records {
		status, by := StatusActive, supersededBy[record.ID]
		switch {
		case record.RowsPurgedAt != nil:
			status = StatusPurged
		case reverted[record.revertKey()] != nil:
			status = StatusReverted
		case by != "":
			status = StatusSuperseded
		}
		if record.Status != status || record.SupersededBy != by {
			changing := *record
			changing.Status, changing.SupersededBy = status, by
			changed = append(changed, &changing)
		}
	}
	sortRecords(changed)
	return changed
}

// documentKey names a document, however often and under whatever contract it
// was read. In an upsert feed the same bytes on another day are another word on
// the same keys.
type documentKey struct{ source, sha256, member, asOf string }

func (r *Record) document() documentKey {
	return documentKey{r.Source, r.FileSHA256, r.Member, r.AsOf}
}

// claimKey names what only one file of a source can be: a slice of a snapshot,
// or a period.
type claimKey struct{ source, slice, start, end string }

// claim is what the load's file claims to be; false when it claims nothing and
// merely adds rows.
func (r *Record) claim() (claimKey, bool) {
	key := claimKey{source: r.Source, slice: r.Slice}
	if r.Slice == "" {
		key.start, key.end = r.PeriodStart, r.PeriodEnd
	}
	return key, r.Slice != "" || r.PeriodStart != ""
}

// readLater says whether a reading of a document came after another.
func readLater(a, b *Record) bool {
	if !a.ReceivedAt.Equal(b.ReceivedAt) {
		return a.ReceivedAt.After(b.ReceivedAt)
	}
	return a.ID > b.ID
}

// changedLater says whether a file replaces another of the same claim: by when
// it was last changed where it came from, then by its bytes. Of documents of one
// file one is named for all.
func changedLater(a, b *Record) bool {
	if !a.FileModified.Equal(b.FileModified) {
		return a.FileModified.After(b.FileModified)
	}
	if a.FileSHA256 != b.FileSHA256 {
		return a.FileSHA256 > b.FileSHA256
	}
	return a.ID > b.ID
}

// overlapping returns a load whose claimed period partly overlaps that of the
// record, or nil. Documents of one file never overlap: they are parts of it.
func overlapping(record *Record, others []*Record) *Record {
	i := slices.IndexFunc(others, func(other *Record) bool {
		if other.Relation != record.Relation || other.Source != record.Source || other.FileSHA256 == record.FileSHA256 ||
			record.PeriodStart == "" || other.PeriodStart == "" {
			return false
		}
		same := record.PeriodStart == other.PeriodStart && record.PeriodEnd == other.PeriodEnd
		return !same && record.PeriodStart <= other.PeriodEnd && other.PeriodStart <= record.PeriodEnd
	})
	if i < 0 {
		return nil
	}
	return others[i]
}

// sameBytesElsewhere returns a load of the same bytes under another name that
// claims to be something else, or nil.
func sameBytesElsewhere(record *Record, others []*Record) *Record {
	claim, _ := record.claim()
	i := slices.IndexFunc(others, func(other *Record) bool {
		otherClaim, _ := other.claim()
		return other.Status != StatusReverted &&
			other.Relation == record.Relation && other.Source == record.Source && other.FileSHA256 == record.FileSHA256 &&
			other.Member == record.Member && other.File != record.File && otherClaim != claim
	})
	if i < 0 {
		return nil
	}
	return others[i]
}
