// Package batch reads the columns of Arrow records for the estimators of contracts.
package batch

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Columns finds columns by name and keeps the first error.
type Columns struct {
	Record arrow.RecordBatch
	Err    error
}

// Column is a column of a type; want is its name in SQL.
func Column[T arrow.Array](c *Columns, name, want string) T {
	var none T
	for i, field := range c.Record.Schema().Fields() {
		if field.Name != name {
			continue
		}
		if found, ok := c.Record.Column(i).(T); ok {
			return found
		}
		c.fail(fmt.Errorf("column %s is of type %s: cast it to %s", name, field.Type, want))
		return none
	}
	c.fail(fmt.Errorf("no column %s: add it to the input, as %s", name, want))
	return none
}

func (c *Columns) fail(err error) {
	if c.Err == nil {
		c.Err = err
	}
}

// Text is a copy of a text; "" for null.
func Text(column *array.String, row int) string {
	if column.IsNull(row) {
		return ""
	}
	return strings.Clone(column.Value(row))
}
