package paygaps_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
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

// stream makes the contrasts of a workforce one record at a time, as DuckDB does, so that only what the estimator keeps is
// kept.
type stream struct {
	array.RecordReader // nothing of it is used
	contrasts          []func() arrow.RecordBatch
	batch              arrow.RecordBatch
}

func (s *stream) Next() bool {
	if s.batch != nil {
		s.batch.Release()
		s.batch = nil
	}
	if len(s.contrasts) == 0 {
		return false
	}
	s.batch, s.contrasts = s.contrasts[0](), s.contrasts[1:]
	return true
}

func (s *stream) RecordBatch() arrow.RecordBatch { return s.batch }
func (s *stream) Err() error                     { return nil }

// cell is a contrast of a workforce: which of the people, and how many parts the breakdown has.
type cell struct {
	characteristic, breakdown, value, day string
	focalOf, part, parts                  int // one in so many is of the focal group; the part of the breakdown
}

func (c cell) record(people int) arrow.RecordBatch {
	random := rand.New(rand.NewPCG(uint64(c.part), uint64(people)))
	var rows []row
	for i := c.part; i < people; i += c.parts {
		side := men
		if random.IntN(c.focalOf) == 0 {
			side = women
		}
		r := person(side, i, ptr(math.Round(1204*math.Pow(1.025, float64(random.IntN(60))))/100), 0)
		if random.IntN(10) == 0 {
			r.bonus = 100 + float64(random.IntN(5000))/100
		}
		r.characteristic, r.breakdown, r.value, r.snapshot = c.characteristic, c.breakdown, c.value, c.day
		rows = append(rows, r)
	}
	return inputRecord(rows)
}

// BenchmarkWorkforce is all contrasts of an employer: ten, of groups of every size, for everybody and in 15 grades, 8
// directorates and two working patterns, at two snapshots. heap-MB is the largest heap that was seen, with the records
// that are read; the estimator's rows come and go. Making the records is part of the time.
func BenchmarkWorkforce(b *testing.B) {
	for _, people := range []int{950, 100000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			for b.Loop() {
				var made []func() arrow.RecordBatch
				peak := uint64(0)
				for characteristic := range 10 {
					for _, breakdown := range []struct {
						name  string
						parts int
					}{{"all", 1}, {"grade", 15}, {"directorate", 8}, {"working_pattern", 2}} {
						for part := range breakdown.parts {
							for _, day := range []string{"2024-03-31", "2025-03-31"} {
								c := cell{fmt.Sprint("c", characteristic), breakdown.name, fmt.Sprint(part), day, 2 + characteristic, part, breakdown.parts}
								made = append(made, func() arrow.RecordBatch {
									var memory runtime.MemStats
									runtime.ReadMemStats(&memory)
									peak = max(peak, memory.HeapAlloc)
									return c.record(people)
								})
							}
						}
					}
				}
				rows := 0
				err := paygaps.Estimator{}.Run(b.Context(), map[string]array.RecordReader{paygaps.InputName: &stream{contrasts: made}}, nil,
					func(batch arrow.RecordBatch) error { rows += int(batch.NumRows()); return nil })
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(peak)/(1<<20), "heap-MB")
				b.ReportMetric(float64(rows), "figures")
			}
		})
	}
}
