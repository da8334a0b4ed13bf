package model

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"socialvalue/internal/store"
	"socialvalue/internal/warehouse"
)

// Objects are the files that relations made elsewhere lie in, so that the days of an incremental relation can be made
// from those objects alone that hold rows of them.
type Objects interface {
	// Of lists the objects whose rows count, by the value that the column Column has in their rows, with a fingerprint
	// of everything that their rows hang on.
	Of(relation string) map[string]string
	// Column names the column that tells objects apart.
	Column(relation string) string
	// Select gives the rows of some objects, with the columns of the relation.
	Select(ctx context.Context, relation string, objects []string) (string, error)
}

// Day is one day of an incremental relation, as it lies in the store.
type Day struct {
	Date        string // ISO
	Fingerprint string // of what its rows hang on; also in the metadata of the file
	SHA256      string // of the object; empty when the day has no rows
	Bytes       int64
	Rows        int64
}

// daysPerBatch bounds what is made at once: a month keeps the memory that is needed small, and spares reading an object
// that holds several days once for each.
const daysPerBatch = 31

// made is the table that a batch of days stands in before each is written to a file of its own.
const made = "svw_days"

// dayBuild is an incremental relation being brought up to date.
type dayBuild struct {
	*builder
	node    *Node
	from    string
	column  string
	besides string                     // what the rows hang on besides objects
	objects map[string]string          // object → fingerprint
	days    map[string]map[string]bool // day → objects that hold rows of it
}

// buildDays makes the days of an incremental relation that changed and the view over all of them. It runs in the
// transaction of the step. The input is a view over its objects; while a batch is made it is narrowed to the objects
// that hold rows of the batch, and then given back.
func (b *builder) buildDays(ctx context.Context, step Step) (rows int64, changed []string, err error) {
	d := &dayBuild{builder: b, node: step.Node, from: step.Node.Spec.Days.From, column: step.Node.DayColumn()}
	if d.besides, err = b.plan.project.besides(d.node, d.from, b.plan.fingerprints, b.plan.versions); err != nil {
		return 0, nil, err
	}
	if err := d.findDays(ctx); err != nil {
		return 0, nil, fmt.Errorf("find which days of %s the objects of %s hold: %w", d.node.Relation, d.from, err)
	}
	stored, err := StoredDays(ctx, b.db, d.node.Relation)
	if err != nil {
		return 0, nil, err
	}
	before := make(map[string]Day, len(stored))
	for _, day := range stored {
		before[day.Date] = day
	}
	for _, day := range slices.Sorted(maps.Keys(d.days)) {
		if step.full || before[day].Fingerprint != d.fingerprint(day) {
			changed = append(changed, day)
		}
	}
	for batch := range slices.Chunk(changed, daysPerBatch) {
		if err := d.make(ctx, batch); err != nil {
			return 0, nil, err
		}
	}
	if len(changed) > 0 {
		if err := d.narrow(ctx, slices.Collect(maps.Keys(d.objects))); err != nil {
			return 0, nil, err
		}
	}
	for _, day := range slices.Sorted(maps.Keys(before)) {
		if d.days[day] == nil {
			if _, err := b.db.Exec(ctx, "delete from _svw.days where relation = ? and day = ?", d.node.Relation, day); err != nil {
				return 0, nil, fmt.Errorf("forget %s of %s: %w", day, d.node.Relation, warehouse.Scrub(err))
			}
			changed = append(changed, day)
		}
	}
	rows, err = d.view(ctx)
	return rows, changed, err
}

// findDays asks which days the objects hold rows of; of those asked before, what they said then is known.
func (d *dayBuild) findDays(ctx context.Context) error {
	d.days = map[string]map[string]bool{}
	if input := d.plan.project.Nodes[d.from]; input != nil { // incremental itself: its objects are its days
		stored, err := StoredDays(ctx, d.db, d.from)
		if err != nil {
			return err
		}
		d.objects = make(map[string]string, len(stored))
		for _, day := range stored {
			d.objects[day.Date] = day.Fingerprint
		}
	} else {
		d.objects = d.options.Objects.Of(d.from)
	}
	known, err := d.remembered(ctx)
	if err != nil {
		return err
	}
	var unknown []string
	for _, object := range slices.Sorted(maps.Keys(d.objects)) {
		if known[object] == nil {
			unknown = append(unknown, object)
		}
	}
	if err := d.ask(ctx, unknown, known); err != nil {
		return err
	}
	for object, days := range known {
		if _, there := d.objects[object]; !there {
			continue
		}
		for _, day := range days {
			if d.days[day] == nil {
				d.days[day] = map[string]bool{}
			}
			d.days[day][object] = true
		}
	}
	return nil
}

// remembered is what objects said before of their days; under another definition or another fingerprint it is forgotten.
func (d *dayBuild) remembered(ctx context.Context) (map[string][]string, error) {
	known := map[string][]string{}
	stale := map[string]bool{}
	err := each(ctx, d.db, "select object, fingerprint, cast(days as varchar) from _svw.day_objects where relation = "+warehouse.Text(d.node.Relation),
		func(scan func(...any) error) error {
			var object, fingerprint, days string
			if err := scan(&object, &fingerprint, &days); err != nil {
				return err
			}
			if fingerprint != d.objectFingerprint(object) {
				stale[object] = true
				return nil
			}
			known[object] = strings.Fields(days)
			return nil
		})
	if err != nil {
		return nil, err
	}
	for _, object := range sortedKeys(stale) {
		if _, err := d.db.Exec(ctx, "delete from _svw.day_objects where relation = ? and object = ?", d.node.Relation, object); err != nil {
			return nil, warehouse.Scrub(err)
		}
	}
	return known, nil
}

func (d *dayBuild) objectFingerprint(object string) string {
	return digest([]byte(d.besides + "\n" + d.objects[object]))
}

// ask reads the days of objects that were not asked before.
func (d *dayBuild) ask(ctx context.Context, objects []string, known map[string][]string) error {
	if len(objects) == 0 {
		return nil
	}
	selection, column, err := d.selectObjects(ctx, objects)
	if err != nil {
		return err
	}
	for _, object := range objects {
		known[object] = []string{}
	}
	query := "select distinct cast(object_of_row as varchar), coalesce(cast(day_of_row as varchar), '') from (\n" +
		"select " + warehouse.Ident(column) + " as object_of_row, cast((" + d.node.Spec.Days.By + "\n) as date) as day_of_row from (\n" + selection + "\n) as " +
		warehouse.Ident(nameOf(d.from)) + ") order by all"
	err = each(ctx, d.db, query, func(scan func(...any) error) error {
		var object, day string
		if err := scan(&object, &day); err != nil {
			return err
		}
		if day == "" {
			return fmt.Errorf("%s: rows of %s have no day (%s): a row without a day would be lost; give it one in the expression", d.node.SpecFile, d.from, d.node.Spec.Days.By)
		}
		known[object] = append(known[object], day)
		return nil
	})
	if err != nil {
		return warehouse.Scrub(err)
	}
	values := make([]string, len(objects))
	for i, object := range objects {
		values[i] = fmt.Sprintf("(%s, %s, %s, %s)", warehouse.Text(d.node.Relation), warehouse.Text(object),
			warehouse.Text(d.objectFingerprint(object)), warehouse.Text(strings.Join(known[object], " ")))
	}
	_, err = d.db.Exec(ctx, "insert into _svw.day_objects values "+strings.Join(values, ", "))
	return warehouse.Scrub(err)
}

// selectObjects gives the rows of some objects of the input, and the column that tells objects apart.
func (d *dayBuild) selectObjects(ctx context.Context, objects []string) (selection, column string, err error) {
	input := d.plan.project.Nodes[d.from]
	if input == nil {
		selection, err = d.options.Objects.Select(ctx, d.from, objects)
		return selection, d.options.Objects.Column(d.from), err
	}
	stored, err := StoredDays(ctx, d.db, d.from)
	if err != nil {
		return "", "", err
	}
	wanted := make(map[string]bool, len(objects))
	for _, object := range objects {
		wanted[object] = true
	}
	stored = slices.DeleteFunc(stored, func(day Day) bool { return !wanted[day.Date] })
	return daySelect(input, d.options.Store, stored), input.DayColumn(), nil
}

// narrow makes the input a view over some of its objects.
func (d *dayBuild) narrow(ctx context.Context, objects []string) error {
	slices.Sort(objects)
	selection, _, err := d.selectObjects(ctx, objects)
	if err != nil {
		return err
	}
	if _, err := d.db.Exec(ctx, "create or replace view "+warehouse.Relation(d.from)+" as\n"+selection); err != nil {
		return fmt.Errorf("narrow %s: %w", d.from, warehouse.Scrub(err))
	}
	return nil
}

// fingerprint is what the rows of a day hang on: the definition with every other input, and the objects that hold rows
// of the day, whichever came first.
func (d *dayBuild) fingerprint(day string) string {
	text := d.besides + "\n" + day
	for _, object := range sortedKeys(d.days[day]) {
		text += "\n" + object + " " + d.objects[object]
	}
	return digest([]byte(text))
}

// make makes a batch of days, each a file in the store.
func (d *dayBuild) make(ctx context.Context, batch []string) error {
	objects := map[string]bool{}
	for _, day := range batch {
		maps.Copy(objects, d.days[day])
	}
	if err := d.narrow(ctx, sortedKeys(objects)); err != nil {
		return err
	}
	if _, err := d.db.Exec(ctx, "create or replace temp table "+made+" as\n"+d.node.selection(d.node.overridden(d.node.SQL))); err != nil {
		return fmt.Errorf("%s: %w", d.node.File, warehouse.Scrub(err))
	}
	if err := d.refuseOtherDays(ctx, objects); err != nil {
		return err
	}
	if err := refuseUnfinite(ctx, d.db, d.node, made); err != nil {
		return err
	}
	written := make([]string, 0, len(batch))
	err := d.db.WithOneThread(ctx, func(ctx context.Context) error {
		for _, date := range batch {
			day, err := d.write(ctx, date)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", d.node.File, date, err)
			}
			written = append(written, fmt.Sprintf("(%s, date %s, %s, %s, %d, %d)", warehouse.Text(d.node.Relation), warehouse.Text(day.Date),
				warehouse.Text(day.Fingerprint), warehouse.Text(day.SHA256), day.Bytes, day.Rows))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := d.db.Exec(ctx, "insert or replace into _svw.days values "+strings.Join(written, ", ")); err != nil {
		return fmt.Errorf("record the days of %s: %w", d.node.Relation, warehouse.Scrub(err))
	}
	if _, err := d.db.Exec(ctx, "drop table "+made); err != nil {
		return fmt.Errorf("%s: %w", d.node.File, warehouse.Scrub(err))
	}
	return nil
}

// refuseOtherDays makes sure that the expression of the day says of an object what the model makes of it: a row of a
// day that no one expects would never be written.
func (d *dayBuild) refuseOtherDays(ctx context.Context, objects map[string]bool) error {
	expected := map[string]bool{}
	for day, holding := range d.days {
		for object := range holding {
			if objects[object] {
				expected[day] = true
			}
		}
	}
	column := warehouse.Ident(d.column)
	var lost, without int64
	err := d.db.One(ctx, "select count(*) filter (where not list_contains("+warehouse.TextList(sortedKeys(expected))+"::date[], "+column+")), count(*) filter (where "+
		column+" is null) from "+made, nil, &lost, &without)
	if err != nil {
		return fmt.Errorf("%s: %w", d.node.File, warehouse.Scrub(err))
	}
	if without > 0 {
		return fmt.Errorf("%s: %d rows have no %s: a row without a day would be lost; give it one", d.node.File, without, d.column)
	}
	if lost > 0 {
		return fmt.Errorf("%s: %d rows have another %s than days.by says of the rows of %s they are made from: correct days.by (%s) or the model",
			d.node.SpecFile, lost, d.column, d.from, d.node.Spec.Days.By)
	}
	return nil
}

// write makes the file of one day.
func (d *dayBuild) write(ctx context.Context, date string) (Day, error) {
	day := Day{Date: date, Fingerprint: d.fingerprint(date)}
	temp, err := d.options.Store.TempPath(d.node.Relation)
	if err != nil {
		return day, err
	}
	columns := make([]string, len(d.node.Spec.Columns))
	for i, c := range d.node.Spec.Columns {
		columns[i] = c.Name
	}
	order := d.node.Order()
	if len(order) == 0 {
		order = d.node.Spec.Key
	}
	day.Rows, err = d.db.Exec(ctx, "copy (select "+idents(columns)+" from "+made+" where "+warehouse.Ident(d.column)+" = cast("+warehouse.Text(date)+" as date) order by "+
		idents(order)+") to "+warehouse.Text(temp)+" (format parquet, parquet_version v1, compression zstd, row_group_size 122880, kv_metadata {dataset: "+
		warehouse.Text(d.node.Relation)+", inputs_hash: "+warehouse.Text(day.Fingerprint)+"})")
	if err != nil {
		return day, errors.Join(warehouse.Scrub(err), os.Remove(temp))
	}
	if day.Rows == 0 {
		if err := os.Remove(temp); err != nil {
			return day, fmt.Errorf("remove an empty day: %w", err)
		}
		return day, nil
	}
	object, err := d.options.Store.Put(d.node.Relation, temp)
	day.SHA256, day.Bytes = object.SHA256, object.Bytes
	return day, err
}

// view makes the relation a view over its day files, and counts its rows.
func (d *dayBuild) view(ctx context.Context) (rows int64, err error) {
	stored, err := StoredDays(ctx, d.db, d.node.Relation)
	if err != nil {
		return 0, err
	}
	if _, err := d.db.Exec(ctx, "create or replace view "+warehouse.Relation(d.node.Relation)+" as\n"+daySelect(d.node, d.options.Store, stored)); err != nil {
		return 0, fmt.Errorf("%s: %w", d.node.File, warehouse.Scrub(err))
	}
	for _, day := range stored {
		rows += day.Rows
	}
	return rows, nil
}

// daySelect reads days of an incremental relation from their files.
func daySelect(node *Node, objects store.Store, days []Day) string {
	var paths []string
	for _, day := range days {
		if day.Rows > 0 {
			paths = append(paths, objects.Path(node.Relation, day.SHA256))
		}
	}
	columns := make([]string, len(node.Spec.Columns))
	for i, c := range node.Spec.Columns {
		if len(paths) == 0 {
			columns[i] = "cast(null as " + normalType(c.Type) + ") as " + warehouse.Ident(c.Name)
			continue
		}
		columns[i] = warehouse.Ident(c.Name)
	}
	selection := "select " + strings.Join(columns, ", ")
	if len(paths) == 0 {
		return selection + " where false"
	}
	return selection + " from read_parquet(" + warehouse.TextList(paths) + ")"
}

// StoredDays lists the days of an incremental relation as they were built, in their order.
func StoredDays(ctx context.Context, db *warehouse.DB, relation string) ([]Day, error) {
	if err := prepare(ctx, db); err != nil {
		return nil, err
	}
	var days []Day
	err := each(ctx, db, "select cast(day as varchar), fingerprint, object_sha256, bytes, row_count from _svw.days where relation = "+warehouse.Text(relation)+" order by day",
		func(scan func(...any) error) error {
			var day Day
			if err := scan(&day.Date, &day.Fingerprint, &day.SHA256, &day.Bytes, &day.Rows); err != nil {
				return err
			}
			days = append(days, day)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("list the days of %s: %w", relation, warehouse.Scrub(err))
	}
	return days, nil
}

// DayObjects lists the paths of the day files of all incremental relations, so that a sweep of the store keeps them.
func DayObjects(ctx context.Context, db *warehouse.DB, objects store.Store) (map[string]bool, error) {
	if err := prepare(ctx, db); err != nil {
		return nil, err
	}
	named := map[string]bool{}
	err := each(ctx, db, "select relation, object_sha256 from _svw.days where row_count > 0", func(scan func(...any) error) error {
		var relation, sha string
		if err := scan(&relation, &sha); err != nil {
			return err
		}
		named[objects.Path(relation, sha)] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the day files: %w", warehouse.Scrub(err))
	}
	return named, nil
}
