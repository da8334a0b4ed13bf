//go:build duckdb_arrow

package difference

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"socialvalue/internal/figure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/warehouse"
)

// rowsTold is how many rows are told of a cause.
const rowsTold = 20

// traced is the table of the rows that changed between two releases.
const traced = "changed_rows"

// tracer finds what changed of the rows behind the figures of one headline.
type tracer struct {
	c    *comparison
	rows *figure.Rows
	told bool
}

// tracer lays out the rows of a headline's row-level dataset that are new, gone
// or changed. It is nil, with the reason, when they cannot be compared.
func (c *comparison) tracer(ctx context.Context, of manifest.DatasetRecord, rows *figure.Rows) (*tracer, string, error) {
	if rows == nil {
		return nil, "", nil
	}
	before, was := c.from.Dataset(rows.Dataset)
	after, is := c.to.Dataset(rows.Dataset)
	if !was || !is {
		return nil, rows.Dataset + " does not stand in both releases", nil
	}
	if len(of.People) > 0 && !c.told(after) {
		return nil, "not traced to rows: they are of people; ask for their tier", nil
	}
	old, oldProblem := c.file(c.from, before)
	current, newProblem := c.file(c.to, after)
	if problem := oldProblem + newProblem; problem != "" {
		return nil, "not traced to rows: " + problem, nil
	}
	both := shared(before, after)
	needed := append(slices.Clone(after.Key), rows.Same...)
	for _, column := range rows.Match {
		needed = append(needed, column)
	}
	for _, column := range []string{rows.File, rows.Line, rows.Amount} {
		if column != "" {
			needed = append(needed, column)
		}
	}
	for _, change := range rows.Changes {
		needed = append(needed, change.Columns...)
		if change.Per != "" {
			needed = append(needed, change.Per)
		}
	}
	for _, column := range needed {
		if !both[column] {
			return nil, "not traced to rows: column " + column + " of " + rows.Dataset + " is another now", nil
		}
	}
	statement := "create or replace temp table " + traced + " as select " + strings.Join(tracedColumns(rows), ", ") +
		" from " + side(old, current, after.Key, rows) + " as a full join " + side(current, old, after.Key, rows) + " as b on a.pair_key = b.pair_key" +
		" where a.is_here is null or b.is_here is null or a.belongs is distinct from b.belongs or " + differs(rows)
	if _, err := c.db.Exec(ctx, statement); err != nil {
		return nil, "", err
	}
	return &tracer{c, rows, c.told(after)}, "", nil
}

// side is one release's rows, with whether each belongs to a figure and to which,
// and with what pairs it with its row in the other release: its key, or, where
// the other has no such key, the columns by which it is known again.
func side(file, other string, key []string, rows *figure.Rows) string {
	condition := rows.When
	if condition == "" {
		condition = "true"
	}
	var match []string
	for _, column := range matched(rows) {
		match = append(match, rows.Match[column])
	}
	pair := "'key ' || key_text"
	if len(rows.Same) > 0 {
		pair = "case when key_text in (select " + jsonOf(key) + " from " + other + ") then " + pair +
			" else 'same ' || same_text || ' ' || row_number() over (partition by same_text, key_text in (select " + jsonOf(key) + " from " + other + ") order by key_text) end"
	}
	return "(select *, true as is_here, " + pair + " as pair_key from (select *, case when " + condition + " then " + jsonOf(match) + " end as belongs, " +
		jsonOf(key) + " as key_text, " + jsonOf(rows.Same) + " as same_text from " + file + "))"
}

// jsonOf is a text that is the same where the columns are the same.
func jsonOf(columns []string) string {
	texts := make([]string, len(columns))
	for i, column := range columns {
		texts[i] = "cast(" + warehouse.Ident(column) + " as varchar)"
	}
	return "to_json([" + strings.Join(texts, ", ") + "]::varchar[])::varchar"
}

// tracedColumns are what is kept of a changed row.
func tracedColumns(rows *figure.Rows) []string {
	optional := func(column string) string {
		if column == "" {
			return "null"
		}
		return "cast(coalesce(b." + warehouse.Ident(column) + ", a." + warehouse.Ident(column) + ") as varchar)"
	}
	kind := "case when a.is_here is null then 'new' when b.is_here is null then 'gone'"
	per := "case when false then null"
	said := "case when false then null"
	for i, change := range rows.Changes {
		condition := anyDiffers(change.Columns)
		kind += " when " + condition + " then " + warehouse.Text(strconv.Itoa(i))
		if change.Per != "" {
			per += " when a.is_here and b.is_here and " + condition + " then " + optional(change.Per)
		} else {
			per += " when a.is_here and b.is_here and " + condition + " then null"
		}
		var steps []string
		for _, column := range change.Columns {
			name := warehouse.Ident(column)
			steps = append(steps, "case when a."+name+" is distinct from b."+name+" then "+warehouse.Text(column+": ")+
				" || coalesce(cast(a."+name+" as varchar), 'none') || ' → ' || coalesce(cast(b."+name+" as varchar), 'none') end")
		}
		said += " when a.is_here and b.is_here and " + condition + " then concat_ws('; ', " + strings.Join(steps, ", ") + ")"
	}
	return []string{
		kind + " else 'other' end as kind", per + " end as per", said + " end as said",
		optional(rows.File) + " as file_name", optional(rows.Line) + " as line", optional(rows.Amount) + " as amount",
		"a.belongs as belonged", "b.belongs as belongs",
	}
}

func anyDiffers(columns []string) string {
	parts := []string{"false"}
	for _, column := range columns {
		name := warehouse.Ident(column)
		parts = append(parts, "a."+name+" is distinct from b."+name)
	}
	return "(" + strings.Join(parts, " or ") + ")"
}

// differs is true of rows that changed in a way that is told.
func differs(rows *figure.Rows) string {
	parts := []string{"false"}
	for _, change := range rows.Changes {
		parts = append(parts, anyDiffers(change.Columns))
	}
	return "(" + strings.Join(parts, " or ") + ")"
}

// causes tells what changed of the rows of one figure, in the order of the
// definition: new, gone, changed in each way, and otherwise.
func (t *tracer) causes(ctx context.Context, belongs string) ([]Cause, error) {
	condition := " from " + traced + " where (belonged = " + warehouse.Text(belongs) + " or belongs = " + warehouse.Text(belongs) + ")"
	counts, err := t.c.table(ctx, "select kind, cast(count(*) as varchar), cast(count(distinct per) as varchar)"+condition+" group by kind", 3)
	if err != nil {
		return nil, err
	}
	found := map[string][2]int64{}
	for _, row := range counts {
		rows, _ := strconv.ParseInt(text(row[1]), 10, 64) // a count
		per, _ := strconv.ParseInt(text(row[2]), 10, 64)
		found[text(row[0])] = [2]int64{rows, per}
	}
	causes := []Cause{}
	add := func(kind string, words figure.Words, per bool) error {
		n, ok := found[kind]
		if !ok {
			return nil
		}
		cause := Cause{Count: n[0]}
		if per {
			cause.Count = n[1]
		}
		cause.Text = words.Of(cause.Count)
		if t.told {
			rows, err := t.c.table(ctx, "select file_name, line, amount, said"+condition+" and kind = "+warehouse.Text(kind)+
				" order by file_name, try_cast(line as bigint), line, amount, said limit "+fmt.Sprint(rowsTold), 4)
			if err != nil {
				return err
			}
			for _, row := range rows {
				cause.Rows = append(cause.Rows, Row{File: text(row[0]), Line: text(row[1]), Amount: text(row[2]), Text: text(row[3])})
			}
		}
		causes = append(causes, cause)
		return nil
	}
	if err := add("new", t.rows.New, false); err != nil {
		return nil, err
	}
	if err := add("gone", t.rows.Gone, false); err != nil {
		return nil, err
	}
	for i, change := range t.rows.Changes {
		if err := add(strconv.Itoa(i), change.Say, change.Per != ""); err != nil {
			return nil, err
		}
	}
	return causes, add("other", figure.Words{"row that counts otherwise", "rows that count otherwise"}, false)
}
