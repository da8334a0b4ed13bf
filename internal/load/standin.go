package load

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"socialvalue/internal/contract"
	"socialvalue/internal/place"
	"socialvalue/internal/pseudonym"
	"socialvalue/internal/warehouse"
)

// idsTable holds the distinct identifiers of a column while keys are made for
// them.
const idsTable = "svw_ids"

// keysAtOnce is how many keys are made in one go: what a file holds of people
// need not fit into memory.
const keysAtOnce = 200_000

// standIns makes, of every identifier and postcode of the document, what stands
// for it in raw.*, once for each distinct text of a good row. Typing reads it.
func (l *Loader) standIns(ctx context.Context, d *document) error {
	for _, identifier := range d.reading.Identifiers() {
		if err := l.makeKeys(ctx, d, identifier); err != nil {
			return fmt.Errorf("make the keys of %s: %w", identifier.Column, err)
		}
	}
	for _, placing := range d.reading.Placings() {
		if err := l.makePlaces(ctx, placing); err != nil {
			return fmt.Errorf("place %s: %w", placing.Column, err)
		}
	}
	return nil
}

// makeKeys fills the table of keys of one column.
func (l *Loader) makeKeys(ctx context.Context, d *document, identifier contract.Identifier) error {
	if d.source.Key == nil {
		return fmt.Errorf("source %s has no key", d.source.Name)
	}
	err := l.exec(ctx, "create or replace temp table "+idsTable+" as\n"+identifier.TextSQL+";\n"+
		"create or replace temp table "+identifier.Table+" (id_text varchar, key uuid)")
	if err != nil {
		return err
	}
	normaliser := pseudonym.NewNormaliser(identifier.Numeric)
	var wrong []string
	for from := 0; ; from += keysAtOnce {
		texts, err := l.DB.Texts(ctx, "select id_text from "+idsTable+" where rowid >= ? and rowid < ?", from, from+keysAtOnce)
		if err != nil {
			return warehouse.Scrub(err)
		}
		if len(texts) == 0 {
			break
		}
		keys := make([]string, len(texts))
		for i, text := range texts {
			normalised, ok := normaliser.Normalise(text)
			if !ok {
				return &Refusal{
					File: d.label, Reason: "an identifier in column " + identifier.Column + " cannot be brought into one spelling",
					Remedy: "keep the file and report it with the version of svw; the other files go on",
				}
			}
			if !identifier.Check.Right(normalised) {
				wrong = append(wrong, text)
			}
			key := d.source.Key.Pseudonym(identifier.Domain, normalised)
			keys[i] = hex.EncodeToString(key[:])
		}
		if err := l.insertKeys(ctx, identifier.Table, texts, keys); err != nil {
			return err
		}
	}
	if err := l.expelNumbers(ctx, d, identifier, wrong); err != nil {
		return fmt.Errorf("look at the check digits: %w", err)
	}
	return l.exec(ctx, "drop table "+idsTable)
}

// wrongTable holds the numbers whose check digit is wrong, with the keys made of them.
const wrongTable = "svw_wrong_ids"

// expelNumbers moves the rows of numbers whose check digit is wrong to the quarantine. That is looked at once for each
// distinct number: for each row it would take longer than everything else.
func (l *Loader) expelNumbers(ctx context.Context, d *document, identifier contract.Identifier, wrong []string) error {
	if len(wrong) == 0 {
		return nil
	}
	if err := l.exec(ctx, "create or replace temp table "+wrongTable+" (id_text varchar, key uuid)"); err != nil {
		return err
	}
	if err := l.insertKeys(ctx, wrongTable, wrong, make([]string, len(wrong))); err != nil {
		return err
	}
	return l.exec(ctx, d.reading.ExpelSQL(identifier, wrongTable)+";\ndrop table "+wrongTable)
}

// insertKeys hands texts and their keys to the database by memory: neither is
// ever part of a statement.
func (l *Loader) insertKeys(ctx context.Context, table string, texts, keys []string) error {
	schema := arrow.NewSchema([]arrow.Field{{Name: "id_text", Type: arrow.BinaryTypes.String}, {Name: "key", Type: arrow.BinaryTypes.String}}, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	for i, column := range [][]string{texts, keys} {
		field, _ := builder.Field(i).(*array.StringBuilder) // as the schema says
		field.AppendValues(column, nil)
	}
	batch := builder.NewRecordBatch()
	defer batch.Release()
	reader, err := array.NewRecordReader(schema, []arrow.RecordBatch{batch})
	if err != nil {
		return fmt.Errorf("hand over keys: %w", err)
	}
	defer reader.Release()
	statement := "insert into " + table + " select id_text, cast(nullif(key, '') as uuid) from " + warehouse.ArrowInput
	return warehouse.Scrub(l.DB.ExecArrow(ctx, statement, reader))
}

// makePlaces fills the table of places of one column.
func (l *Loader) makePlaces(ctx context.Context, placing contract.Placing) error {
	query := place.UnplacedSQL()
	if l.CanPlace {
		query = place.SQL()
	}
	switch {
	case len(placing.Deciles) == 0:
	case l.CanPlace:
		query = place.DecilesSQL(query, placing.Deciles)
	default:
		query = place.UnplacedDecilesSQL(placing.Deciles)
	}
	return l.exec(ctx, "create or replace temp table "+place.Given+" as\n"+placing.GivenSQL+";\n"+
		"create or replace temp table "+placing.Table+" as\n"+query+";\n"+
		"drop table "+place.Given)
}
