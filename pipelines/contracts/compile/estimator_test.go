package compile_test

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/estimator/estimatortest"
	"socialvalue/pipelines/contracts/compile"
)

func run(rows [][5]string) (results []map[string]any, err error) {
	var fields []arrow.Field
	for _, name := range []string{"body_code", "ocid", "release_id", "released_at", "release"} {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String})
	}
	schema := arrow.NewSchema(fields, nil)
	record := func(rows [][5]string) arrow.RecordBatch {
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		defer b.Release()
		for _, row := range rows {
			for i, text := range row {
				b.Field(i).(*array.StringBuilder).Append(text)
			}
		}
		return b.NewRecordBatch()
	}
	half := len(rows) / 2
	in, err := array.NewRecordReader(schema, []arrow.RecordBatch{record(rows[:half]), record(rows[half:])})
	if err != nil {
		return nil, err
	}
	err = compile.Estimator{}.Run(context.Background(), map[string]array.RecordReader{compile.Input: estimatortest.Forgetful{RecordReader: in}}, nil, func(out arrow.RecordBatch) error {
		results = append(results, estimatortest.Rows(out)...)
		return nil
	})
	return results, err
}

// A process has a row for each release, in the order of their dates, whatever the order they come in; the two bodies that
// have notices of one process keep them apart.
func TestWhatWasKnownAfterEachRelease(t *testing.T) {
	t.Parallel()
	got, err := run([][5]string{
		{"a", "ocds-h6vhtk-1", "9", "2024-06-01T00:00:00", `{"awards":[{"id":"1","value":{"amount":24000}}]}`},
		{"a", "ocds-h6vhtk-1", "1", "2024-05-01T00:00:00", `{"tender":{"title":"T"},"awards":[{"id":"1","value":{"amount":19000.00}}]}`},
		{"b", "ocds-h6vhtk-1", "1", "2024-05-01T00:00:00", `{}`},
	})
	if err != nil {
		t.Fatal(err)
	}
	row := func(body, release string, no int64, last bool, compiled string) map[string]any {
		return map[string]any{"body_code": body, "ocid": "ocds-h6vhtk-1", "release_id": release, "release_no": no, "is_latest": last, "compiled": compiled}
	}
	want := []map[string]any{
		row("a", "1", 1, false, `{"awards":[{"id":"1","value":{"amount":19000.00}}],"tag":["compiled"],"tender":{"title":"T"}}`),
		row("a", "9", 2, true, `{"awards":[{"id":"1","value":{"amount":24000}}],"tag":["compiled"],"tender":{"title":"T"}}`),
		row("b", "1", 1, true, `{"tag":["compiled"]}`),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if none, err := run(nil); err != nil || len(none) > 0 {
		t.Errorf("no releases: %v, %v", none, err)
	}
	_, err = run([][5]string{{"a", "x", "1", "2024", `{}`}, {"b", "x", "1", "2024", `{}`}, {"a", "x", "2", "2025", `{}`}})
	if err == nil || !strings.Contains(err.Error(), "not together") {
		t.Errorf("releases that are not together: %v", err)
	}
}
