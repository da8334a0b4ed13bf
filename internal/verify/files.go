//go:build duckdb_arrow

package verify

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
)

// smallFile is the size up to which a file is read whole by the second reader.
const smallFile = 4 << 20

// verifyParquet reads a Parquet file with parquet-go: its footer, and all of
// its rows when it is small.
func verifyParquet(path string, record manifest.DatasetRecord, expected manifest.File) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	opened, err := parquet.OpenFile(file, expected.Bytes)
	if err != nil {
		return fmt.Errorf("read footer: %w", err)
	}
	if expected.Rows == nil || opened.NumRows() != *expected.Rows {
		return fmt.Errorf("its footer counts %d rows, the manifest another number", opened.NumRows())
	}
	if err := verifySchema(opened, record); err != nil {
		return err
	}
	pairs := manifest.Metadata(record.Name, record.Description, record.Grain, record.Licence, record.SchemaVersion, record.InputsHash)
	if expected.Day != "" { // made when the day was built, whatever was said of the dataset since
		pairs = [][2]string{{"dataset", record.Name}, {"inputs_hash", expected.InputsHash}}
	}
	for _, pair := range pairs {
		if value, found := opened.Lookup(pair[0]); !found || value != pair[1] {
			return fmt.Errorf("its metadata say %s = %q, the manifest says %q", pair[0], value, pair[1])
		}
	}
	if expected.Bytes > smallFile {
		return nil
	}
	return readRows(opened)
}

// verifySchema compares the columns of a Parquet file with those of the
// manifest.
func verifySchema(file *parquet.File, record manifest.DatasetRecord) error {
	fields := file.Schema().Fields()
	var found, declared []string
	for _, field := range fields {
		if !field.Leaf() {
			return fmt.Errorf("column %s is nested", field.Name())
		}
		found = append(found, field.Name()+" "+field.Type().String())
	}
	for _, column := range record.Columns {
		known, err := manifest.ParseType(column.Type)
		if err != nil {
			return fmt.Errorf("column %s: %w", column.Name, err)
		}
		declared = append(declared, column.Name+" "+known.Parquet)
	}
	if !slices.Equal(found, declared) {
		return fmt.Errorf("its columns are %s, the manifest says %s", strings.Join(found, ", "), strings.Join(declared, ", "))
	}
	return nil
}

// readRows reads every page of a Parquet file.
func readRows(file *parquet.File) (err error) {
	buffer := make([]parquet.Row, 512)
	var total int64
	for _, group := range file.RowGroups() {
		rows := group.Rows()
		for {
			n, err := rows.ReadRows(buffer)
			total += int64(n)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return errors.Join(fmt.Errorf("read rows: %w", err), rows.Close())
			}
		}
		if err := rows.Close(); err != nil {
			return fmt.Errorf("read rows: %w", err)
		}
	}
	if total != file.NumRows() {
		return fmt.Errorf("it has %d rows, its footer counts %d", total, file.NumRows())
	}
	return nil
}

// verifyCSV reads a CSV file's mark and header, and counts its records when it
// is small.
func verifyCSV(path string, record manifest.DatasetRecord, expected manifest.File) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	buffered := bufio.NewReader(file)
	mark := make([]byte, len(manifest.ByteOrderMark))
	if _, err := io.ReadFull(buffered, mark); err != nil || string(mark) != manifest.ByteOrderMark {
		return errors.New("it does not begin with a byte order mark")
	}
	reader := csv.NewReader(buffered)
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		return fmt.Errorf("read header: %w", err)
	}
	declared := make([]string, len(record.Columns))
	for i, column := range record.Columns {
		declared[i] = column.Name
	}
	if !slices.Equal(header, declared) {
		return fmt.Errorf("its header is %s, the manifest says %s", strings.Join(header, ","), strings.Join(declared, ","))
	}
	if expected.Bytes > smallFile {
		return nil
	}
	var records int64
	for ; ; records++ {
		if _, err := reader.Read(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("read record: %w", err)
		}
	}
	if expected.Rows == nil || records != *expected.Rows {
		return fmt.Errorf("it has %d records, the manifest says another number", records)
	}
	return nil
}

// File makes sure that a file of a release is as its manifest says.
func File(path string, file manifest.File) error {
	size, sum, err := durable.Sum(path)
	if err != nil {
		return err
	}
	if size != file.Bytes || sum != file.SHA256 {
		return fmt.Errorf("%s has changed since the release was made", path)
	}
	return nil
}
