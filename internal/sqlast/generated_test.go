//go:build duckdb_arrow

package sqlast_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"socialvalue/internal/sqlast"
)

// writer writes random statements and keeps what they read.
type writer struct {
	t     *rapid.T
	reads map[string]bool
	files int // tables that are none
	names int
}

func (w *writer) pick(n int) int { return rapid.IntRange(0, n-1).Draw(w.t, "pick") }

func (w *writer) name() string {
	w.names++
	return fmt.Sprintf("n%d", w.names)
}

// query writes a SELECT that may stand in brackets; ctes are those in scope.
func (w *writer) query(depth int, ctes []string) string {
	var with []string
	if depth > 0 && w.pick(3) == 0 {
		for range 1 + w.pick(2) {
			name := w.name()
			with = append(with, name+" as ("+w.query(depth-1, ctes)+")")
			ctes = append(slices.Clone(ctes), name)
		}
	}
	text := "select " + w.value(depth, ctes) + " as a from " + w.table(depth, ctes)
	if w.pick(2) == 0 {
		text += " where " + w.value(depth, ctes) + " is not null"
	}
	if w.pick(4) == 0 {
		text += " group by all having max(1) < " + w.value(depth, ctes)
	}
	switch {
	case depth > 0 && w.pick(5) == 0:
		text = "(" + text + ") " + []string{"union", "union all", "except", "intersect", "union all by name"}[w.pick(5)] + " (" + w.query(depth-1, ctes) + ")"
	case w.pick(5) == 0:
		text += " order by " + w.value(depth, ctes) + " limit (" + w.value(depth, ctes) + ")"
	}
	if len(with) > 0 {
		text = "with " + strings.Join(with, ", ") + " " + text
	}
	return text
}

func (w *writer) value(depth int, ctes []string) string {
	if depth == 0 {
		return "1"
	}
	inner := func() string { return w.query(depth-1, ctes) }
	switch w.pick(12) {
	case 0:
		return "(" + inner() + ")"
	case 1:
		return "exists (" + inner() + ")"
	case 2:
		return "(1 in (" + inner() + "))"
	case 3:
		return "case when true then (" + inner() + ") else " + w.value(depth-1, ctes) + " end"
	case 4:
		return "greatest(" + w.value(depth-1, ctes) + ", " + w.value(depth-1, ctes) + ")"
	case 5:
		return "count(*) filter (where (" + inner() + ") = 1)"
	case 6:
		return "sum(1) over (partition by (" + inner() + ") order by 1)"
	case 7:
		return "list(1 order by (" + inner() + "))"
	case 8:
		return "cast(coalesce((" + inner() + "), 1) as bigint)"
	case 9:
		return "list_transform([1], lambda v: v + (" + inner() + "))"
	case 10:
		return "[1, 2][(" + inner() + ")]"
	default:
		return "(1 between " + w.value(depth-1, ctes) + " and " + w.value(depth-1, ctes) + ")"
	}
}

func (w *writer) table(depth int, ctes []string) string {
	switch n := w.pick(10); {
	case n == 0 && depth > 0:
		return "(" + w.query(depth-1, ctes) + ") as " + w.name()
	case n == 1 && depth > 0:
		return w.table(depth-1, ctes) + " join " + w.table(depth-1, ctes) + " on " + w.value(depth-1, ctes) + " = 1"
	case n == 2 && depth > 0:
		return w.table(depth-1, ctes) + ", lateral (" + w.query(depth-1, ctes) + ") as " + w.name()
	case n == 3 && depth > 0:
		return "range((" + w.query(depth-1, ctes) + ")) as " + w.name() + "(x)"
	case n == 4 && depth > 0:
		return "(values ((" + w.query(depth-1, ctes) + "))) as " + w.name() + "(x)"
	case n == 5 && depth > 0:
		return "(pivot (" + w.query(depth-1, ctes) + ") on a in (1, 2) using max(a)) as " + w.name()
	case n <= 7 && len(ctes) > 0:
		return ctes[w.pick(len(ctes))]
	case n == 8 && w.pick(4) == 0:
		w.files++
		return []string{"'x.csv'", "read_csv('x.csv')", "nowhere", "\"x.csv\"", "query('select 1')", "a.b.c"}[w.pick(6)]
	}
	relation := []string{"raw.t", "raw.u", "ref.r", "geo.lsoa", "site.as_of"}[w.pick(5)]
	w.reads[relation] = true
	return relation + " as " + w.name()
}

// TestEveryRelationIsFoundWhereverItStands writes statements of any shape: all they read is found, and nothing else.
func TestEveryRelationIsFoundWhereverItStands(t *testing.T) {
	t.Parallel()
	read := newReader(t)
	rapid.Check(t, func(t *rapid.T) {
		w := &writer{t: t, reads: make(map[string]bool)}
		sql := w.query(2, nil)
		s := sqlast.Read(sql, read.parse(sql), sqlast.Rules{})
		if strings.Contains(strings.Join(describe(sql, s), " "), "not valid SQL") {
			return // such as a window inside another's definition
		}
		if (len(s.Problems) > 0) != (w.files > 0) {
			t.Fatalf("%d tables are none, problems are %q in\n%s", w.files, describe(sql, s), sql)
		}
		for _, r := range s.Relations {
			if !w.reads[r.Name] {
				t.Fatalf("%s is not read in\n%s", r.Name, sql)
			}
			delete(w.reads, r.Name)
			if !strings.HasPrefix(sql[r.Offset:], r.Name) {
				t.Fatalf("%s is not at %d in\n%s", r.Name, r.Offset, sql)
			}
		}
		if len(w.reads) > 0 {
			t.Fatalf("%v is not found in\n%s", w.reads, sql)
		}
	})
}
