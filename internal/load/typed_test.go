//go:build duckdb_arrow

package load_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// places is a contract of which nothing but the object reads the typed rows.
const places = `
version: 1
description: places
grain: one place
load: {mode: snapshot, identity: none}
limits: {quarantine_share: 0.5, quarantine_max: 5}
skip: [{rule: title, when: "starts_with(name, 'Printed')"}]
columns:
  - {name: name, type: text, required: true}
  - {name: code, type: code}
  - {name: opened, type: year_month}
  - {name: easting, type: integer}
`

// Rows that are typed on the way to their object are those that a table of them
// would hold: no wrong one, no skipped one, in the file's order, with their lines.
func TestRowsTypedOnTheWay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text  string
		want        []string
		quarantined int64
		skipped     map[string]int64
	}{
		{
			name: "none wrong", text: "name,code,opened,easting\nB,e1,199408,\"1,234\"\nA,,,0416535\n",
			want: []string{"2|B|E1|1994-08-01|1234", "3|A|·|·|416535"}, skipped: map[string]int64{},
		},
		{
			name: "wrong and skipped", text: "name,code,opened,easting\nC,e1,199413,1\nB,e1,199412,-2\nPrinted,x,x,x\n,e2,,\nA,e3,,3\n",
			want: []string{"3|B|E1|1994-12-01|-2", "6|A|E3|·|3"}, quarantined: 2, skipped: map[string]int64{"title": 1},
		},
		{
			name: "spaces alone", text: "name,code,opened,easting\n A B , e1,199408 , 1 \n  ,e2,,\n~,\" \"\"x\"\" \",,\n",
			want: []string{"2|A B|E1|1994-08-01|1", "4|~|\"X\"|·|·"}, quarantined: 1, skipped: map[string]int64{},
		},
		{
			name: "blanks of every kind", text: "name,code,opened,easting\n\tA\u00a0B\u200b,\u00a0e1\t,199408\u00a0,\u200b1\n\u00a0,e2,,\né,\"\u00a0\",,\n",
			want: []string{"2|A\u00a0B|E1|1994-08-01|1", "4|é|·|·|·"}, quarantined: 1, skipped: map[string]int64{},
		},
		{
			name: "a line end in a text", text: "name,code,opened,easting\n\"\nA\nB \n\",e1,,\nC,e2,,\n",
			want: []string{"2|A\nB|E1|·|·", "6|C|E2|·|·"}, skipped: map[string]int64{},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, places)
			record, _, err := b.load(t.Context(), file{name: "a.csv", text: tc.text})
			if err != nil {
				t.Fatal(err)
			}
			b.commit()
			got, err := b.db.Texts(t.Context(), "select concat_ws('|', _source_row, name, coalesce(code, '·'), coalesce(cast(opened as VARCHAR), '·'), coalesce(cast(easting as VARCHAR), '·')) from raw.demo_payments")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got)\n%s", diff)
			}
			if record.Quarantined != tc.quarantined || !cmp.Equal(record.Skipped, tc.skipped) {
				t.Errorf("quarantined %d, skipped %v; want %d, %v", record.Quarantined, record.Skipped, tc.quarantined, tc.skipped)
			}
		})
	}
}

// A text with one wrong row among many keeps the order of its lines.
func TestManyRowsTypedOnTheWayStayInOrder(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("name,code,opened,easting\n")
	const rows = 150_000 // more than one row group
	for i := range rows {
		if i == rows/2 {
			text.WriteString(",,,\"x\"\n")
			continue
		}
		fmt.Fprintf(&text, "n%d,,,%d\n", i, i)
	}
	b := setUp(t, places)
	record, _, err := b.load(t.Context(), file{name: "a.csv", text: text.String()})
	if err != nil {
		t.Fatal(err)
	}
	b.commit()
	if record.Rows != rows-1 || record.Quarantined != 1 {
		t.Fatalf("%d rows, %d quarantined", record.Rows, record.Quarantined)
	}
	wrong, err := b.db.Texts(t.Context(), `select name from (select *, lag(_source_row, 1, 1) over () as before from raw.demo_payments)
		where _source_row <= before or _source_row <> easting + 2 or name <> 'n' || easting`)
	if err != nil || len(wrong) > 0 {
		t.Errorf("%d rows out of order, %v", len(wrong), err)
	}
}
