package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"socialvalue/internal/nearest"
	"socialvalue/internal/strictyaml"
)

// Reference is a table of reference data: where it is from, and its rows.
type Reference struct {
	Source     string
	SourceDate string
	Edition    string
	Licence    string
	Mark       string     // verified, recalled or decided
	Rows       [][]string // in the order of the declared columns; an empty text is NULL
	Digest     string     // of the file
}

// referenceSpec is the YAML beside a CSV of reference data.
type referenceSpec struct {
	AddsTo      string     `yaml:"adds_to"` // the table of reference data that its rows are added to
	Description string     `yaml:"description"`
	Source      string     `yaml:"source"`
	SourceDate  string     `yaml:"source_date"`
	Edition     string     `yaml:"edition"`
	Licence     string     `yaml:"licence"`
	Mark        string     `yaml:"mark"`
	Owner       string     `yaml:"owner"`
	Grain       string     `yaml:"grain"`
	Key         []string   `yaml:"key"`
	OrderBy     []string   `yaml:"order_by"`
	Columns     []Column   `yaml:"columns"`
	Checks      []SQLCheck `yaml:"checks"`
	Publish     Publish    `yaml:"publish"`
	Disabled    bool       `yaml:"disabled"`
}

// spec is the part of it that all relations share.
func (r referenceSpec) spec() Spec {
	return Spec{
		Grain: r.Grain, Description: r.Description, Owner: r.Owner, Key: r.Key, OrderBy: r.OrderBy, Columns: r.Columns,
		Checks: r.Checks, Publish: r.Publish, Disabled: r.Disabled,
	}
}

// check reports what the YAML leaves out: a number without its source cannot be defended.
func (r referenceSpec) check(doc *strictyaml.Doc) {
	for _, field := range []struct{ key, value, remedy string }{
		{"description", r.Description, "say in one sentence what the rows are"},
		{"source", r.Source, "say where the values are from, with the address or page"},
		{"source_date", r.SourceDate, "give the date the source was published or read"},
		{"grain", r.Grain, "say what one row is"},
	} {
		if field.key == "grain" && r.AddsTo != "" {
			continue // that of the table
		}
		if strings.TrimSpace(field.value) == "" {
			doc.At().Report("no %s: %s", field.key, field.remedy)
		}
	}
	if r.Mark != "verified" && r.Mark != "recalled" && r.Mark != "decided" {
		doc.At("mark").Report("mark is verified (checked against the source), recalled (still to be checked) or decided (by the authority)")
	}
	for i, c := range r.Columns {
		if typeProblem(c.Type) == "" && !slices.Contains([]string{"VARCHAR", "BOOLEAN", "SMALLINT", "INTEGER", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP"}, c.Type) && kindOf(c.Type) != "fraction" {
			doc.At("columns", i, "type").Report("reference data have columns of VARCHAR, BOOLEAN, SMALLINT, INTEGER, BIGINT, DOUBLE, DECIMAL(p,s), DATE or TIMESTAMP")
		}
	}
}

// readReference reads the rows of a CSV file against its declared columns. Those that are not needed may be left out, and are
// then NULL.
func readReference(file string, data []byte, columns []Column, needed []string) (rows [][]string, problems Problems) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	reader.FieldsPerRecord = -1
	fail := func(line, column int, format string, args ...any) {
		problems = append(problems, Problem{file, line, column, fmt.Sprintf(format, args...)})
	}
	header, err := reader.Read()
	if err != nil {
		fail(1, 0, "no header: the first line names the columns")
		return nil, problems
	}
	order, ok := headerOrder(header, columns, needed, func(field int, format string, args ...any) {
		_, column := reader.FieldPos(field)
		fail(1, column, format, args...)
	})
	if !ok {
		return nil, problems
	}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, problems
		}
		var syntax *csv.ParseError
		if errors.As(err, &syntax) {
			fail(syntax.Line, syntax.Column, "%v: quote fields that hold quotes, and double the quotes inside", syntax.Err)
			return rows, problems
		}
		if err != nil {
			fail(0, 0, "%v", err)
			return rows, problems
		}
		line, _ := reader.FieldPos(0)
		if len(record) != len(header) {
			fail(line, 0, "%d fields, the header has %d: quote fields that hold commas", len(record), len(header))
			continue
		}
		row := make([]string, len(columns))
		for i, field := range order {
			if field < 0 {
				continue
			}
			row[i] = record[field]
			if remedy := valueProblem(row[i], columns[i].Type); remedy != "" {
				_, column := reader.FieldPos(field)
				fail(line, column, "%s is not %s: %s", columns[i].Name, columns[i].Type, remedy)
			}
		}
		rows = append(rows, row)
	}
}

// headerOrder finds the field of each declared column; -1 where one that is not needed has none.
func headerOrder(header []string, columns []Column, needed []string, fail func(field int, format string, args ...any)) (order []int, ok bool) {
	declared := make([]string, len(columns))
	for i, c := range columns {
		declared[i] = c.Name
	}
	ok = true
	for i, name := range header {
		if !slices.Contains(declared, name) {
			meant := nearest.Of(name, declared)
			if meant == "" {
				meant = "one of " + strings.Join(declared, ", ")
			}
			fail(i, "unknown column %q: declare it in the YAML, or write %s", name, meant)
			ok = false
		}
	}
	for _, name := range declared {
		field := slices.Index(header, name)
		if field < 0 && slices.Contains(needed, name) {
			fail(0, "no column %s: the YAML declares it", name)
			ok = false
		}
		order = append(order, field)
	}
	if named := slices.Sorted(slices.Values(header)); ok && len(slices.Compact(named)) < len(header) {
		fail(0, "a column stands twice in the header: keep one")
		ok = false
	}
	return order, ok
}

// valueProblem says what a value of a type looks like when this one does not; an empty one is NULL and always fits.
func valueProblem(value, typeName string) string {
	if value == "" || typeName == "VARCHAR" {
		return ""
	}
	switch typeName {
	case "BOOLEAN":
		if value != "true" && value != "false" {
			return "write true or false"
		}
	case "SMALLINT", "INTEGER", "BIGINT":
		bits := map[string]int{"SMALLINT": 16, "INTEGER": 32, "BIGINT": 64}[typeName]
		if _, err := strconv.ParseInt(value, 10, bits); err != nil || value[0] == '+' {
			return "write digits alone, such as 1234"
		}
	case "DOUBLE":
		if _, err := strconv.ParseFloat(value, 64); err != nil || strings.ContainsAny(value, "xXpP_nN") {
			return "write a plain number, such as 12.5"
		}
	case "DATE":
		if _, err := time.Parse("2006-01-02", value); err != nil {
			return "write YYYY-MM-DD"
		}
	case "TIMESTAMP":
		if _, err := time.Parse("2006-01-02 15:04:05", value); err != nil {
			return "write YYYY-MM-DD HH:MM:SS"
		}
	default:
		if width, scale, ok := decimal(typeName); ok && !isDecimalText(value, width, scale) {
			return fmt.Sprintf("write up to %d digits before the point and %d behind it", width-scale, scale)
		}
	}
	return ""
}

func isDecimalText(value string, width, scale int) bool {
	whole, fraction, pointed := strings.Cut(strings.TrimPrefix(value, "-"), ".")
	digits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	return whole != "" && digits(whole) && digits(fraction) && len(strings.TrimLeft(whole, "0")) <= width-scale &&
		len(fraction) <= scale && (!pointed || fraction != "")
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
