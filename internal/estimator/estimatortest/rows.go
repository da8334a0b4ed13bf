package estimatortest

import "github.com/apache/arrow-go/v18/arrow"

// Rows are the rows of a record by column; what is null is not there.
func Rows(record arrow.RecordBatch) []map[string]any {
	rows := make([]map[string]any, record.NumRows())
	for i := range rows {
		rows[i] = map[string]any{}
		for at, field := range record.Schema().Fields() {
			if !record.Column(at).IsNull(i) {
				rows[i][field.Name] = record.Column(at).GetOneForMarshal(i)
			}
		}
	}
	return rows
}
