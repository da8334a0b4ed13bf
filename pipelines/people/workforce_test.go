//go:build duckdb_arrow

package people_test

import (
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"socialvalue"
	"socialvalue/internal/estimators"
	"socialvalue/internal/model"
	"socialvalue/internal/site"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// row is a row of a raw relation as text; what it does not name is null.
type row map[string]string

// workforce is what the feeds about staff hold once they are loaded.
type workforce map[string][]row

func (w workforce) add(contract string, r row) {
	relation := "raw.people_" + contract
	w[relation] = append(w[relation], r)
}

// calculator makes the stage models from a workforce, with the shipped reference data.
type calculator struct {
	project *model.Project
	db      *warehouse.DB
	wanted  []string // stage models, in the order in which they are made
}

// newCalculator makes a calculator of the targets and all that they are made from.
func newCalculator(t testing.TB, targets ...string) *calculator {
	t.Helper()
	return newCalculatorIn(t, "", warehouse.Options{Threads: 2}, targets...)
}

// newCalculatorIn makes one in a database file, as a run does (empty: in memory), within limits.
func newCalculatorIn(t testing.TB, path string, limits warehouse.Options, targets ...string) *calculator {
	t.Helper()
	project := shippedProject(t)
	db, err := warehouse.Open(t.Context(), path, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &calculator{project: project, db: db}
	needed := map[string]bool{"ref.pay_exclusion_reasons": true, "ref.minimum_wage": true} // checks read them too
	for _, name := range append(project.Ancestors(targets...), targets...) {
		needed[name] = true
	}
	outside := []string{"raw.people_control_totals"} // checks read it
	var refs []string
	for name := range needed {
		if strings.HasPrefix(name, "raw.") || strings.HasPrefix(name, "site.") {
			outside = append(outside, name)
		}
	}
	for _, name := range project.Order {
		switch {
		case !needed[name]:
		case strings.HasPrefix(name, "ref."):
			refs = append(refs, name)
		case strings.HasPrefix(name, "geo."), name == "stage.district": // places are made elsewhere; here they have no rows
			outside = append(outside, name)
		case strings.HasPrefix(name, "stage.p") || strings.HasPrefix(name, "stage.recruitment") || strings.HasPrefix(name, "people."):
			c.wanted = append(c.wanted, name)
		}
	}
	if err := project.Scaffold(t.Context(), db, append(append(outside, c.wanted...), refs...)); err != nil {
		t.Fatal(err)
	}
	c.make(t, refs)
	if needed["site.bodies"] {
		c.fillBodies(t)
	}
	if needed["site.settings"] {
		c.fill(t, "site.settings", []row{{"financial_year_start_month": "4", "financial_year_start_day": "1"}})
	}
	return c
}

func (c *calculator) fillBodies(t testing.TB) {
	t.Helper()
	c.fill(t, "site.bodies", []row{{"body_code": "E47000004", "body_name": "Authority", "role": "authority"}, {"body_code": "other", "body_name": "Other"}})
}

// of makes the models from a workforce, in the place of any made before. Where a test says nothing of leave, nobody was on
// leave; where it says nothing of hours worked, the file of them has a row of nought.
func (c *calculator) of(t testing.TB, w workforce) {
	t.Helper()
	c.asSent(t, w.complete())
}

func (w workforce) complete() workforce {
	whole := maps.Clone(w)
	snapshot := func(r row) row {
		return row{"body_code": r["body_code"], "snapshot_date": r["snapshot_date"]}
	}
	told := func(contract string, of row) bool {
		return slices.ContainsFunc(whole["raw.people_"+contract], func(r row) bool {
			return r["body_code"] == of["body_code"] && r["snapshot_date"] == of["snapshot_date"]
		})
	}
	for _, r := range w["raw.people_pay_lines"] {
		if of := snapshot(r); !told("absence", of) && !told("control_totals", of) {
			of["measure"], of["total"] = "leave", "0"
			whole.add("control_totals", of)
		}
	}
	for _, r := range w["raw.people_assignment"] {
		if of := snapshot(r); r["hours_vary"] == "true" && !told("weekly_hours", of) {
			of["person_key"], of["assignment_key"], of["week_ending"], of["hours"] = r["person_key"], r["assignment_key"], r["snapshot_date"], "0"
			whole.add("weekly_hours", of)
		}
	}
	return whole
}

// asSent makes the models from what the workforce says and nothing else.
func (c *calculator) asSent(t testing.TB, w workforce) {
	t.Helper()
	for _, contract := range []string{"person", "assignment", "pay_lines", "pay_summary", "weekly_hours", "absence", "element_map", "control_totals", "applications", "new_starters", "learning", "volunteering", "survey", "leavers", "promotions"} {
		relation := "raw.people_" + contract
		if _, known := c.project.Columns(relation); known && c.holds(t, relation) {
			c.fill(t, relation, w[relation])
		}
	}
	c.make(t, c.wanted)
}

func (c *calculator) holds(t testing.TB, relation string) bool {
	t.Helper()
	schema, name, _ := strings.Cut(relation, ".")
	found, err := c.db.Texts(t.Context(), "select table_name from information_schema.tables where table_schema = "+warehouse.Text(schema)+" and table_name = "+warehouse.Text(name))
	if err != nil {
		t.Fatal(err)
	}
	return len(found) == 1
}

func (c *calculator) make(t testing.TB, relations []string) {
	t.Helper()
	for _, name := range relations {
		if _, err := c.db.Exec(t.Context(), "drop table if exists "+warehouse.Relation(name)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.project.Produce(t.Context(), c.db, c.project.Nodes[name], estimators.All()); err != nil {
			t.Fatal(err)
		}
	}
}

// fill puts rows into a relation in the place of those it has.
func (c *calculator) fill(t testing.TB, relation string, rows []row) {
	t.Helper()
	columns, ok := c.project.Columns(relation)
	if !ok {
		t.Fatalf("%s: columns not known", relation)
	}
	if _, err := c.db.Exec(t.Context(), "delete from "+warehouse.Relation(relation)); err != nil {
		t.Fatal(err)
	}
	var tuples []string
	for n, r := range rows {
		values := make([]string, len(columns))
		left := len(r)
		for i, column := range columns {
			values[i] = "null"
			value, said := r[column.Name]
			if said {
				left--
			}
			if !said && column.Name == "line_key" {
				value, said = keyOf(fmt.Sprint(relation, n)), true
			}
			if said {
				values[i] = fmt.Sprintf("cast(%s as %s)", warehouse.Text(value), column.Type)
			}
		}
		if left != 0 {
			t.Fatalf("%s has not all columns of %v", relation, r)
		}
		tuples = append(tuples, "("+strings.Join(values, ", ")+")")
	}
	const most = 500
	for len(tuples) > 0 {
		n := min(most, len(tuples))
		if _, err := c.db.Exec(t.Context(), "insert into "+warehouse.Relation(relation)+" values "+strings.Join(tuples[:n], ", ")); err != nil {
			t.Fatalf("%s: %v", relation, err)
		}
		tuples = tuples[n:]
	}
}

// ask gives the answer to a question as texts of one column, null being "null".
func (c *calculator) ask(t testing.TB, sql string) []string {
	t.Helper()
	texts, err := c.db.Texts(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// failing are the checks of a model that find something, by name.
func (c *calculator) failing(t testing.TB, relation string) []string {
	t.Helper()
	var names []string
	for _, check := range c.project.Nodes[relation].Spec.Checks {
		if n := c.ask(t, "select cast(count(*) as varchar) from ("+check.SQL+")"); n[0] != "0" {
			names = append(names, check.Name)
		}
	}
	return names
}

// shippedProject is the one of a site with nothing of its own.
func shippedProject(t testing.TB) *model.Project {
	t.Helper()
	dir := t.TempDir()
	settings := "name: Edge cases\nversion: 1\nbodies: [{code: E47000004, name: Authority, role: authority}]\n" +
		"area: {name: Area, lad_codes: [E08000012]}\ntime_zone: Europe/London\nbaseline_year: 2022-23\n"
	if err := os.WriteFile(filepath.Join(dir, "svw.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	project, err := workspace.Project(t.Context(), workspace.Environment{
		Site: s, Files: socialvalue.Assets, Estimators: estimators.All(), Version: "test",
		Now: func() time.Time { return time.Date(2025, time.June, 30, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// keyOf stands for an identifier; pseudonyms are made elsewhere.
func keyOf(id string) string {
	h := fnv.New128a()
	_, _ = h.Write([]byte(id)) // a hash never fails to be written to
	sum := h.Sum(nil)
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:])
}
