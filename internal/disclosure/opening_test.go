//go:build duckdb_arrow

package disclosure_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/warehouse"
)

const staffSQL = `create schema people; create table people.staff as select * from (values
	('sex', 'female', 523, 952, true, 0.5494), ('sex', 'male', 426, 952, true, 0.4475), ('all', 'all', 952, 952, true, 1.0),
	('belief', 'large', 900, 952, true, 0.9454), ('belief', 'small', 12, 952, false, 0.0126)
) v(characteristic, characteristic_group, people_rounded, everybody_rounded, is_shown, people_share);
alter table people.staff alter people_rounded type bigint; alter table people.staff alter everybody_rounded type bigint;
alter table people.staff alter people_share type double; alter table people.staff add column withheld varchar`

func staffRelation(t *testing.T, rest string) disclosure.Relation {
	return disclosure.Relation{
		Name: "people.staff", Source: "people.staff", Key: []string{"characteristic", "characteristic_group"},
		Columns: columns("characteristic VARCHAR, characteristic_group VARCHAR, people_rounded BIGINT, everybody_rounded BIGINT, is_shown BOOLEAN, people_share DOUBLE, withheld VARCHAR"),
		Rules: rules(t, `
shown_where: is_shown
counts:
  - {column: people_rounded, of: employees, by: {characteristic: characteristic, group: characteristic_group}}
  - {column: everybody_rounded, of: employees, fixed: {characteristic: all, group: all}}
adds_up: [{over: [characteristic, group], each: [characteristic], total: {characteristic: all, group: all}`+rest+`}]
statistics: [{columns: [people_share], needs: [people_rounded, everybody_rounded], again: {people_share: "round(people_rounded / everybody_rounded, 3)"}}]`),
	}
}

const districtsSQL = `create schema people; create table people.districts as select * from (values
	('all', 231), ('Halton', 3), ('Knowsley', 40), ('Liverpool', 88), ('Sefton', 27), ('St Helens', 1), ('Wirral', 72)
) v(district, people_rounded); alter table people.districts alter people_rounded type bigint; alter table people.districts add column withheld varchar`

// B-23: of a district table with counts of 3 and 1 both are withheld for themselves. Their sum, 4, could be worked out from
// the total and the other districts, so the district with the fewest people goes with them.
func TestB23SmallDistrictsTakeAnotherWithThem(t *testing.T) {
	t.Parallel()
	db := openDB(t, districtsSQL)
	relation := disclosure.Relation{
		Name: "people.districts", Source: "people.districts", Key: []string{"district"},
		Columns: columns("district VARCHAR, people_rounded BIGINT, withheld VARCHAR"),
		Rules: rules(t, `
sensitive: true
counts: [{column: people_rounded, of: people, by: {district: district}}]
adds_up: [{over: [district], total: {district: all}}]`),
	}
	result, err := disclosure.Protect(t.Context(), db, []disclosure.Relation{relation}, disclosure.Floor())
	if err != nil {
		t.Fatal(err)
	}
	got := lines(t, db, "select concat_ws(' ', district, coalesce(people_rounded::varchar, 'c')) from "+
		warehouse.Relation(result.Masks["people.districts"].Relation)+" order by district = 'all' desc, district")
	want := []string{"all 230", "Halton c", "Knowsley 40", "Liverpool 90", "Sefton c", "St Helens c", "Wirral 70"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// 952 − 523 − 426 leaves 3. Left to rounding, that withholds nothing; else the men are withheld. What the model has chosen is
// withheld either way, and a share is that of what is shown.
func TestAFewOfUnknownGroupAreLeftToRounding(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rest string
		want []string
	}{
		{", rest: rounding", []string{"all 950 1.0", "small c c people_rounded,everybody_rounded,people_share", "large 900 0.947", "male 425 0.447", "female 525 0.553"}},
		{"", []string{"all 950 1.0", "small c c people_rounded,everybody_rounded,people_share", "large 900 0.947", "male c c people_rounded,people_share", "female 525 0.553"}},
	} {
		db := openDB(t, staffSQL)
		relation := staffRelation(t, test.rest)
		result, err := disclosure.Protect(t.Context(), db, []disclosure.Relation{relation}, disclosure.Floor())
		if err != nil {
			t.Fatal(err)
		}
		got := lines(t, db, "select concat_ws(' ', characteristic_group, coalesce(people_rounded::varchar, 'c'), coalesce(people_share::varchar, 'c'), withheld) from "+
			warehouse.Relation(result.Masks["people.staff"].Relation)+" order by characteristic, characteristic_group desc")
		if diff := cmp.Diff(test.want, got); diff != "" || result.Unbalanced != 0 {
			t.Errorf("rest%q: %d sums do not add up (-want +got):\n%s", test.rest, result.Unbalanced, diff)
		}
	}
}

const programmeSQL = `create schema skills; create table skills.programme as select * from (values
	('2021-22', 'final', true, 120, 40, 0.333), ('2022-23', 'open', true, 130, 50, 0.385), ('2023-24', 'final', false, 40, null, null)
) v(joined, state, is_shown, people, found_work, found_share);
alter table skills.programme alter people type bigint; alter table skills.programme alter found_work type bigint;
alter table skills.programme alter found_share type double; alter table skills.programme add column withheld varchar`

// A text beside the key may limit a rule: where it does not hold, the columns are withheld. A row that the model withholds names
// all its columns, also one that is null: that it is null says how small the row is.
func TestWhatATextLimitsAndWhatAModelWithholds(t *testing.T) {
	t.Parallel()
	db := openDB(t, programmeSQL)
	relation := disclosure.Relation{
		Name: "skills.programme", Source: "skills.programme", Key: []string{"joined"},
		Columns: columns("joined VARCHAR, state VARCHAR, is_shown BOOLEAN, people BIGINT, found_work BIGINT, found_share DOUBLE, withheld VARCHAR"),
		Rules: rules(t, `
shown_where: is_shown
counts: [{column: people, of: people}, {column: found_work, of: found, when: {state: [final]}}]
within: [{part: found_work, whole: people}]
statistics: [{columns: [found_share], needs: [found_work, people], when: {state: [final]}}]`),
	}
	result, err := disclosure.Protect(t.Context(), db, []disclosure.Relation{relation}, disclosure.Floor())
	if err != nil {
		t.Fatal(err)
	}
	got := lines(t, db, "select concat_ws(' ', joined, coalesce(people::varchar, 'c'), coalesce(found_work::varchar, 'c'), coalesce(found_share::varchar, 'c'), withheld) from "+
		warehouse.Relation(result.Masks["skills.programme"].Relation)+" order by joined")
	want := []string{"2021-22 120 40 0.333", "2022-23 130 c c found_work,found_share", "2023-24 c c c people,found_work,found_share"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// A number may not: whether it holds would tell the number.
	relation.Rules.Counts[1].When = map[string][]string{"people": {"120"}}
	if found := relation.Rules.Check(relation.Columns, relation.Key); len(found) != 1 {
		t.Errorf("a rule that hangs on a number: %v", found)
	}
}
