package load

import (
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/warehouse"
)

// identified says whether the contract's rows can be recognised in another file.
func identified(c *contract.Contract) bool {
	return c.Load.Identity == contract.IdentityOccurrence || c.Load.Identity == contract.IdentityKey
}

// identity describes what makes a row of the contract itself. It is kept with
// each load, so that rows identified otherwise are known.
func identity(c *contract.Contract) string {
	return strings.Join(append([]string{string(c.Load.Identity)}, c.Load.Key...), " ")
}

// contentSQL is the hash of what makes a row itself: the body and the columns of
// the key, or all the contract's columns. Two rows of one content are told apart
// by their occurrence.
func contentSQL(c *contract.Contract, table, body string) string {
	names := c.Load.Key
	if c.Load.Identity == contract.IdentityOccurrence {
		names = make([]string, len(c.Columns))
		for i := range c.Columns {
			names[i] = c.Columns[i].Name
		}
	}
	parts := make([]string, 0, len(names)+1)
	parts = append(parts, body)
	for _, name := range names {
		parts = append(parts, "coalesce(cast("+table+"."+warehouse.Ident(name)+" as VARCHAR), chr(30))")
	}
	return "md5(concat_ws(chr(31), " + strings.Join(parts, ", ") + "))"
}

// keySQL is the identity of a row: its content and its occurrence.
func keySQL(content, occurrence string) string {
	return "cast(md5(" + content + " || chr(31) || " + occurrence + ") as UUID)"
}
