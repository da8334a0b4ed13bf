// Package estimatortest helps to test estimators.
package estimatortest

import (
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Forgetful is a reader that spoils the texts of a record when the next one is
// read, as memory that DuckDB takes back. An estimator that keeps a text without
// copying it gives other results from it.
type Forgetful struct {
	array.RecordReader
}

// Next spoils the texts of the present record and reads the next.
func (r Forgetful) Next() bool {
	if batch := r.RecordBatch(); batch != nil {
		for _, column := range batch.Columns() {
			if text, ok := column.(*array.String); ok {
				clear(text.Data().Buffers()[2].Bytes())
			}
		}
	}
	return r.RecordReader.Next()
}
