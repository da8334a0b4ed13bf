//go:build duckdb_arrow

package housingfirst_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue"
)

// cells are the rows of a CSV file without its line of origin, header first.
func cells(t *testing.T, data []byte) [][]string {
	t.Helper()
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// vectorAndReference are a vector and the reference data that is shipped for it, without their headers.
func vectorAndReference(t *testing.T, vector, reference string) (want, got [][]string) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + vector)
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := socialvalue.Assets.ReadFile("sql/ref/" + reference)
	if err != nil {
		t.Fatal(err)
	}
	return cells(t, data)[1:], cells(t, shipped)[1:]
}

func TestVectorSWEMWBSConversion(t *testing.T) {
	t.Parallel()
	want, got := vectorAndReference(t, "swemwbs_conversion.csv", "swemwbs_metric.csv")
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 29 {
		t.Errorf("%d rows (-vector +shipped):\n%s", len(want), diff)
	}
}

// The vector has a row for each question, its bands as lowest-highest; that of anxiety names its bands in the cells.
func TestVectorONS4Bands(t *testing.T) {
	t.Parallel()
	vector, shipped := vectorAndReference(t, "ons4_bands.csv", "ons4_bands.csv")
	var want, got []string
	for _, row := range vector {
		question, _, reversed := strings.Cut(row[0], " (reversed")
		for i, name := range []string{"low", "medium", "high", "very high"} {
			values := row[1+i]
			if reversed {
				at := strings.LastIndex(values, " ")
				name, values = values[:at], values[at+1:]
			}
			want = append(want, question+" "+strings.ReplaceAll(name, " ", "_")+" "+values)
		}
	}
	for _, row := range shipped {
		got = append(got, fmt.Sprintf("%s %s %s-%s", row[0], row[1], row[2], row[3]))
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 16 {
		t.Errorf("%d bands (-vector +shipped):\n%s", len(want), diff)
	}
}

// What others published stands as they printed it, each with its page; parts alone come from another page (B-22).
func TestVectorPublishedBenchmarks(t *testing.T) {
	t.Parallel()
	vector, shipped := vectorAndReference(t, "published_benchmarks.csv", "hf_published.csv")
	var want, got [][]string
	page := ""
	for _, row := range vector {
		if row[5] != "same" {
			page = row[5]
		}
		if strings.HasPrefix(row[0], "Housing First") || strings.HasPrefix(row[0], "Households into Work") {
			want = append(want, append(slices.Clone(row[:5]), page))
		}
	}
	parts := 0
	for _, row := range shipped {
		if row[3] != "all" {
			parts++
			continue
		}
		value := row[4]
		if row[5] == "more_than" {
			value = "over " + value
		}
		got = append(got, []string{row[0], row[1], row[2], value, row[6], row[7]})
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 30 || parts != 6 {
		t.Errorf("%d figures and %d parts (-vector +shipped):\n%s", len(want), parts, diff)
	}
}
