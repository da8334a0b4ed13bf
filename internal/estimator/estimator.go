//go:build duckdb_arrow

// Package estimator runs what SQL cannot say well: Go code that reads relations as Arrow records, in a fixed order, and
// gives rows of one table. An estimator has no database handle, no clock and no randomness but the seed it is given.
package estimator

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Estimator computes one table.
type Estimator interface {
	// Run reads its inputs, by the names the model's YAML gives them, and emits records of one schema. Inputs come in the
	// declared order of their relations. What is kept of a batch beyond the next one must be copied, texts with
	// strings.Clone: its memory goes back to DuckDB. The caller releases inputs; Run releases what it emits. It returns when the
	// context is cancelled.
	Run(ctx context.Context, inputs map[string]array.RecordReader, params map[string]any, emit func(arrow.RecordBatch) error) error
}

// Registry holds estimators by name@version. A change of results is a new version.
type Registry map[string]Estimator

// Func makes an Estimator of a function.
type Func func(ctx context.Context, inputs map[string]array.RecordReader, params map[string]any, emit func(arrow.RecordBatch) error) error

// Run calls the function.
func (f Func) Run(ctx context.Context, inputs map[string]array.RecordReader, params map[string]any, emit func(arrow.RecordBatch) error) error {
	return f(ctx, inputs, params, emit)
}

// SeedParameter is the parameter every estimator is given besides those of its model: an int64.
const SeedParameter = "seed"

// Seed derives the seed of a relation from its name, so that it is the same in every run and differs between relations.
func Seed(relation string) int64 {
	sum := sha256.Sum256([]byte(relation))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1) // one bit fewer, so that it is never negative
}
