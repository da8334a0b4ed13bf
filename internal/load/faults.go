package load

import (
	"context"
	"strconv"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/warehouse"
)

// faultsTable lists the fields of rows that are no values.
const faultsTable = "svw_faults"

// faults quarantines the rows in which a field has text that is not that of a
// value, as the error of a formula, whatever the contract's column would take.
// The fault stands instead of what else is wrong with that field, or with the
// row when it stands alone. Rows that are no data stay skipped.
func (l *Loader) faults(ctx context.Context, d *document) error {
	if len(d.prepared.Faults) == 0 {
		return nil
	}
	err := l.exec(ctx, "create or replace temp table "+faultsTable+" (row_index bigint, column_name varchar, rule varchar, value varchar, is_alone boolean)")
	if err != nil {
		return err
	}
	const together = 1000
	for faults := d.prepared.Faults; len(faults) > 0; {
		n := min(together, len(faults))
		if err := l.enter(ctx, d, faults[:n]); err != nil {
			return err
		}
		faults = faults[n:]
	}
	return l.exec(ctx, `
delete from `+faultsTable+` where row_index in (select row_index from `+contract.Exceptions+` where verdict <> '`+contract.VerdictBad+`');
delete from `+contract.Violations+`
where (row_index, column_name) in (select (row_index, column_name) from `+faultsTable+`)
   or row_index in (select row_index from `+faultsTable+` where is_alone);
insert into `+contract.Violations+` select row_index, column_name, rule, value from `+faultsTable+`;
insert into `+contract.Exceptions+`
select distinct row_index, '`+contract.VerdictBad+`' from `+faultsTable+`
where row_index not in (select row_index from `+contract.Exceptions+`);
drop table `+faultsTable)
}

// enter lists some faults.
func (l *Loader) enter(ctx context.Context, d *document, faults []landing.Fault) error {
	values := make([]string, len(faults))
	args := make([]any, 0, len(faults))
	for i, fault := range faults {
		values[i] = "(?, " + warehouse.Text(d.fields[fault.Field]) + ", " + warehouse.Text(fault.Rule) + ", " + warehouse.Text(fault.Text) + ", " + strconv.FormatBool(fault.Alone) + ")"
		args = append(args, fault.Row)
	}
	return l.exec(ctx, "insert into "+faultsTable+" values "+strings.Join(values, ", "), args...)
}
