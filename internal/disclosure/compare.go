//go:build duckdb_arrow

package disclosure

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"socialvalue/internal/warehouse"
)

// CellColumns are the columns of a query of cells, as Cells writes it.
const CellColumns = "dataset, cell_key, column_name, shown_value, state"

// States of a cell.
const (
	stateShown    = "shown"
	stateWithheld = "withheld"
	stateEmpty    = "empty" // nothing there to show
	stateGone     = "gone"  // its row is no longer published
)

// NamedWithheld is SQL that is true in the rows that name a column as withheld.
func NamedWithheld(column string) string {
	return "coalesce(list_contains(string_split(replace(" + WithheldColumn + ", ' ', ''), ','), " + warehouse.Text(column) + "), false)"
}

// Cells is a query of every cell of a published table: one row for each value
// beside the key.
func Cells(dataset, from string, key []string, columns []Column) string {
	has := func(name string) bool {
		return slices.ContainsFunc(columns, func(c Column) bool { return c.Name == name })
	}
	var cells []string
	for _, column := range columns {
		if slices.Contains(key, column.Name) || column.Name == WithheldColumn || column.Name == SuppressedColumn {
			continue
		}
		name := warehouse.Ident(column.Name)
		state := "case when " + name + " is not null then '" + stateShown + "'"
		if has(WithheldColumn) {
			state += " when " + NamedWithheld(column.Name) + " then '" + stateWithheld + "'"
		}
		if has(SuppressedColumn) && isMeasure(column.Type) {
			state += " when " + SuppressedColumn + " then '" + stateWithheld + "'"
		}
		cells = append(cells, "struct_pack(column_name := "+warehouse.Text(column.Name)+", shown_value := cast("+name+" as varchar), state := "+state+" else '"+stateEmpty+"' end)")
	}
	if len(cells) == 0 {
		return "select " + warehouse.Text(dataset) + " as dataset, '' as cell_key, '' as column_name, null::varchar as shown_value, '' as state where false"
	}
	return "select " + warehouse.Text(dataset) + " as dataset, cell_key, cell.column_name, cell.shown_value, cell.state from (select " + KeyText(key) +
		" as cell_key, unnest([" + strings.Join(cells, ", ") + "]) as cell from " + from + ")"
}

// parts is a query of all cells of all sealed parts, with the edition's number.
func (l Ledger) parts() (string, error) {
	seals, err := l.Seals()
	if err != nil {
		return "", err
	}
	if len(seals) == 0 {
		return "select ''::varchar as dataset, ''::varchar as cell_key, ''::varchar as column_name, ''::varchar as shown_value, ''::varchar as state, 0 as number where false", nil
	}
	list := make([]string, len(seals))
	for i, seal := range seals {
		list[i] = "select " + CellColumns + ", " + strconv.Itoa(seal.Number) + " as number from read_parquet(" + warehouse.Text(filepath.Join(l.Folder, seal.partName())) + ")"
	}
	return strings.Join(list, " union all "), nil
}

// latest is a query of every cell as it was last published.
func (l Ledger) latest() (string, error) {
	parts, err := l.parts()
	if err != nil {
		return "", err
	}
	return "select dataset, cell_key, column_name, latest.shown_value, latest.state from (select dataset, cell_key, column_name, " +
		"max_by(struct_pack(shown_value := shown_value, state := state), number) as latest from (" + parts + ") group by all)", nil
}

// Difference is what is otherwise in a dataset than it was published before.
type Difference struct {
	Dataset      string `json:"dataset"`
	Changed      int64  `json:"changed"`       // cells with another value
	Gone         int64  `json:"gone"`          // cells that are no longer there
	Fresh        int64  `json:"fresh"`         // cells that were never published
	Late         int64  `json:"late"`          // of those, cells of periods that were
	HiddenAgain  int64  `json:"hidden_again"`  // withheld now, shown before: whoever has the earlier edition knows it
	ShownAfter   int64  `json:"shown_after"`   // shown now, withheld before
	SmallChanges int64  `json:"small_changes"` // counts of people that differ by fewer than the minimum from an earlier edition
	Example      string `json:"example,omitempty"`
}

// Unsafe counts the cells that speak against publishing the dataset.
func (d Difference) Unsafe() int64 { return d.HiddenAgain + d.ShownAfter + d.SmallChanges }

// Otherwise counts the cells that are other than published before, or were not there in a period that was published.
func (d Difference) Otherwise() int64 { return d.Changed + d.Gone + d.Late }

// Differs says whether anything published before would be otherwise.
func (d Difference) Differs() bool { return d.Otherwise() > 0 }

// Compared is a dataset that is held against all that was ever published.
type Compared struct {
	Dataset string
	Cells   string   // a query of its cells, see Cells
	People  []string // columns that count people; without one, nothing is unsafe
	Period  string   // column of the key that says a row's period; empty: it has none
	Minimum int64    // of people
}

// Change is one cell that is otherwise than it was published last.
type Change struct {
	CellKey string `json:"cell_key"`
	Column  string `json:"column"`
	Was     string `json:"was"` // the value, or withheld, empty, not there
	Is      string `json:"is"`
	Edition int    `json:"edition_number,omitempty"` // that published it last; 0: none did
	Unsafe  string `json:"unsafe,omitempty"`         // why it speaks against publishing
}

// ShownText is SQL that says what a cell shows: its value or, in brackets, why there is none.
func ShownText(value, state string) string {
	return "case when " + state + " = '" + stateShown + "' then " + value + " when " + state + " is null or " + state + " = '" + stateGone + "' then '(not there)' else '(' || " + state + " || ')' end"
}

// judged is a query, as a list of named parts, of every cell of a dataset and every cell that was published of it, with
// what is otherwise.
func (l Ledger) judged(c Compared) (string, error) {
	latest, err := l.latest()
	if err != nil {
		return "", err
	}
	parts, err := l.parts()
	if err != nil {
		return "", err
	}
	// A change of counts is seen against every edition: two of them are enough to subtract.
	smallChange := "false"
	if len(c.People) > 0 {
		smallChange = "list_contains(" + warehouse.TextList(c.People) + ", column_name) and now.state = 'shown' and (before.state is distinct from 'shown' or before.shown_value <> now.shown_value) " +
			"and exists (select 1 from parts where parts.cell_key = now.cell_key and parts.column_name = now.column_name and parts.state = 'shown' " +
			"and abs(try_cast(parts.shown_value as bigint) - try_cast(now.shown_value as bigint)) between 1 and " + strconv.FormatInt(c.Minimum-1, 10) + ")"
	}
	late := "false"
	if c.Period != "" {
		period := func(key string) string {
			return "json_extract_string(" + key + ", " + warehouse.Text("$."+warehouse.Ident(c.Period)) + ")"
		}
		late = period("cell_key") + " in (select " + period("cell_key") + " from parts where state <> 'gone')"
	}
	about := strconv.FormatBool(len(c.People) > 0)
	return "with now as (" + c.Cells + "), parts as (select * from (" + parts + ") where dataset = " + warehouse.Text(c.Dataset) + "), " +
		"before as (select * from (" + latest + ") where dataset = " + warehouse.Text(c.Dataset) + "), " +
		"lasting as (select cell_key, column_name, max_by(state, number) as state from parts where state <> 'gone' group by all), " +
		"last_told as (select cell_key, column_name, max(number) as number from parts group by all), " +
		"judged as (select cell_key, column_name, before.state as state_before, before.shown_value as value_before, now.state as state_now, now.shown_value as value_now, " +
		"coalesce(last_told.number, 0) as number, " +
		"before.state is null as fresh, before.state is null and " + late + " as late, " +
		"before.state is not null and now.state is not null and (before.state <> now.state or before.shown_value is distinct from now.shown_value) as changed, " +
		"now.state is null and before.state <> 'gone' as gone, " +
		"coalesce(" + about + " and now.state = 'withheld' and lasting.state = 'shown', false) as hidden_again, " +
		"coalesce(" + about + " and now.state = 'shown' and lasting.state = 'withheld', false) as shown_after, coalesce(" + smallChange + ", false) as small_change " +
		"from now full join before using (cell_key, column_name) left join lasting using (cell_key, column_name) left join last_told using (cell_key, column_name)) ", nil
}

// Compare counts what of a dataset is otherwise than it was published before.
func (l Ledger) Compare(ctx context.Context, db *warehouse.DB, c Compared) (found Difference, err error) {
	judged, err := l.judged(c)
	if err != nil {
		return found, err
	}
	query := judged + "select count(*) filter (changed), count(*) filter (gone), count(*) filter (fresh), count(*) filter (late), " +
		"count(*) filter (hidden_again), count(*) filter (shown_after), count(*) filter (small_change), " +
		"coalesce(min(column_name || ' of ' || cell_key) filter (hidden_again or shown_after or small_change), min(column_name || ' of ' || cell_key) filter (changed or gone or late), '') from judged"
	found.Dataset = c.Dataset
	err = db.One(ctx, query, nil, &found.Changed, &found.Gone, &found.Fresh, &found.Late, &found.HiddenAgain, &found.ShownAfter, &found.SmallChanges, &found.Example)
	if err != nil {
		return found, fmt.Errorf("%s: compare with what was published: %w", c.Dataset, warehouse.Scrub(err))
	}
	return found, nil
}

// Changes lists the cells that are otherwise, as far as the limit, in the order of their keys; those that speak against
// publishing first.
func (l Ledger) Changes(ctx context.Context, db *warehouse.DB, c Compared, limit int) (changes []Change, err error) {
	judged, err := l.judged(c)
	if err != nil {
		return nil, err
	}
	query := judged + "select cell_key, column_name, " + ShownText("value_before", "state_before") + ", " + ShownText("value_now", "state_now") + ", number, " +
		"concat_ws(', ', case when hidden_again then 'withheld now and shown before' end, case when shown_after then 'shown now and withheld before' end, " +
		"case when small_change then 'a few people more or fewer than in an earlier edition' end) as unsafe " +
		"from judged where changed or gone or late or hidden_again or shown_after or small_change order by unsafe = '', cell_key, column_name limit " + strconv.Itoa(limit)
	rows, err := db.Query(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%s: compare with what was published: %w", c.Dataset, warehouse.Scrub(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var change Change
		if err := rows.Scan(&change.CellKey, &change.Column, &change.Was, &change.Is, &change.Edition, &change.Unsafe); err != nil {
			return nil, fmt.Errorf("%s: compare with what was published: %w", c.Dataset, err)
		}
		changes = append(changes, change)
	}
	return changes, rows.Err()
}

// Entry is what one edition said of a cell.
type Entry struct {
	Number  int    `json:"edition_number"`
	Edition string `json:"edition"`
	CellKey string `json:"cell_key"`
	Column  string `json:"column"`
	Value   string `json:"value,omitempty"`
	State   string `json:"state"`
}

// History lists what was ever published of the rows whose key is that text.
func (l Ledger) History(ctx context.Context, db *warehouse.DB, dataset, cellKey string) (entries []Entry, err error) {
	seals, err := l.Seals()
	if err != nil {
		return nil, err
	}
	parts, err := l.parts()
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, "select number, cell_key, column_name, coalesce(shown_value, ''), state from ("+parts+") where dataset = ? and cell_key = ? order by number, column_name", dataset, cellKey)
	if err != nil {
		return nil, fmt.Errorf("read the disclosure ledger: %w", warehouse.Scrub(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var entry Entry
		if err := rows.Scan(&entry.Number, &entry.CellKey, &entry.Column, &entry.Value, &entry.State); err != nil {
			return nil, fmt.Errorf("read the disclosure ledger: %w", err)
		}
		entry.Edition = seals[entry.Number-1].Edition
		entries = append(entries, entry)
	}
	return entries, rows.Err()
}
