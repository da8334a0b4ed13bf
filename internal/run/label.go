package run

import "socialvalue/internal/load"

// label names the document of a load as people know it.
func label(record *load.Record) string {
	if record.Member == "" {
		return record.File
	}
	return record.File + "!" + record.Member
}
