package load

import (
	"context"
	"fmt"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/warehouse"
)

// judge sorts the staged rows into typed rows, rows skipped by rule and rows
// that are wrong, proves that none disappeared, and refuses the document when
// too much of it is wrong.
func (l *Loader) judge(ctx context.Context, d *document) error {
	d.begin()
	if err := l.sortRows(ctx, d); err != nil {
		return err
	}
	return l.account(ctx, d)
}

// begin writes down what preparing the document found.
func (d *document) begin() {
	d.record.Records = d.prepared.Records
	if d.prepared.Blanks > 0 {
		d.record.Skipped[contract.SkipBlank] = d.prepared.Blanks
	}
	for what, n := range d.prepared.Notes {
		d.warn(what, n)
	}
}

// account proves that no row disappeared, and holds the document against its own
// totals and the contract's limits.
func (l *Loader) account(ctx context.Context, d *document) error {
	if err := d.record.checkEquation(); err != nil {
		return &Refusal{File: d.label, Reason: err.Error(), Remedy: "keep the file and report it with the version of svw; the other files go on"}
	}
	if err := l.controls(ctx, d); err != nil {
		return err
	}
	return d.limits(ctx, l)
}

// sortRows sorts the staged rows and counts them.
func (l *Loader) sortRows(ctx context.Context, d *document) error {
	if err := l.exceptions(ctx, d); err != nil {
		return fmt.Errorf("judge the rows of %s: %w", d.label, err)
	}
	if err := l.refuseLostDigits(ctx, d); err != nil {
		return err
	}
	if err := l.rowChecks(ctx, d, d); err != nil {
		return fmt.Errorf("check the rows of %s: %w", d.label, err)
	}
	if err := l.repeatedKeys(ctx, d); err != nil {
		return fmt.Errorf("check the keys of %s: %w", d.label, err)
	}
	if err := l.count(ctx, d); err != nil {
		return fmt.Errorf("count the rows of %s: %w", d.label, err)
	}
	return nil
}

// refuseLostDigits refuses a document in which a spreadsheet rounded numbers that stand for people: what is lost cannot be
// found again, and rows that show nothing may have lost theirs too.
func (l *Loader) refuseLostDigits(ctx context.Context, d *document) error {
	var rows int64
	var column string
	err := l.one(ctx, "select count(*), coalesce(min(column_name), '') from "+contract.Violations+" where rule = ?",
		[]any{contract.DigitsLost}, &rows, &column)
	if err != nil {
		return fmt.Errorf("look for rounded numbers in %s: %w", d.label, err)
	}
	if found := d.source.Contract.Column(column); rows == 0 || found == nil || !found.Numeric {
		return nil
	}
	return &Refusal{
		File:   d.label,
		Reason: fmt.Sprintf("%d numbers in column %s are written like 6.3E+17: a spreadsheet has taken their last digits away", rows, column),
		Remedy: "ask the sender for the file as it left the other system; nothing can bring the digits back",
	}
}

// exceptions fills the exceptions, violations and typed tables.
func (l *Loader) exceptions(ctx context.Context, d *document) error {
	if err := l.exec(ctx, d.reading.ExceptionsSQL()); err != nil {
		return l.skipTrouble(ctx, d, err)
	}
	var bad int64
	if err := l.one(ctx, "select count(*) from "+contract.Exceptions+" where verdict = '"+contract.VerdictBad+"'", nil, &bad); err != nil {
		return err
	}
	reasons := contract.NoViolationsSQL()
	if bad > 0 {
		reasons = d.reading.ViolationsSQL()
	}
	if err := l.exec(ctx, reasons); err != nil {
		return err
	}
	if err := l.faults(ctx, d); err != nil {
		return err
	}
	if err := l.standIns(ctx, d); err != nil {
		return err
	}
	var exceptions int64
	if err := l.one(ctx, "select count(*) from "+contract.Exceptions, nil, &exceptions); err != nil {
		return err
	}
	// What is read more than once is typed once and kept. Where nothing but the
	// object needs the typed rows, they are typed on the way there.
	if !d.isSeveral && !readsTyped(d.source.Contract) {
		d.typed = "(\n" + d.reading.TypedRows(exceptions > 0) + "\n)"
		return nil
	}
	d.typed = contract.Typed
	if err := l.exec(ctx, d.reading.TypedSQL(exceptions > 0)); err != nil {
		return err
	}
	// Joins may leave the rows in another order; looking costs less than sorting them.
	return l.one(ctx, "select count(*) = 0 from (select row_index < lag(row_index) over () as is_back from "+contract.Typed+") where is_back", nil, &d.inOrder)
}

// readsTyped says whether judging a contract's rows reads them typed: for its
// checks, keys or totals.
func readsTyped(c *contract.Contract) bool {
	return identified(c) || len(c.Checks) > 0 || len(c.Control) > 0
}

// rowChecks applies the contract's conditions over typed rows: to all that were
// staged together, and what only warns to each document.
func (l *Loader) rowChecks(ctx context.Context, staged *document, each ...*document) error {
	for _, check := range staged.source.Contract.Checks {
		when := "coalesce((" + check.When + "), false)"
		if check.Severity != "warn" {
			if err := l.expel(ctx, check.Name, "select row_index from "+staged.typed+" where "+when); err != nil {
				return staged.ruleTrouble("the check "+check.Name, err)
			}
			continue
		}
		for _, d := range each {
			var n int64
			if err := l.one(ctx, "select count(*) from "+d.typed+" where "+when, nil, &n); err != nil {
				return d.ruleTrouble("the check "+check.Name, err)
			}
			if n > 0 {
				d.warn(check.Name, n)
			}
		}
	}
	return nil
}

// warn records something odd that hinders nothing.
func (d *document) warn(what string, n int64) {
	if d.record.Warnings == nil {
		d.record.Warnings = map[string]int64{}
	}
	d.record.Warnings[what] = n
}

// repeatedKeys quarantines every row whose key an earlier row of the file has.
// Where a column says which row of a key is newest, a file may hold several, and
// only those of the same moment contradict each other.
func (l *Loader) repeatedKeys(ctx context.Context, d *document) error {
	c := d.source.Contract
	if c.Load.Identity != contract.IdentityKey {
		return nil
	}
	keys := make([]string, 0, len(c.Load.Key)+1)
	for _, key := range c.Load.Key {
		keys = append(keys, warehouse.Ident(key))
	}
	if c.Load.Newest != "" {
		keys = append(keys, warehouse.Ident(c.Load.Newest))
	}
	key := strings.Join(keys, ", ")
	// Counting keys is much cheaper than ranking rows, and mostly none repeats.
	var repeated bool
	if err := l.one(ctx, "select count(*) <> count(distinct ("+key+")) from "+d.typed, nil, &repeated); err != nil || !repeated {
		return err
	}
	return l.expel(ctx, "repeated_key", "select row_index from "+d.typed+
		" qualify row_index <> min(row_index) over (partition by "+key+")")
}

// expel moves typed rows to the quarantine under a rule.
func (l *Loader) expel(ctx context.Context, rule, rows string) error {
	return l.exec(ctx, "create or replace temp table svw_expelled as "+rows+";\n"+
		"insert into "+contract.Exceptions+" select row_index, '"+contract.VerdictBad+"' from svw_expelled;\n"+
		"insert into "+contract.Violations+" select row_index, '', "+warehouse.Text(rule)+", null from svw_expelled;\n"+
		"delete from "+contract.Typed+" where row_index in (select row_index from svw_expelled);\n"+
		"drop table svw_expelled")
}

// count fills the record's counts from the tables.
func (l *Loader) count(ctx context.Context, d *document) (err error) {
	if err := l.one(ctx, "select count(*) from "+d.typed, nil, &d.record.Rows); err != nil {
		return err
	}
	rows, err := l.DB.Query(ctx, "select verdict, count(*) from "+d.own(contract.Exceptions)+" group by verdict order by verdict")
	if err != nil {
		return warehouse.Scrub(err)
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	d.record.Quarantined = int64(len(d.prepared.Rejects))
	for rows.Next() {
		var verdict string
		var n int64
		if err := rows.Scan(&verdict, &n); err != nil {
			return err
		}
		if rule, ok := strings.CutPrefix(verdict, contract.SkipPrefix); ok {
			d.record.Skipped[rule] += n
		} else {
			d.record.Quarantined += n
		}
	}
	return warehouse.Scrub(rows.Err())
}

// controls compares each control total with the file's own.
func (l *Loader) controls(ctx context.Context, d *document) error {
	for _, control := range d.source.Contract.Control {
		result := ControlResult{Column: control.Sum, Unreadable: int64(len(d.prepared.Rejects))}
		column := warehouse.Ident(control.Sum)
		if err := l.one(ctx, "select cast(cast(coalesce(sum("+column+"), 0) as DECIMAL(38,2)) as VARCHAR) from "+d.typed, nil, &result.SumRows); err != nil {
			return fmt.Errorf("sum %s of %s: %w", control.Sum, d.label, err)
		}
		var unreadable int64
		var found footers
		var footer, difference string
		err := l.one(ctx, "with sums as (\n"+d.reading.ControlSQL(control.Sum)+"\n)\n"+
			"select cast(quarantined_gbp as VARCHAR), unreadable, footers, unreadable_footers, empty_footers, cast(coalesce(footer_gbp, 0) as VARCHAR),\n"+
			"       cast(coalesce(footer_gbp, 0) - quarantined_gbp - cast(? as DECIMAL(38,2)) as VARCHAR) from sums",
			[]any{result.SumRows}, &result.SumQuarantined, &unreadable, &found.readable, &found.unreadable, &found.empty, &footer, &difference)
		if err != nil {
			return fmt.Errorf("sum %s of %s: %w", control.Sum, d.label, err)
		}
		result.Unreadable += unreadable
		if err := d.expectFooter(control, found); err != nil {
			return err
		}
		if control.From == contract.ControlFooter && found.readable > 0 {
			result.Footer, result.Difference = footer, difference
		}
		d.record.Controls = append(d.record.Controls, result)
		if result.Difference != "" && !isZero(result.Difference) && result.Unreadable == 0 {
			return &Refusal{
				File:   d.label,
				Reason: fmt.Sprintf("the rows' %s add up to %s less quarantined %s, but the file's own total is %s (difference %s)", control.Sum, result.SumRows, result.SumQuarantined, result.Footer, result.Difference),
				Remedy: d.totalRemedy(control.Sum),
			}
		}
	}
	return nil
}

// footers counts a document's total rows by what stands in the control column.
type footers struct{ readable, unreadable, empty int64 }

// totalMissing is the warning about a document without a total of its own.
const totalMissing = "control_total_missing"

// expectFooter refuses a document whose own total cannot be read, or is missing
// where the contract requires one.
func (d *document) expectFooter(control contract.Control, found footers) error {
	if control.From != contract.ControlFooter {
		return nil
	}
	switch {
	case found.unreadable > 0, found.readable == 0 && found.empty > 0:
		return &Refusal{
			File: d.label, Reason: "it has a total row, but its " + control.Sum + " cannot be read as an amount",
			Remedy: "ask the sender for the file with its total, or remove the row",
		}
	case found.readable > 0:
	case control.Required:
		return &Refusal{
			File: d.label, Reason: "it has no total row, and the contract requires one for " + control.Sum,
			Remedy: "ask the sender for the whole file: its end may be missing",
		}
	default:
		d.warn(totalMissing, 1)
	}
	return nil
}

func isZero(amount string) bool {
	return strings.Trim(amount, "-0.") == ""
}

// limits refuses a document of which too much is wrong or too little is there.
func (d *document) limits(ctx context.Context, l *Loader) error {
	c, record := d.source.Contract, d.record
	data := record.Records - record.SkippedTotal()
	allowed := c.MostQuarantined(data)
	nothingRight := record.Quarantined > 0 && record.Rows == 0
	if record.Quarantined > allowed || nothingRight {
		reasons, line, err := l.worst(ctx, d)
		if err != nil {
			return fmt.Errorf("list the reasons of %s: %w", d.label, err)
		}
		return &Refusal{
			File: d.label, Line: line,
			Reason: fmt.Sprintf("%d of %d rows are wrong, more than the contract allows (%d): %s", record.Quarantined, data, allowed, reasons),
			Remedy: "mend the file or its layout",
		}
	}
	if fewest := c.FewestRows(); record.Rows < fewest {
		return &Refusal{
			File:   d.label,
			Reason: fmt.Sprintf("%d rows, fewer than the contract's least of %d", record.Rows, fewest),
			Remedy: "ask the sender for the whole file",
		}
	}
	return nil
}
