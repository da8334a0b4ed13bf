package landing

import "sort"

// Break begins a run of rows that lie equally far from their physical lines.
type Break struct {
	FromRow int64 // first row of the run; rows count from 0, as rowid does
	Shift   int64 // physical line = row + Shift
}

// LineMap leads from a row of what DuckDB reads to the physical line of the
// document on which its record begins.
type LineMap struct {
	breaks []Break
}

// Breaks returns the runs in order of their rows: join a row to the last break
// whose FromRow is not beyond it.
func (m LineMap) Breaks() []Break { return m.breaks }

// Line returns the physical line of row i; the first row is 0, the first line 1.
func (m LineMap) Line(i int64) int64 {
	n := sort.Search(len(m.breaks), func(k int) bool { return m.breaks[k].FromRow > i })
	if n == 0 {
		return 0 // there are no rows
	}
	return i + m.breaks[n-1].Shift
}

// Row returns the row whose record begins on a physical line; false when none
// does before the next run of rows begins. The last run is open-ended.
func (m LineMap) Row(line int64) (row int64, ok bool) {
	for i, run := range m.breaks {
		row := line - run.Shift
		if row >= run.FromRow && (i+1 == len(m.breaks) || row < m.breaks[i+1].FromRow) {
			return row, true
		}
	}
	return 0, false
}

// add notes the line of the next row; rows come in order.
func (m *LineMap) add(row, line int64) {
	shift := line - row
	if n := len(m.breaks); n == 0 || m.breaks[n-1].Shift != shift {
		m.breaks = append(m.breaks, Break{FromRow: row, Shift: shift})
	}
}
