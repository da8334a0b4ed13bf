//go:build duckdb_arrow

package check

import (
	"maps"

	"socialvalue/internal/warehouse"
)

// narrowed lets a check look at the changed days of an incremental relation alone, when it is a check of its rows, or of
// rows of the same day, and it passed on everything else as it stands: its earlier result must be that of the relation
// before the change, and of all else as it is now.
func (o Options) narrowed(check Check, before kept, relations map[string]string) Check {
	change, incremental := o.Changed[check.Relation]
	if !incremental || check.byDay == nil || o.Full || change.Before == "" || before.problem || before.offending > 0 {
		return check
	}
	then := maps.Clone(relations)
	then[check.Relation] = change.Before
	if fingerprint, ok := check.fingerprint(then); !ok || fingerprint != before.fingerprint {
		return check
	}
	rows := "(select * from " + warehouse.Relation(check.Relation) + " where list_contains(" + warehouse.TextList(change.Days) + "::date[], " +
		warehouse.Ident(change.Column) + "))"
	check.rows, check.offences = rows, check.byDay(rows)
	return check
}
