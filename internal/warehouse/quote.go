//go:build duckdb_arrow

package warehouse

import (
	"errors"
	"strings"
)

// Ident quotes a name for use as an SQL identifier.
func Ident(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Relation quotes "schema.name" (or "catalog.schema.name") part by part.
func Relation(name string) string {
	parts := strings.Split(name, ".")
	for i, part := range parts {
		parts[i] = Ident(part)
	}
	return strings.Join(parts, ".")
}

// Text quotes a value as an SQL text literal.
func Text(value string) string {
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}

// TextList quotes values as an SQL list of text literals.
func TextList(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = Text(value)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// joinClose keeps the first error in front when closing failed as well.
func joinClose(err, closeErr error) error {
	if closeErr == nil {
		return err
	}
	return errors.Join(err, closeErr)
}
