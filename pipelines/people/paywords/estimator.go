package paywords

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/pipelines/people/contrast"
	"socialvalue/pipelines/people/payfigures"
)

// Name is how a model names the estimator, with the version of its sentences.
const Name = "pay_gap_sentences@1"

// Names of the inputs.
const (
	FiguresInput = "figures"
	LabelsInput  = "labels"
)

// Estimator tells each contrast and snapshot in sentences; its zero value is ready for use.
//
// figures is what pay_gaps made, ordered by the key of the contrast and snapshot_date. labels has characteristic,
// group_code and group_label, VARCHAR: what a group is called in the middle of a sentence, in the plural (women, Asian
// staff). A group without a label is an error. The result has the key of the contrast, snapshot_date, sentence_number
// BIGINT (from 1), about and sentence VARCHAR. It has no parameters.
type Estimator struct{}

// Run reads the labels, then the figures, and emits one record.
func (Estimator) Run(
	ctx context.Context,
	inputs map[string]array.RecordReader,
	params map[string]any,
	emit func(arrow.RecordBatch) error,
) error {
	for name := range params {
		if name != "seed" {
			return fmt.Errorf("no parameter %s: there are none", name)
		}
	}
	figures, labels := inputs[FiguresInput], inputs[LabelsInput]
	if figures == nil || labels == nil || len(inputs) != 2 {
		return fmt.Errorf("needs the inputs %q and %q: name both in the model's inputs", FiguresInput, LabelsInput)
	}
	known, err := readLabels(labels)
	if err != nil {
		return fmt.Errorf("input %s: %w", LabelsInput, err)
	}
	builder := array.NewRecordBuilder(memory.DefaultAllocator, outputSchema())
	defer builder.Release()
	if err := payfigures.Read(ctx, figures, func(set payfigures.Set) error {
		names, err := known.of(set.Key)
		if err != nil {
			return err
		}
		write(builder, set.Key, Sentences(set, names))
		return nil
	}); err != nil {
		return fmt.Errorf("input %s: %w", FiguresInput, err)
	}
	record := builder.NewRecordBatch()
	defer record.Release()
	return emit(record)
}

// labels are what groups are called, by characteristic and code.
type labels map[[2]string]string

func readLabels(reader array.RecordReader) (labels, error) {
	known := labels{}
	for reader.Next() {
		find := contrast.Finder{Batch: reader.RecordBatch()}
		var columns [3]*array.String
		for i, name := range []string{"characteristic", "group_code", "group_label"} {
			columns[i] = contrast.Column[*array.String](&find, name, "VARCHAR")
		}
		if find.Err != nil {
			return nil, find.Err
		}
		for i := range int(reader.RecordBatch().NumRows()) {
			if columns[0].IsNull(i) || columns[1].IsNull(i) || columns[2].IsNull(i) || columns[2].Value(i) == "" {
				return nil, fmt.Errorf("characteristic, group_code or group_label of a row is null: give all three")
			}
			known[[2]string{strings.Clone(columns[0].Value(i)), strings.Clone(columns[1].Value(i))}] = strings.Clone(columns[2].Value(i))
		}
	}
	if err := reader.Err(); err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return known, nil
}

func (l labels) of(k contrast.Key) (Names, error) {
	names := Names{l[[2]string{k.Characteristic, k.Focal}], l[[2]string{k.Characteristic, k.Comparator}]}
	for _, group := range [][2]string{{k.Focal, names.Focal}, {k.Comparator, names.Comparator}} {
		if group[1] == "" {
			return Names{}, fmt.Errorf("%s: the group %s has no label: add it to the input %s", k, group[0], LabelsInput)
		}
	}
	return names, nil
}

func outputSchema() *arrow.Schema {
	text := arrow.BinaryTypes.String
	var fields []arrow.Field
	for _, name := range contrast.SeriesColumns() {
		fields = append(fields, arrow.Field{Name: name, Type: text})
	}
	return arrow.NewSchema(append(fields,
		arrow.Field{Name: "snapshot_date", Type: arrow.PrimitiveTypes.Date32},
		arrow.Field{Name: "sentence_number", Type: arrow.PrimitiveTypes.Int64},
		arrow.Field{Name: "about", Type: text},
		arrow.Field{Name: "sentence", Type: text},
	), nil)
}

func write(b *array.RecordBuilder, k contrast.Key, sentences []Sentence) {
	for number, s := range sentences {
		texts := k.Texts()
		for at, text := range texts {
			b.Field(at).(*array.StringBuilder).Append(text)
		}
		at := len(texts)
		b.Field(at).(*array.Date32Builder).Append(k.Snapshot)
		b.Field(at + 1).(*array.Int64Builder).Append(int64(number + 1))
		b.Field(at + 2).(*array.StringBuilder).Append(s.About)
		b.Field(at + 3).(*array.StringBuilder).Append(s.Text)
	}
}
