package paygaps_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"socialvalue/pipelines/people/paygaps"
)

// drawn is a contrast of sex in two snapshots: people on a pay spine of 60 points, a twentieth of them with a bonus.
func drawn(people int, breakdown string) []row {
	random := rand.New(rand.NewPCG(5, uint64(people)))
	rows := make([]row, 0, 2*people)
	for _, day := range []string{"2024-03-31", "2025-03-31"} {
		for i := range people {
			side := men
			if i%2 == 1 {
				side = women
			}
			bonus := 0.0
			if i%20 < 2 {
				bonus = 100 + float64(random.IntN(5000))/100
			}
			point := float64(random.IntN(60))
			r := person(side, i, ptr(math.Round(1204*math.Pow(1.025, point))/100), bonus)
			r.snapshot, r.breakdown = day, breakdown
			rows = append(rows, r)
		}
	}
	return rows
}

func benchmark(b *testing.B, rows []row) {
	b.Helper()
	record := inputRecord(rows)
	defer record.Release()
	b.ReportAllocs()
	for b.Loop() {
		reader, err := array.NewRecordReader(inputSchema(), []arrow.RecordBatch{record})
		if err != nil {
			b.Fatal(err)
		}
		err = paygaps.Estimator{}.Run(b.Context(), map[string]array.RecordReader{paygaps.InputName: reader}, nil,
			func(arrow.RecordBatch) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		reader.Release()
	}
}

// BenchmarkPeople is one contrast at two snapshots: the largest that is drawn again and again, one that is too large for
// it, and the authority's size.
func BenchmarkPeople(b *testing.B) {
	for _, people := range []int{950, 5000, 100000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) { benchmark(b, drawn(people, "all")) })
	}
}
