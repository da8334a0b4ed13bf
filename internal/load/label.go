package load

// Label names the document of a load as people know it.
func Label(record *Record) string {
	if record.Member == "" {
		return record.File
	}
	return record.File + "!" + record.Member
}
