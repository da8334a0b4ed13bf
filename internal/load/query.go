package load

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/warehouse"
)

// exec runs statements over a document's rows. No value is in its error.
func (l *Loader) exec(ctx context.Context, query string, args ...any) error {
	_, err := l.DB.Exec(ctx, query, args...)
	return warehouse.Scrub(err)
}

// one runs a query over a document's rows that gives one row. No value is in
// its error.
func (l *Loader) one(ctx context.Context, query string, args []any, dest ...any) error {
	return warehouse.Scrub(l.DB.One(ctx, query, args, dest...))
}

// aboutValues says whether the database could not work with a value: another
// file would do. Anything else is trouble of the machine or of the SQL itself.
func aboutValues(err error) bool {
	var failed *warehouse.QueryError
	if !errors.As(err, &failed) {
		return false
	}
	for _, kind := range []string{"Conversion Error", "Invalid Input Error", "Out of Range Error"} {
		if strings.HasPrefix(failed.Text, kind) {
			return true
		}
	}
	return false
}

// ruleTrouble makes the failure of a contract's rule on a value a refusal that
// names the rule.
func (d *document) ruleTrouble(rule string, err error) error {
	if !aboutValues(err) {
		return fmt.Errorf("%s of contract %s: %w", rule, d.source.Contract.Ref(), err)
	}
	return &Refusal{
		File:   d.label,
		Reason: fmt.Sprintf("%s of contract %s cannot be worked out for a value: %v", rule, d.source.Contract.Ref(), err),
		Remedy: "mend the rule so that it holds for any value, for example with try_cast",
	}
}

// skipTrouble finds the skip rule on which sorting the rows failed.
func (l *Loader) skipTrouble(ctx context.Context, d *document, err error) error {
	if !aboutValues(err) {
		return err
	}
	for _, skip := range d.source.Contract.Skip {
		if skip.Rule == contract.SkipBlank {
			continue
		}
		var n int64
		if failed := l.one(ctx, d.reading.SkipSQL(skip), nil, &n); failed != nil {
			return d.ruleTrouble("the skip rule "+skip.Rule, failed)
		}
	}
	return err
}
