//go:build duckdb_arrow

package warehouse

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// portions is a reader of what several queries answer, one after the other.
type portions struct {
	current array.RecordReader
	more    []string // queries that have not been run
	run     func(query string) (array.RecordReader, error)
	err     error
}

var _ array.RecordReader = (*portions)(nil)

// Next reads the next record. The answer to a query is given up before the next one is run: that is what is saved.
func (p *portions) Next() bool {
	for p.err == nil {
		if p.current.Next() {
			return true
		}
		if p.current.Err() != nil || len(p.more) == 0 {
			return false
		}
		query := p.more[0]
		p.more = p.more[1:]
		p.current.Release()
		next, err := p.run(query)
		if err != nil {
			p.current, p.err = nothing(p.current.Schema()), err
			return false
		}
		p.current = next
	}
	return false
}

// nothing is a reader without a record.
func nothing(schema *arrow.Schema) array.RecordReader {
	reader, _ := array.NewRecordReader(schema, nil) // it fails for records of another schema alone
	return reader
}

func (p *portions) Err() error {
	if p.err != nil {
		return p.err
	}
	return p.current.Err()
}

func (p *portions) Retain() { p.current.Retain() }

func (p *portions) Release() { p.current.Release() }

func (p *portions) Schema() *arrow.Schema { return p.current.Schema() }

func (p *portions) RecordBatch() arrow.RecordBatch { return p.current.RecordBatch() }

// Record is RecordBatch by its old name, which the interface still asks for.
func (p *portions) Record() arrow.RecordBatch { return p.current.RecordBatch() }
