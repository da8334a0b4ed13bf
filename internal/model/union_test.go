//go:build duckdb_arrow

package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/model/modeltest"
)

// parts are a union with two optional columns, of which one member has both and two have one or none.
const parts = `-- sql/stage/all_parts.yaml --
grain: one part
description: the rows of all parts
key: [part, made_on]
union: stage.*_parts
columns:
  - {name: part, type: VARCHAR}
  - {name: made_on, type: DATE, nullable: true, optional: true}
  - {name: amount, type: BIGINT}
  - {name: weight, type: "DECIMAL(18,2)", optional: true}
-- sql/stage/bare_parts.sql --
-- Grain: one part.
select 'bare' as part, cast(1 as bigint) as amount
-- sql/stage/bare_parts.yaml --
grain: one part
description: has none of the optional columns
key: [part]
columns:
  - {name: part, type: VARCHAR}
  - {name: amount, type: BIGINT}
-- sql/stage/dated_parts.sql --
-- Grain: one part.
select cast(2 as bigint) as amount, 'dated' as part, date '2025-06-30' as made_on
-- sql/stage/dated_parts.yaml --
grain: one part
description: has one, and its columns in another order
key: [part]
columns:
  - {name: amount, type: BIGINT}
  - {name: part, type: VARCHAR}
  - {name: made_on, type: DATE}
-- sql/stage/whole_parts.sql --
-- Grain: one part.
select 'whole' as part, date '2025-07-01' as made_on, cast(3 as bigint) as amount, 1.5 as weight
-- sql/stage/whole_parts.yaml --
grain: one part
description: has them all
key: [part]
columns:
  - {name: part, type: VARCHAR}
  - {name: made_on, type: DATE}
  - {name: amount, type: BIGINT}
  - {name: weight, type: "DECIMAL(18,2)"}
`

// TestAMemberMayLackWhatIsOptional: its rows have null there, of the type that the union declares.
func TestAMemberMayLackWhatIsOptional(t *testing.T) {
	t.Parallel()
	b := newBench(t, modeltest.Split([]byte(parts)))
	b.mustBuild()
	got := b.text("select concat_ws(' ', part, coalesce(made_on::varchar, 'null'), amount, coalesce(weight::varchar, 'null')) from stage.all_parts order by part")
	if diff := cmp.Diff("bare null 1 null\ndated 2025-06-30 2 null\nwhole 2025-07-01 3 1.50", got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	types := b.text("select column_name || ' ' || data_type from duckdb_columns() where schema_name = 'stage' and table_name = 'all_parts' order by column_index")
	if diff := cmp.Diff("part VARCHAR\nmade_on DATE\namount BIGINT\nweight DECIMAL(18,2)", types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
}
