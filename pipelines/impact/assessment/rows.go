package assessment

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
)

// row reads the columns of one row by name and keeps the first error.
type row struct {
	batch   array.RecordReader
	columns map[string]int
	at      int
	err     error
}

// each calls take with every row of an input.
func each(ctx context.Context, inputs map[string]array.RecordReader, name string, take func(*row)) error {
	reader := inputs[name]
	if reader == nil {
		return fmt.Errorf("needs the input %q: name it in the model's inputs", name)
	}
	r := &row{batch: reader, columns: map[string]int{}}
	for i, field := range reader.Schema().Fields() {
		r.columns[field.Name] = i
	}
	for reader.Next() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped: %w", err)
		}
		for r.at = range int(reader.RecordBatch().NumRows()) {
			take(r)
			if r.err != nil {
				return fmt.Errorf("input %s: %w", name, r.err)
			}
		}
	}
	if err := reader.Err(); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// column finds a column, which must be of the declared type; none where it is null.
func column[T interface{ IsNull(i int) bool }](r *row, name, declared string) (found T, known bool) {
	at, ok := r.columns[name]
	if !ok {
		r.fail("column %s is not there: the input needs it, as %s", name, declared)
		return found, false
	}
	found, ok = r.batch.RecordBatch().Column(at).(T)
	if !ok {
		r.fail("column %s is %s: declare it %s", name, r.batch.RecordBatch().Column(at).DataType(), declared)
		return found, false
	}
	return found, !found.IsNull(r.at)
}

func (r *row) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// text is empty where it is null. It is a copy.
func (r *row) text(name string) string {
	if c, known := column[*array.String](r, name, "VARCHAR"); known {
		return strings.Clone(c.Value(r.at))
	}
	return ""
}

// whole is 0 where it is null.
func (r *row) whole(name string) int {
	if c, known := column[*array.Int64](r, name, "BIGINT"); known {
		return int(c.Value(r.at))
	}
	return 0
}

// number is nil where it is null.
func (r *row) number(name string) *float64 {
	if c, known := column[*array.Float64](r, name, "DOUBLE"); known {
		v := c.Value(r.at)
		return &v
	}
	return nil
}

// given is 0 where it is null.
func (r *row) given(name string) float64 {
	if v := r.number(name); v != nil {
		return *v
	}
	return 0
}

// is tells whether a flag is set.
func (r *row) is(name string) bool {
	c, known := column[*array.Boolean](r, name, "BOOLEAN")
	return known && c.Value(r.at)
}

// list splits a text at semicolons.
func (r *row) list(name string) []string {
	var parts []string
	for part := range strings.SplitSeq(r.text(name), ";") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
