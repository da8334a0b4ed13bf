//go:build duckdb_arrow

package disclosure_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/warehouse"
)

func openDB(t *testing.T, statements ...string) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 2, MemoryLimit: "1GB"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, statement := range statements {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func rules(t *testing.T, text string) *disclosure.Rules {
	t.Helper()
	var r disclosure.Rules
	if err := yaml.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// columns writes "name TYPE, …" as columns.
func columns(text string) (list []disclosure.Column) {
	for _, one := range strings.Split(text, ", ") {
		name, typeName, _ := strings.Cut(one, " ")
		list = append(list, disclosure.Column{Name: name, Type: typeName})
	}
	return list
}

func lines(t *testing.T, db *warehouse.DB, query string) []string {
	t.Helper()
	got, err := db.Texts(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

const profileSQL = `create schema people; create table people.profile as select * from (values
	('2024-25', 'sex', 'female', 'all', 'all', 520, 0.547, null, null), ('2024-25', 'sex', 'male', 'all', 'all', 430, 0.453, null, null),
	('2024-25', 'sex', 'all', 'all', 'all', 950, 1.0, null, null),
	('2024-25', 'sex', 'female', 'grade', 'low', 300, 0.556, null, null), ('2024-25', 'sex', 'male', 'grade', 'low', 240, 0.444, null, null),
	('2024-25', 'sex', 'all', 'grade', 'low', 540, 1.0, null, null),
	('2024-25', 'sex', 'female', 'grade', 'high', 216, 0.537, null, null), ('2024-25', 'sex', 'male', 'grade', 'high', 186, 0.463, null, null),
	('2024-25', 'sex', 'all', 'grade', 'high', 402, 1.0, null, null),
	('2024-25', 'sex', 'female', 'grade', 'chief', 4, 0.5, null, null), ('2024-25', 'sex', 'male', 'grade', 'chief', 4, 0.5, null, null),
	('2024-25', 'sex', 'all', 'grade', 'chief', 8, 1.0, null, null)
) v(financial_year, characteristic, characteristic_group, breakdown, breakdown_value, headcount_rounded, share_all, null_reason, withheld);
alter table people.profile alter headcount_rounded type bigint; alter table people.profile alter share_all type double;
alter table people.profile alter null_reason type varchar; alter table people.profile alter withheld type varchar`

const profileRules = `
counts: [{column: headcount_rounded, of: employees}]
adds_up:
  - {over: [characteristic_group], total: {characteristic_group: all}}
  - {over: [breakdown, breakdown_value], each: [breakdown], total: {breakdown: all}}
statistics: [{columns: [share_all], needs: [headcount_rounded], of_total: true}]
`

func profile(t *testing.T) disclosure.Relation {
	return disclosure.Relation{
		Name: "people.profile", Source: "people.profile", DefinedIn: "sql/people/profile.yaml", InputsHash: "1",
		Key:     []string{"financial_year", "characteristic", "characteristic_group", "breakdown", "breakdown_value"},
		Columns: columns("financial_year VARCHAR, characteristic VARCHAR, characteristic_group VARCHAR, breakdown VARCHAR, breakdown_value VARCHAR, headcount_rounded BIGINT, share_all DOUBLE, null_reason VARCHAR, withheld VARCHAR"),
		Rules:   rules(t, profileRules),
	}
}

// A small group is withheld with its shares, and another grade with it, or the
// chiefs would be what is left of the total. What is shown is rounded and adds up.
func TestASmallGroupIsWithheldAndSoIsWhatWouldGiveItAway(t *testing.T) {
	t.Parallel()
	db := openDB(t, profileSQL)
	result, err := disclosure.Protect(t.Context(), db, []disclosure.Relation{profile(t)}, disclosure.Floor())
	if err != nil {
		t.Fatal(err)
	}
	mask := result.Masks["people.profile"]
	got := lines(t, db, "select concat_ws(' ', characteristic_group, breakdown_value, coalesce(headcount_rounded::varchar, 'c'), coalesce(share_all::varchar, 'c'), withheld) from "+
		warehouse.Relation(mask.Relation)+" order by breakdown, breakdown_value, characteristic_group")
	want := []string{
		"all all 950 1.0", "female all 520 0.547", "male all 430 0.453",
		"all chief c c headcount_rounded,share_all", "female chief c c headcount_rounded,share_all", "male chief c c headcount_rounded,share_all",
		"all high c c headcount_rounded,share_all", "female high c c headcount_rounded,share_all", "male high c c headcount_rounded,share_all",
		"all low 540 1.0", "female low 300 0.556", "male low 240 0.444",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	primary := 0
	for _, cell := range result.Suppressions {
		if cell.Withholding == disclosure.Primary {
			primary++
			if !strings.Contains(cell.CellKey, "chief") || cell.Rule != "small_count" {
				t.Errorf("primary: %+v", cell)
			}
		}
	}
	if primary != 6 || len(result.Suppressions) != 12 || result.Unbalanced != 0 {
		t.Errorf("%d primary of %d, %d unbalanced", primary, len(result.Suppressions), result.Unbalanced)
	}
}

// The order of rows does not matter, and neither does that of relations.
func TestTheOrderOfRowsDoesNotMatter(t *testing.T) {
	t.Parallel()
	var hashes []string
	for _, order := range []string{"1, 2, 3, 4, 5", "5 desc, 3 desc, 4", "hash(concat(characteristic_group, breakdown_value))"} {
		db := openDB(t, profileSQL, "create or replace table people.profile as select * from people.profile order by "+order)
		result, err := disclosure.Protect(t.Context(), db, []disclosure.Relation{profile(t)}, disclosure.Floor())
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, result.Masks["people.profile"].Hash)
	}
	if len(slices.Compact(hashes)) != 1 {
		t.Errorf("hashes = %v", hashes)
	}
}

// Two tables that count the same people are one: what one withholds, the other
// does not show, neither in itself nor as what is left of a total.
func TestLinkedTablesWithholdTogether(t *testing.T) {
	t.Parallel()
	db := openDB(t, profileSQL, `create table people.grades as select * from (values
		('2024-25', 'low', 540), ('2024-25', 'high', 402), ('2024-25', 'chief', 8), ('2024-25', 'all', 950)) v(financial_year, grade, people);
		alter table people.grades alter people type bigint; alter table people.grades add column suppressed boolean`)
	grades := disclosure.Relation{
		Name: "people.grades", Source: "people.grades", Key: []string{"financial_year", "grade"},
		Columns: columns("financial_year VARCHAR, grade VARCHAR, people BIGINT, suppressed BOOLEAN"),
		Rules: rules(t, `
counts: [{column: people, of: by_grade}]
adds_up: [{over: [grade], total: {grade: all}}]`),
	}
	linked := profile(t)
	linked.Rules.Counts[0].Of = "by_grade"
	linked.Rules.Counts = []disclosure.Count{
		{Column: "headcount_rounded", Of: "by_grade", By: map[string]string{"financial_year": "financial_year", "grade": "breakdown_value"}, When: map[string][]string{"characteristic_group": {"all"}}},
		{Column: "headcount_rounded", Of: "employees", When: map[string][]string{"characteristic_group": {"female", "male"}}, By: map[string]string{
			"financial_year": "financial_year", "grade": "breakdown_value", "characteristic_group": "characteristic_group",
		}},
	}
	linked.Rules.AddsUp = []disclosure.Sum{
		{Of: "by_grade", Over: []string{"grade"}, Total: map[string]string{"grade": "all"}},
		{Of: "employees", Over: []string{"grade"}, Total: map[string]string{"grade": "all"}},
	}
	result, err := disclosure.Protect(t.Context(), db, []disclosure.Relation{grades, linked}, disclosure.Floor())
	if err != nil {
		t.Fatal(err)
	}
	got := lines(t, db, "select concat_ws(' ', grade, coalesce(people::varchar, 'c'), suppressed) from "+warehouse.Relation(result.Masks["people.grades"].Relation)+" order by grade")
	if diff := cmp.Diff([]string{"all 950 false", "chief c true", "high c true", "low 540 false"}, got); diff != "" {
		t.Error(diff)
	}
	if families := disclosure.Families([]disclosure.Relation{grades, linked}); len(families) != 1 || len(families[0]) != 2 {
		t.Errorf("families = %v", families)
	}
}

// Rules of the tables: who passed is part of who sat, all of a small group, none
// of a sensitive one, wards within districts, what repeats last year.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, sql, key, columns, rules, show string
		want                                 []string
	}{
		{
			name: "what is left of a whole is small",
			sql:  "select * from (values ('a', 50, 45, 0.9), ('b', 50, 30, 0.6)) v(g, sat, passed, passed_share)",
			key:  "g", columns: "g VARCHAR, sat BIGINT, passed BIGINT, passed_share DOUBLE, withheld VARCHAR",
			rules: "counts: [{column: sat}, {column: passed}]\nwithin: [{part: passed, whole: sat}]\nstatistics: [{columns: [passed_share], needs: [sat, passed]}]",
			show:  "g, sat, passed, passed_share", want: []string{"a 50 c c", "b 50 30 0.6"},
		},
		{
			name: "all of a small group",
			sql:  "select * from (values ('a', 20, 20, 1.0), ('b', 40, 40, 1.0), ('n', 20, 0, 0.0)) v(g, sat, passed, passed_share)",
			key:  "g", columns: "g VARCHAR, sat BIGINT, passed BIGINT, passed_share DOUBLE, withheld VARCHAR",
			rules: "counts: [{column: sat}, {column: passed}]\nwithin: [{part: passed, whole: sat}]\nstatistics: [{columns: [passed_share], needs: [sat, passed]}]",
			show:  "g, sat, passed, passed_share", want: []string{"a 20 c c", "b 40 40 1.0", "n 20 c c"},
		},
		{
			name: "a nought of a sensitive table",
			sql:  "select * from (values ('a', 0), ('b', 40), ('c', 60), ('all', 100)) v(g, people)",
			key:  "g", columns: "g VARCHAR, people BIGINT, withheld VARCHAR",
			rules: "sensitive: true\ncounts: [{column: people}]\nadds_up: [{over: [g], total: {g: all}}]",
			show:  "g, people", want: []string{"a c", "all 100", "b c", "c 60"},
		},
		{
			name: "a nought elsewhere is shown",
			sql:  "select * from (values ('a', 0), ('b', 40), ('all', 40)) v(g, people)",
			key:  "g", columns: "g VARCHAR, people BIGINT, withheld VARCHAR",
			rules: "counts: [{column: people}]\nadds_up: [{over: [g], total: {g: all}}]",
			show:  "g, people", want: []string{"a 0", "all 40", "b 40"},
		},
		{
			name: "pay needs ten on either side",
			sql:  "select * from (values ('a', 12, 9, 4.5), ('b', 12, 10, 3.5)) v(g, n_focal_rounded, n_comparator_rounded, gap)",
			key:  "g", columns: "g VARCHAR, n_focal_rounded BIGINT, n_comparator_rounded BIGINT, gap DOUBLE, suppressed BOOLEAN",
			rules: "counts: [{column: n_focal_rounded}, {column: n_comparator_rounded}]\nstatistics: [{columns: [gap], needs: [n_focal_rounded, n_comparator_rounded], kind: pay}]",
			show:  "g, n_focal_rounded, n_comparator_rounded, gap, suppressed", want: []string{"a 10 c c true", "b 10 10 3.5 false"},
		},
		{
			name: "the population without some is part of the whole",
			sql:  "select * from (values ('all', 100), ('without_apprentices', 97)) v(population, people)",
			key:  "population", columns: "population VARCHAR, people BIGINT, withheld VARCHAR",
			rules: "counts: [{column: people}]\nincludes: [{dimension: population, part: without_apprentices, whole: all}]",
			show:  "population, people", want: []string{"all 100", "without_apprentices c"},
		},
		{
			name: "last year's figure is not repeated where it was withheld",
			sql:  "select * from (values ('2023', 5, 1.0, null), ('2024', 50, 2.0, 1.0)) v(y, people, pay, prior_pay)",
			key:  "y", columns: "y VARCHAR, people BIGINT, pay DOUBLE, prior_pay DOUBLE, withheld VARCHAR",
			rules: "counts: [{column: people}]\nstatistics: [{columns: [pay], needs: [people], kind: pay}]\nrepeats: [{columns: [prior_pay], over: y, of: pay}]",
			show:  "y, people, pay, prior_pay, withheld", want: []string{"2023 c c c people,pay", "2024 50 2.0 c prior_pay"},
		},
		{
			name: "wards make districts",
			sql:  "select * from (values ('district', 'D', 100), ('ward', 'W1', 4), ('ward', 'W2', 40), ('ward', 'W3', 56)) v(breakdown, breakdown_value, people)",
			key:  "breakdown breakdown_value", columns: "breakdown VARCHAR, breakdown_value VARCHAR, people BIGINT, withheld VARCHAR",
			rules: "counts: [{column: people}]\nnests: [{breakdown: breakdown, value: breakdown_value, part: ward, whole: district, through: {relation: geo.ward, part: ward_code, whole: lad_code}}]",
			show:  "breakdown_value, people", want: []string{"D 100", "W1 c", "W2 c", "W3 56"},
		},
		{
			// sdc_cases.json, "overlapping classifications": 31 − 14 − 8 − 6 leaves 3.
			name: "a category that is not published follows from the rest",
			sql:  "select * from (values ('all', 54), ('asian', 24), ('black', 16), ('mixed', 11)) v(g, people)",
			key:  "g", columns: "g VARCHAR, people BIGINT, withheld VARCHAR",
			rules: "counts: [{column: people}]\nadds_up: [{over: [g], total: {g: all}}]",
			show:  "g, people", want: []string{"all 54", "asian 24", "black 16", "mixed c"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			said := "withheld"
			if strings.Contains(test.columns, "suppressed") {
				said = "suppressed"
			}
			db := openDB(t, "create schema geo; create table geo.ward as select * from (values ('W1', 'D'), ('W2', 'D'), ('W3', 'D')) v(ward_code, lad_code)",
				"create schema x; create table x.y as select *, null::"+map[string]string{"withheld": "varchar", "suppressed": "boolean"}[said]+" as "+said+" from ("+test.sql+")")
			relation := disclosure.Relation{Name: "x.y", Source: "x.y", Key: strings.Fields(test.key), Columns: columns(test.columns), Rules: rules(t, test.rules)}
			result, err := disclosure.Protect(t.Context(), db, []disclosure.Relation{relation}, disclosure.Floor())
			if err != nil {
				t.Fatal(err)
			}
			var cells []string
			for _, name := range strings.Split(test.show, ", ") {
				cells = append(cells, "coalesce(cast("+name+" as varchar), "+map[bool]string{true: "''", false: "'c'"}[name == "withheld"]+")")
			}
			got := lines(t, db, "select rtrim(concat_ws(' ', "+strings.Join(cells, ", ")+")) from "+warehouse.Relation(result.Masks["x.y"].Relation)+" order by all")
			for i, line := range test.want { // where the first column of the key is not shown it is c by chance
				if i < len(got) && got[i] != line {
					t.Errorf("row %d: %q, want %q", i, got[i], line)
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("rows = %q", got)
			}
		})
	}
}

func TestProtectRefuses(t *testing.T) {
	t.Parallel()
	district := disclosure.Relation{Name: "geo.district", Columns: []disclosure.Column{{Name: "lad_code"}, {Name: "population", Personal: "none"}}}
	people := func(columnsText, rulesText string) disclosure.Relation {
		return disclosure.Relation{Name: "x.y", Source: "x.y", DefinedIn: "sql/x/y.yaml", Key: []string{"g"}, Columns: columns(columnsText), Rules: rules(t, rulesText)}
	}
	for _, test := range []struct {
		name  string
		open  []disclosure.Relation
		wrong []string
	}{
		{"a direct identifier", []disclosure.Relation{{Name: "travel.passes", DefinedIn: "sql/travel/passes.yaml", Columns: []disclosure.Column{{Name: "pass_key", Personal: "direct"}}}}, []string{"sql/travel/passes.yaml: travel.passes: column pass_key is personal (direct)", "tier: restricted"}},
		{"an indirect one", []disclosure.Relation{district, {Name: "travel.reach", Columns: []disclosure.Column{{Name: "age_band", Personal: "indirect"}}}}, []string{"travel.reach: column age_band"}},
		{"a misspelt class counts as personal", []disclosure.Relation{{Name: "a.b", Columns: []disclosure.Column{{Name: "c", Personal: "nnone"}}}}, []string{"a.b: column c"}},
		{"no counts", []disclosure.Relation{people("g VARCHAR, n BIGINT, withheld VARCHAR", "sensitive: true")}, []string{"sql/x/y.yaml: x.y: disclosure: no counts", "nothing is said of n"}},
		{"a measure nobody speaks of", []disclosure.Relation{people("g VARCHAR, n BIGINT, mean_pay DOUBLE, withheld VARCHAR", "counts: [{column: n}]")}, []string{"nothing is said of mean_pay"}},
		{"rows that cannot say what they withhold", []disclosure.Relation{people("g VARCHAR, n BIGINT", "counts: [{column: n}]")}, []string{"neither `withheld`"}},
		{"a part of the key as a count", []disclosure.Relation{people("g BIGINT, withheld VARCHAR", "counts: [{column: g}]")}, []string{"g is part of the key"}},
		{"a sum over no dimension", []disclosure.Relation{people("g VARCHAR, n BIGINT, withheld VARCHAR", "counts: [{column: n}]\nadds_up: [{over: [h], total: {h: all}}]")}, []string{"h is no dimension of n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			result, err := disclosure.Protect(t.Context(), nil, test.open, disclosure.Floor())
			if !errors.Is(err, disclosure.ErrUncontrolled) || result != nil {
				t.Fatalf("Protect = %v, %v; want nothing and ErrUncontrolled", result, err)
			}
			for _, part := range test.wrong {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("message lacks %q: %v", part, err)
				}
			}
		})
	}
	result, err := disclosure.Protect(t.Context(), nil, []disclosure.Relation{district}, disclosure.Floor())
	if err != nil || cmp.Diff(disclosure.Masks{"geo.district": {}}, result.Masks) != "" {
		t.Errorf("without people: %v, %v", result, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := disclosure.Protect(ctx, nil, []disclosure.Relation{district}, disclosure.Floor()); !errors.Is(err, context.Canceled) {
		t.Errorf("Protect = %v, want context.Canceled", err)
	}
}

// Numbers that cannot be as the rules say stop everything, without a value in
// the message.
func TestContradictionsStop(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, sql, rules, wrong string }{
		{"parts larger than the total", "select * from (values ('a', 70), ('b', 40), ('all', 100)) v(g, n)", "counts: [{column: n}]\nadds_up: [{over: [g], total: {g: all}}]", "parts are more than their total"},
		{"a part larger than its whole", "select * from (values ('a', 70)) v(g, n)", "counts: [{column: n}, {column: m}]\nwithin: [{part: n, whole: m}]", "larger than the one"},
		{"a negative count", "select * from (values ('a', -70)) v(g, n)", "counts: [{column: n}]\nnot_about_people: [m]", "fewer than no people"},
		{"one group counted twice differently", "select * from (values ('a', 70), ('b', 71)) v(g, n)", "counts: [{column: n, by: {nothing: h}}]\nnot_about_people: [m]", "with another number"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := openDB(t, "create schema x; create table x.y as select *, 'h' as h, 60::bigint as m, null::varchar as withheld from ("+test.sql+")")
			extra := ""
			if !strings.Contains(test.rules, "m}") && !strings.Contains(test.rules, "[m]") {
				extra = "\nnot_about_people: [m]"
			}
			_, err := disclosure.Protect(t.Context(), db, []disclosure.Relation{{
				Name: "x.y", Source: "x.y", Key: []string{"g", "h"}, Columns: columns("g VARCHAR, h VARCHAR, n BIGINT, m BIGINT, withheld VARCHAR"), Rules: rules(t, test.rules+extra),
			}}, disclosure.Floor())
			if err == nil || !strings.Contains(err.Error(), test.wrong) || strings.Contains(err.Error(), "70") {
				t.Errorf("Protect = %v", err)
			}
		})
	}
}

// `o when announced`: the open name holds announced rows only.
func TestOnlyAnnouncedRowsAreOpen(t *testing.T) {
	t.Parallel()
	db := openDB(t, `create schema impact; create table impact.projects as select * from (values
		('p1', date '2025-01-01', true), ('p2', date '2026-01-01', false), ('p3', null, null)) v(project_id, announced_on, is_announced)`)
	for _, column := range []string{"announced_on", "is_announced"} {
		result, err := disclosure.Protect(t.Context(), db, []disclosure.Relation{{
			Name: "impact.projects", Source: "impact.projects", Key: []string{"project_id"}, Announced: column, AsOf: "2025-06-30",
			Columns: columns("project_id VARCHAR, announced_on DATE, is_announced BOOLEAN"),
		}}, disclosure.Floor())
		if err != nil {
			t.Fatal(err)
		}
		if got := lines(t, db, "select project_id from "+warehouse.Relation(result.Masks["impact.projects"].Relation)); !slices.Equal(got, []string{"p1"}) {
			t.Errorf("%s: %v", column, got)
		}
	}
}
