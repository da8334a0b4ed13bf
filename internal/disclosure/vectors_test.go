package disclosure

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// vectors are the cases of sdc_cases.json that are met now. Those left to the
// exact audit: minimum_loss_secondary_solutions as a pattern that must be found
// (a pattern is found that is safe, not the smallest), bounds by linear
// programming (attacker.bounds is weaker, the search that proves is stronger),
// dominance_cases, and the means of differencing_cases.
type vectors struct {
	Tables []struct {
		Name        string       `json:"name"`
		Threshold   string       `json:"threshold"`
		Counts      [][]int64    `json:"counts"`
		Primary     [][2]int     `json:"primary"`
		Recoverable [][2]int     `json:"recoverable_with_primary_only"`
		Solutions   [][][2]int   `json:"minimum_loss_secondary_solutions"`
		Loss        int64        `json:"secondary_loss"`
		Bounds      []boundsCase `json:"bounds_for_first_solution"`
	} `json:"tables"`
	Line struct {
		Values    map[string]int64 `json:"values"`
		Total     int64            `json:"total"`
		Threshold int64            `json:"threshold"`
		Primary   []string         `json:"primary"`
		Next      []string         `json:"secondary_next_smallest"`
	} `json:"line_totals_case"`
	Rounding []struct {
		N      int64 `json:"n"`
		Round5 int64 `json:"round5"`
	} `json:"rounding_cases"`
}

type boundsCase struct {
	Cell [2]int  `json:"cell"`
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	data, err := os.ReadFile("testdata/sdc_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// marginTable is a table whose margins are published, as the vectors have it.
func marginTable(counts [][]int64, threshold int64) (n *network, cells map[[2]int]int) {
	n, cells = &network{}, map[[2]int]int{}
	columns, total := make([][]term, len(counts[0])), int64(0)
	sums := make([]int64, len(counts[0]))
	var rowTerms []term
	for i, row := range counts {
		var terms []term
		sum := int64(0)
		for j, value := range row {
			v := variable{name: fmt.Sprint("cell ", i, " ", j), value: value, minimum: threshold}
			if small(value, threshold) {
				v.why = ruleSmall
			}
			cells[[2]int{i, j}] = n.add(v)
			terms = append(terms, term{cells[[2]int{i, j}], 1})
			columns[j] = append(columns[j], term{cells[[2]int{i, j}], 1})
			sum, sums[j] = sum+value, sums[j]+value
		}
		margin := n.add(variable{name: fmt.Sprint("row ", i), value: sum})
		n.equate(append(terms, term{margin, -1})...)
		rowTerms = append(rowTerms, term{margin, 1})
		total += sum
	}
	for j, terms := range columns {
		n.equate(append(terms, term{n.add(variable{name: fmt.Sprint("column ", j), value: sums[j]}), -1})...)
	}
	n.equate(append(rowTerms, term{n.add(variable{name: "total", value: total}), -1})...)
	return n, cells
}

// §3.2 rule 3, vectors "tables".
func TestVectorsOfSecondaryWithholding(t *testing.T) {
	t.Parallel()
	for _, table := range readVectors(t).Tables {
		t.Run(table.Name, func(t *testing.T) {
			t.Parallel()
			threshold := int64(5)
			if strings.Contains(table.Threshold, "1..9") {
				threshold = 10
			}
			// With primary cells alone, exactly the cells named can be worked out.
			bare, cells := marginTable(table.Counts, threshold)
			var primary [][2]int
			for at, v := range cells {
				if bare.vars[v].sensitive() {
					primary = append(primary, at)
					bare.vars[v].hidden = Primary
				}
			}
			slices.SortFunc(primary, func(a, b [2]int) int { return (a[0]-b[0])*100 + a[1] - b[1] })
			if !slices.Equal(primary, table.Primary) {
				t.Fatalf("primary = %v, want %v", primary, table.Primary)
			}
			derived := attacker{bare}.derivable()
			for at, v := range cells {
				if _, follows := derived[v]; follows != slices.Contains(table.Recoverable, at) {
					t.Errorf("cell %v can be worked out: %v", at, follows)
				}
			}
			// With the smallest pattern, nothing follows, and the bounds are no
			// narrower than those of linear programming.
			for _, solution := range table.Solutions {
				solved, cells := marginTable(table.Counts, threshold)
				for _, at := range slices.Concat(table.Primary, solution) {
					solved.vars[cells[at]].hidden, solved.vars[cells[at]].nought = Secondary, true
				}
				if derived := (attacker{solved}).derivable(); len(derived) > 0 {
					t.Errorf("with %v, %d cells can be worked out", solution, len(derived))
				}
				low, high := attacker{solved}.bounds()
				for _, want := range table.Bounds {
					if v := cells[want.Cell]; slices.Equal(solution, table.Solutions[0]) && (float64(low[v]) > want.Min || float64(high[v]) < want.Max) {
						t.Errorf("cell %v: %d to %d is narrower than %v to %v", want.Cell, low[v], high[v], want.Min, want.Max)
					}
				}
			}
			// What is found here is safe, though it may withhold more.
			found, cells := marginTable(table.Counts, threshold)
			found.protected(t)
			found.isBeaten(t)
			loss := int64(0)
			for _, v := range cells {
				if found.vars[v].hidden == Secondary {
					loss += found.vars[v].value
				}
			}
			if loss < table.Loss {
				t.Errorf("withholds %d people beside the primary cells; fewer than %d is not safe", loss, table.Loss)
			}
		})
	}
}

// Vector "line_totals_case": the next smallest goes with the small one.
func TestVectorOfALine(t *testing.T) {
	t.Parallel()
	line := readVectors(t).Line
	n := &network{}
	at := map[string]int{}
	var terms []term
	for _, name := range []string{"White", "Asian", "Black", "Mixed", "Other"} {
		v := variable{name: name, value: line.Values[name], minimum: line.Threshold}
		if small(v.value, line.Threshold) {
			v.why = ruleSmall
		}
		at[name] = n.add(v)
		terms = append(terms, term{at[name], 1})
	}
	n.equate(append(terms, term{n.add(variable{name: "total", value: line.Total}), -1})...)
	n.protected(t)
	for name, v := range at {
		want := Withholding("")
		switch {
		case slices.Contains(line.Primary, name):
			want = Primary
		case slices.Contains(line.Next, name):
			want = Secondary
		}
		if n.vars[v].hidden != want {
			t.Errorf("%s is %q, want %q", name, n.vars[v].hidden, want)
		}
	}
}

// Vectors "rounding_cases" and rounding_suppression.csv: half goes up, 1 to 4
// or 1 to 9 are withheld, nought is shown.
func TestVectorsOfRounding(t *testing.T) {
	t.Parallel()
	for _, test := range readVectors(t).Rounding {
		if got := roundTo(test.N, 5); got != test.Round5 {
			t.Errorf("%d is rounded to %d, want %d", test.N, got, test.Round5)
		}
	}
	file, err := os.Open("testdata/rounding_suppression.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	reader := csv.NewReader(file)
	reader.Comment = '#'
	records, err := reader.ReadAll()
	if err != nil || len(records) < 30 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	shown := func(count, minimum, base int64) string {
		if small(count, minimum) {
			return "c"
		}
		return strconv.FormatInt(roundTo(count, base), 10)
	}
	for _, record := range records[1:] {
		count, err := strconv.ParseInt(record[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{strconv.FormatInt(roundTo(count, 5), 10), strconv.FormatInt(roundTo(count, 10), 10), shown(count, 5, 5), shown(count, 10, 10)}
		if !slices.Equal(got, record[1:5]) {
			t.Errorf("%d: %v, want %v", count, got, record[1:5])
		}
	}
}
