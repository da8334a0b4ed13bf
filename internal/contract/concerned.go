package contract

// Concerned are the columns that a reason for quarantine is about: the one it
// names, or those that a check of the row or the contract's key compare. Of a
// record that is not well formed there are none.
func Concerned(c *Contract, columnName, rule string) []string {
	if c.Column(columnName) != nil {
		return []string{columnName}
	}
	if rule == "repeated_key" {
		return c.Load.Key
	}
	for _, check := range c.Checks {
		if check.Name == rule {
			return c.namedIn(check.When, stored)
		}
	}
	return nil
}
