package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"socialvalue/internal/layout"
	"socialvalue/internal/warehouse"
)

// Staging names a temporary table of text columns c0, c1, … and the tables
// that judging it fills.
const (
	Staging    = "svw_staging"    // the file's rows as text, in the file's order
	Exceptions = "svw_exceptions" // row_index, verdict: rows that are no data or are wrong
	Violations = "svw_violations" // row_index, column_name, rule, value: why a row is wrong
	Typed      = "svw_typed"      // row_index and the contract's columns, typed
)

// The verdicts of Exceptions: a skipped row's verdict is skipPrefix and the
// rule's name.
const (
	VerdictBad = "bad"
	SkipPrefix = "skip:"
)

// Source says where the text of a contract column comes from: a field of the
// file, a constant, or nowhere (null).
type Source struct {
	Field    int     // index of the field in the file, or -1
	Constant *string // text used for every row when Field is -1
	// Staged says that the constant is staged with each row, because it is another
	// one in each of the documents that are read together.
	Staged bool
}

// Reading is a contract applied to the layout of one file.
type Reading struct {
	contract    *Contract
	sources     []Source
	mustBeEmpty []int
	nulls       []string
	rules       map[Type]typeRule
}

// NewReading applies a contract to one file: where each of its columns comes
// from (in the contract's order), how the file writes dates and nulls, and which
// of its unnamed fields must be empty in every row.
func NewReading(c *Contract, sources []Source, format layout.Format, mustBeEmpty []int) (*Reading, error) {
	if len(sources) != len(c.Columns) {
		return nil, fmt.Errorf("read %s: %d sources for %d columns", c.Ref(), len(sources), len(c.Columns))
	}
	dates := make([]layout.Date, len(format.Dates))
	for i, text := range format.Dates {
		date, err := layout.ParseDate(text)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", c.Ref(), err)
		}
		dates[i] = date
	}
	// Empty text is null everywhere; only the other texts need a rule.
	nulls := slices.DeleteFunc(slices.Clone(format.Nulls), func(text string) bool { return text == "" })
	return &Reading{contract: c, sources: sources, mustBeEmpty: mustBeEmpty, nulls: nulls, rules: rules(dates)}, nil
}

// Fields lists the fields of the file that are read, ascending.
func (r *Reading) Fields() []int {
	var fields []int
	for i, source := range r.sources {
		if r.isRead(i) {
			fields = append(fields, source.Field)
		}
	}
	fields = append(fields, r.mustBeEmpty...)
	slices.Sort(fields)
	return slices.Compact(fields)
}

// StagingColumn is the name of a field in the staging table.
func StagingColumn(field int) string { return "c" + strconv.Itoa(field) }

// trimmed are the characters trimmed off every text: space, tab, no-break space
// and the other white space that spreadsheets leave.
const trimmed = " \t\n\r\u00a0\u200b"

// Trim takes off a text the white space that staging takes off.
func Trim(text string) string { return strings.Trim(text, trimmed) }

// Field is the field of the file that a column of the contract is read from, or
// -1 when it has none.
func (r *Reading) Field(columnName string) int {
	for i := range r.contract.Columns {
		if r.contract.Columns[i].Name == columnName {
			return r.sources[i].Field
		}
	}
	return -1
}

// StagingItem is the select item that stages a field: its text trimmed, null
// when empty. Trimming costs ten times as much as looking whether there is
// anything to trim, so text that begins with a visible ASCII character and ends
// with no blank is taken as it is.
func StagingItem(field int) string { return stagingItem(field, trimmed) }

// StagingItemOfSpaces is the same for a document in which the space is the only
// blank, for there is no need to look for others.
func StagingItemOfSpaces(field int) string { return stagingItem(field, " ") }

func stagingItem(field int, blanks string) string {
	column := warehouse.Ident(StagingColumn(field))
	asIs := column + " between '!' and '~'"
	for _, blank := range blanks {
		asIs += " and not ends_with(" + column + ", " + character(blank) + ")"
	}
	return "case when " + asIs + " then " + column + " else nullif(trim(" + column + ", " + characters(blanks) + "), '') end as " + column
}

// characters is the SQL of a text by the codes of its characters, so that none
// is invisible in a statement.
func characters(text string) string {
	codes := make([]string, 0, len(text))
	for _, char := range text {
		codes = append(codes, character(char))
	}
	return strings.Join(codes, " || ")
}

func character(char rune) string { return "chr(" + strconv.Itoa(int(char)) + ")" }

// text is the SQL of a column's text as it was staged.
func (r *Reading) text(i int) string {
	source, column := r.sources[i], r.contract.Columns[i]
	var expr string
	switch {
	case source.Field >= 0:
		expr = warehouse.Ident(StagingColumn(source.Field))
	case source.Staged:
		return warehouse.Ident(stagedConstant(i))
	case source.Constant != nil:
		return r.constant(*source.Constant)
	default:
		return "cast(null as VARCHAR)"
	}
	if len(r.nulls) > 0 {
		quoted := make([]string, len(r.nulls))
		for j, null := range r.nulls {
			quoted[j] = "when " + warehouse.Text(null) + " then null"
		}
		expr = "case " + expr + " " + strings.Join(quoted, " ") + " else " + expr + " end"
	}
	if len(column.Recode) > 0 {
		keys := make([]string, 0, len(column.Recode))
		for key := range column.Recode {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		var branches strings.Builder
		for _, key := range keys {
			fmt.Fprintf(&branches, " when %s then %s", warehouse.Text(key), warehouse.Text(column.Recode[key]))
		}
		expr = "case " + expr + branches.String() + " else " + expr + " end"
	}
	return expr
}

// constant is the SQL of a constant as if it had been staged.
func (r *Reading) constant(text string) string {
	constant := strings.Trim(text, trimmed)
	if constant == "" || slices.Contains(r.nulls, constant) {
		return "cast(null as VARCHAR)"
	}
	return warehouse.Text(constant)
}

// textRows is the CTE that gives every staged row as trimmed text under the
// contract's names, restricted by an optional clause.
func (r *Reading) textRows(clause string) string {
	items := make([]string, 0, len(r.contract.Columns)+1)
	items = append(items, "staged.rowid as row_index")
	for i, column := range r.contract.Columns {
		if column.Action != ActionDrop {
			items = append(items, r.text(i)+" as "+warehouse.Ident(column.Name))
		}
	}
	if len(r.mustBeEmpty) > 0 {
		items = append(items, r.outside()+" as "+outsideHeader)
	}
	return "with text_rows as (\n    select " + strings.Join(items, ",\n           ") + "\n    from " + Staging + " as staged" + clause + "\n)\n"
}

// outsideHeader is the text a row carries in fields that have no name.
const outsideHeader = "svw_outside_header"

func (r *Reading) outside() string {
	fields := make([]string, len(r.mustBeEmpty))
	for i, field := range r.mustBeEmpty {
		fields[i] = warehouse.Ident(StagingColumn(field))
	}
	return "nullif(concat_ws('', " + strings.Join(fields, ", ") + "), '')"
}

// violation is one way a column can be wrong.
type violation struct {
	column string
	rule   string
	when   string
	found  string // what the pass over all rows asks instead; empty: when
}

// violations lists every way a row can be wrong, in the contract's order.
func (r *Reading) violations() []violation {
	var list []violation
	for i := range r.contract.Columns {
		column := &r.contract.Columns[i]
		name := warehouse.Ident(column.Name)
		rule := r.rules[column.Type]
		add := func(code, when string) {
			list = append(list, violation{column: column.Name, rule: code, when: when})
		}
		if column.Required {
			add("required", name+" is null"+r.unlessDeleted(column.Name))
		}
		if (r.sources[i].Field < 0 && r.sources[i].Constant == nil) || column.Action == ActionDrop {
			continue
		}
		typed := rule.read(name)
		if rule.pattern != "" {
			matches := "regexp_full_match(" + name + ", " + warehouse.Text(rule.pattern) + ")"
			add("not_"+string(column.Type), "not "+matches)
			if rule.canBeImpossible {
				add("impossible_"+string(column.Type), matches+" and "+typed+" is null")
				// The pass over all rows asks for both at once, so that the pattern is matched once.
				list[len(list)-2].found = "case when " + name + " is null then false when " + matches + " then " + typed + " is null else true end"
				list[len(list)-1].found = "false"
			}
		}
		if len(column.Values) > 0 {
			add("not_allowed", "not ("+typed+" in ("+quotedList(column.Values)+"))")
		}
		if column.Pattern != "" {
			text := name
			if column.Type == TypeCode {
				text = typed // as it is stored, and as values are compared
			}
			add("wrong_form", "not regexp_full_match("+text+", "+warehouse.Text(column.Pattern)+")")
		}
		if least, ok := column.Min.sql(column.Type); ok {
			add("below_minimum", typed+" < "+least)
		}
		if greatest, ok := column.Max.sql(column.Type); ok {
			add("above_maximum", typed+" > "+greatest)
		}
		if column.Numeric && r.isRead(i) {
			list = append(list, column.lostDigits())
		}
		if unfit, ok := r.actionViolation(i); ok {
			list = append(list, unfit)
		}
	}
	if len(r.mustBeEmpty) > 0 {
		list = append(list, violation{column: outsideHeader, rule: "outside_header", when: outsideHeader + " is not null"})
	}
	return list
}

// unlessDeleted lets a row that takes its key away leave out what only a living
// one must have.
func (r *Reading) unlessDeleted(column string) string {
	load := r.contract.Load
	if load.Deleted == nil || slices.Contains(append([]string{load.Newest, load.Deleted.Column}, load.Key...), column) {
		return ""
	}
	marker := r.contract.Column(load.Deleted.Column)
	return " and not coalesce(" + load.Deleted.when(r.rules[marker.Type].read(warehouse.Ident(marker.Name))) + ", false)"
}

// when is the condition, over the SQL of the marker's value, that a row takes
// its key away.
func (d *Deleted) when(value string) string {
	return "cast(" + value + " as VARCHAR) in (" + quotedList(d.Values) + ")"
}

// When is the condition, over a table of typed rows, that a row takes its key
// away.
func (d *Deleted) When(table string) string { return d.when(table + "." + warehouse.Ident(d.Column)) }

func quotedList(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = warehouse.Text(value)
	}
	return strings.Join(quoted, ", ")
}

// ExceptionsSQL creates the table of rows that are no data or are wrong. It is
// the one pass that matches every pattern.
func (r *Reading) ExceptionsSQL() string {
	allNull := make([]string, 0, len(r.contract.Columns))
	for i, column := range r.contract.Columns {
		if r.isRead(i) {
			allNull = append(allNull, warehouse.Ident(column.Name)+" is null")
		}
	}
	blank := "(" + strings.Join(allNull, " and ") + ")"
	if len(r.mustBeEmpty) > 0 {
		blank = "(" + blank + " and " + outsideHeader + " is null)"
	}
	verdict := "when " + blank + " then '" + SkipPrefix + SkipBlank + "'"
	found := []string{blank}
	for _, skip := range r.contract.Skip {
		if skip.Rule == SkipBlank {
			continue
		}
		when := "coalesce((" + skip.When + "), false)"
		verdict += "\n           when " + when + " then " + warehouse.Text(SkipPrefix+skip.Rule)
		found = append(found, when)
	}
	for _, v := range r.violations() {
		switch v.found {
		case "":
			found = append(found, "coalesce(("+v.when+"), false)")
		case "false":
		default:
			found = append(found, v.found)
		}
	}
	return "create or replace temp table " + Exceptions + " as\n" + r.textRows("") +
		"select row_index,\n       case " + verdict + "\n           else '" + VerdictBad + "' end as verdict\nfrom text_rows\nwhere " +
		strings.Join(found, "\n   or ")
}

// SkipSQL counts the rows that a skip rule takes for no data.
func (r *Reading) SkipSQL(skip SkipRule) string {
	return r.textRows("") + "select count(*) from text_rows where coalesce((" + skip.When + "), false)"
}

// noViolations are its columns and no rows.
const noViolations = "select cast(null as BIGINT) as row_index, '' as column_name, '' as rule, '' as value where false"

// NoViolationsSQL creates the table of reasons where no row is wrong: DuckDB takes
// longer to plan the other statement than to read a day of journeys.
func NoViolationsSQL() string {
	return "create or replace temp table " + Violations + " as\n" + noViolations
}

// ViolationsSQL creates the table of reasons why rows are wrong. Values of
// personal columns are replaced by dots.
func (r *Reading) ViolationsSQL() string {
	clause := "\n    where staged.rowid in (select row_index from " + Exceptions + " where verdict = '" + VerdictBad + "')"
	parts := []string{noViolations}
	for _, v := range r.violations() {
		value := "left(" + warehouse.Ident(v.column) + ", 100)"
		if !r.contract.Shows(strings.TrimPrefix(v.column, outsideHeader)) {
			value = "repeat('•', least(length(" + warehouse.Ident(v.column) + "), 8)::BIGINT)"
		}
		parts = append(parts, "select row_index, "+warehouse.Text(strings.TrimPrefix(v.column, outsideHeader))+", "+warehouse.Text(v.rule)+", "+value+
			" from text_rows where "+v.when)
	}
	return "create or replace temp table " + Violations + " as\n" + r.textRows(clause) + strings.Join(parts, "\nunion all ")
}

// TypedSQL creates the table of typed rows: every staged row that is no
// exception.
func (r *Reading) TypedSQL(withExceptions bool) string {
	return "create or replace temp table " + Typed + " as\n" + r.TypedRows(withExceptions)
}

// TypedRows is the query of the typed rows, for a reader that needs no table of
// them. withExceptions spares the join when there are none.
func (r *Reading) TypedRows(withExceptions bool) string {
	clause := ""
	if withExceptions {
		clause = "\n    where staged.rowid not in (select row_index from " + Exceptions + ")"
	}
	items, joins := []string{"row_index"}, ""
	for i := range r.contract.Columns {
		stored, join := r.storedItems(i)
		items = append(items, stored...)
		joins += join
	}
	return r.textRows(clause) + "select " + strings.Join(items, ",\n       ") + "\nfrom text_rows" + joins
}

// typed is the SQL of a column's typed value, from its text.
func (r *Reading) typed(i int) string {
	column := &r.contract.Columns[i]
	rule := r.rules[column.Type]
	return "cast(" + rule.read(warehouse.Ident(column.Name)) + " as " + rule.sqlType + ")"
}

// ControlSQL gives, over the rows that are no typed rows: the sum of a money
// column of quarantined rows that can be read (quarantined_gbp), how many of
// them cannot (unreadable), how many rows carry a total (footers) and the last
// such total (footer_gbp), and how many total rows carry text that is none
// (unreadable_footers) or nothing (empty_footers).
func (r *Reading) ControlSQL(column string) string {
	name := warehouse.Ident(column)
	rule := r.rules[TypeMoney]
	readable := "coalesce(regexp_full_match(" + name + ", " + warehouse.Text(rule.pattern) + "), false)"
	bad := "verdict = '" + VerdictBad + "'"
	footer := "verdict = '" + SkipPrefix + SkipTotal + "'"
	total := footer + " and " + readable
	amount := rule.read(name)
	return r.textRows("\n    where staged.rowid in (select row_index from "+Exceptions+")") +
		"select coalesce(sum(" + amount + ") filter (where " + bad + " and " + readable + "), 0) as quarantined_gbp,\n" +
		"       count(*) filter (where " + bad + " and not " + readable + ") as unreadable,\n" +
		"       count(*) filter (where " + total + ") as footers,\n" +
		"       arg_max(" + amount + ", row_index) filter (where " + total + ") as footer_gbp,\n" +
		"       count(*) filter (where " + footer + " and " + name + " is not null and not " + readable + ") as unreadable_footers,\n" +
		"       count(*) filter (where " + footer + " and " + name + " is null) as empty_footers\n" +
		"from text_rows join " + Exceptions + " using (row_index)"
}

// Accepts tells a person what a column accepts, for the message about a value
// that broke a rule. The layout's dates are named.
func (r *Reading) Accepts(columnName, rule string) string {
	return explain(r.contract, r.rules, columnName, rule)
}

// Explain tells a person what a rule of the contract wants, without the dates
// of a layout.
func Explain(c *Contract, columnName, rule string) string {
	return explain(c, rules(nil), columnName, rule)
}

func explain(c *Contract, known map[Type]typeRule, columnName, rule string) string {
	switch rule {
	case "too_few_fields":
		return "the row has fewer fields than the header: look for a missing delimiter"
	case "too_many_fields":
		return "the row has more fields than the header: look for an unquoted delimiter in a text"
	case "malformed_quote":
		return "text follows a closing quote: double the quotes inside the text"
	case "nul_byte":
		return "the row holds a byte 0: export the file again"
	case "outside_header":
		return "the row has a value in a column without a name: give the column a name or empty it"
	case "formula_error":
		return "the formula in this cell gives an error: correct it in the workbook, or list the error under nulls of the layout if it means no value"
	case "formula_not_calculated":
		return "the formula in this cell has no stored result: open the workbook, save it and send it again"
	case DigitsLost:
		return "a number of more than 15 digits has lost some in Excel: keep such codes as text"
	case "merged_number":
		return "this number is merged over several rows: write each row's own"
	case "repeated_key":
		return "an earlier row of the file has the same key: keep one of the two"
	}
	column := c.Column(columnName)
	if column == nil {
		return explainCheck(c, rule)
	}
	switch rule {
	case "required":
		return "a value is required"
	case "not_allowed":
		return "allowed are " + strings.Join(column.Values, ", ")
	case "wrong_form":
		return "must have the form " + column.Pattern
	case "below_minimum":
		return "must be " + string(column.Min) + " or more"
	case "above_maximum":
		return "must be " + string(column.Max) + " or less"
	case "no_identifier":
		if column.Numeric {
			return "must be a number: digits, and nothing between them but blanks, hyphens, full stops and slashes"
		}
		return "must be an identifier"
	case wrongCheckDigit:
		return "its last digit does not follow from the others: a digit is wrong, or two have changed places"
	case "born_later":
		return "the day of birth is after " + column.Band.AgeAt
	}
	if column.Type == TypeDate && len(known) > 0 && rule == "impossible_date" {
		return "there is no such day"
	}
	return "must be " + known[column.Type].accepts
}

// explainCheck tells which columns of a row contradict each other, and what to
// do.
func explainCheck(c *Contract, name string) string {
	i := slices.IndexFunc(c.Checks, func(check RowCheck) bool { return check.Name == name })
	if i < 0 {
		return "the row breaks the contract's check " + name
	}
	check := c.Checks[i]
	remedy := check.Remedy
	if remedy == "" {
		remedy = "correct " + strings.Join(c.namedIn(check.When, stored), " or ") + " where the file comes from"
	}
	return "the row breaks the contract's check " + name + " (" + check.When + "): " + remedy
}
