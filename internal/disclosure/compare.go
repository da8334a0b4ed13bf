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
	HiddenAgain  int64  `json:"hidden_again"`  // withheld now, shown before: whoever has the earlier edition knows it
	ShownAfter   int64  `json:"shown_after"`   // shown now, withheld before
	SmallChanges int64  `json:"small_changes"` // counts of people that differ by fewer than the minimum from an earlier edition
	Example      string `json:"example,omitempty"`
}

// Unsafe counts the cells that speak against publishing the dataset.
func (d Difference) Unsafe() int64 { return d.HiddenAgain + d.ShownAfter + d.SmallChanges }

// Differs says whether anything published before would be otherwise.
func (d Difference) Differs() bool { return d.Changed+d.Gone > 0 }

// Compare holds a dataset's cells against all that was ever published. people
// are its columns that count people; without one, nothing is unsafe.
func (l Ledger) Compare(ctx context.Context, db *warehouse.DB, dataset, cells string, people []string, minimum int64) (found Difference, err error) {
	latest, err := l.latest()
	if err != nil {
		return found, err
	}
	parts, err := l.parts()
	if err != nil {
		return found, err
	}
	// A change of counts is seen against every edition: two of them are enough to subtract.
	smallChange := "false"
	if len(people) > 0 {
		smallChange = "list_contains(" + warehouse.TextList(people) + ", now.column_name) and now.state = 'shown' and (before.state is distinct from 'shown' or before.shown_value <> now.shown_value) " +
			"and exists (select 1 from parts where parts.cell_key = now.cell_key and parts.column_name = now.column_name and parts.state = 'shown' " +
			"and abs(try_cast(parts.shown_value as bigint) - try_cast(now.shown_value as bigint)) between 1 and " + strconv.FormatInt(minimum-1, 10) + ")"
	}
	about := strconv.FormatBool(len(people) > 0)
	query := "with now as (" + cells + "), parts as (select * from (" + parts + ") where dataset = " + warehouse.Text(dataset) + "), " +
		"before as (select * from (" + latest + ") where dataset = " + warehouse.Text(dataset) + "), " +
		"lasting as (select cell_key, column_name, max_by(state, number) as state from parts where state <> 'gone' group by all), " +
		"judged as (select now.cell_key, now.column_name, " +
		"before.state is null as fresh, " +
		"before.state is not null and (before.state <> now.state or before.shown_value is distinct from now.shown_value) as changed, " +
		about + " and now.state = 'withheld' and lasting.state = 'shown' as hidden_again, " +
		about + " and now.state = 'shown' and lasting.state = 'withheld' as shown_after, " + smallChange + " as small_change " +
		"from now left join before using (cell_key, column_name) left join lasting using (cell_key, column_name)), " +
		"gone as (select count(*) as cells from before where state <> 'gone' and not exists (select 1 from now where now.cell_key = before.cell_key and now.column_name = before.column_name)) " +
		"select count(*) filter (changed), (select cells from gone), count(*) filter (fresh), count(*) filter (hidden_again), count(*) filter (shown_after), count(*) filter (small_change), " +
		"coalesce(min(column_name || ' of ' || cell_key) filter (hidden_again or shown_after or small_change), min(column_name || ' of ' || cell_key) filter (changed), '') from judged"
	found.Dataset = dataset
	err = db.One(ctx, query, nil, &found.Changed, &found.Gone, &found.Fresh, &found.HiddenAgain, &found.ShownAfter, &found.SmallChanges, &found.Example)
	if err != nil {
		return found, fmt.Errorf("%s: compare with what was published: %w", dataset, warehouse.Scrub(err))
	}
	return found, nil
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
