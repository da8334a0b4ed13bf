//go:build duckdb_arrow

package warehouse

import (
	"context"
	"errors"
	"regexp"
	"strings"
)

// QueryError is an error of DuckDB without the values of the data that its text quotes.
type QueryError struct{ Text string }

func (e *QueryError) Error() string { return e.Text }

// Scrub takes the values out of an error of DuckDB: they may be about people. A cancelled context stays recognisable.
func Scrub(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case strings.HasPrefix(err.Error(), "INTERRUPT Error"):
		return context.Canceled
	}
	return &QueryError{scrubText(err.Error())}
}

func scrubText(text string) string {
	text, _, _ = strings.Cut(text, "\n") // what follows quotes the statement, or the row
	kind, message, ok := strings.Cut(text, ": ")
	if !ok {
		kind, message = "", text
	}
	switch kind {
	case "Out of Memory Error", "IO Error", "Binder Error", "Catalog Error", "Parser Error", "TransactionContext Error":
		return text // these speak of names and sizes, never of values
	}
	message = regexp.MustCompile(`'(?:[^']|'')*'?|"(?:[^"]|"")*"?`).ReplaceAllString(message, "…")
	message = regexp.MustCompile(`[-+]?\b\d[\d.,:eE+-]*\b`).ReplaceAllString(message, "…")
	return strings.TrimPrefix(kind+": "+message, ": ")
}
