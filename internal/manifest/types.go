//go:build duckdb_arrow

package manifest

import (
	"fmt"
	"regexp"
	"strings"
)

// ColumnClass groups types by how their values are written as CSV.
type ColumnClass int

// The ways in which values are written.
const (
	ClassText ColumnClass = iota
	ClassNumber
	ClassBoolean
	ClassDate
	ClassTimestamp   // local, no zone
	ClassTimestampTZ // instant
)

// ColumnType is a type that a released column may have: one that Parquet keeps
// exactly and every client reads.
type ColumnType struct {
	Name    string // as DuckDB describes it
	Class   ColumnClass
	Parquet string // as parquet-go describes it
}

var decimalType = regexp.MustCompile(`^(?:DECIMAL|NUMERIC) ?\( ?(\d+) ?, ?(\d+) ?\)$`)

// ParseType knows the released types, under the names DuckDB accepts for them.
func ParseType(text string) (ColumnType, error) {
	name := strings.Join(strings.Fields(strings.ToUpper(text)), " ")
	if parts := decimalType.FindStringSubmatch(name); parts != nil {
		size := parts[1] + "," + parts[2] + ")"
		return ColumnType{"DECIMAL(" + size, ClassNumber, "DECIMAL(" + size}, nil
	}
	switch name {
	case "VARCHAR", "TEXT", "STRING":
		return ColumnType{"VARCHAR", ClassText, "STRING"}, nil
	case "UUID":
		return ColumnType{"UUID", ClassText, "UUID"}, nil
	case "BOOLEAN", "BOOL":
		return ColumnType{"BOOLEAN", ClassBoolean, "BOOLEAN"}, nil
	case "TINYINT":
		return ColumnType{"TINYINT", ClassNumber, "INT(8,true)"}, nil
	case "SMALLINT":
		return ColumnType{"SMALLINT", ClassNumber, "INT(16,true)"}, nil
	case "INTEGER", "INT":
		return ColumnType{"INTEGER", ClassNumber, "INT(32,true)"}, nil
	case "BIGINT":
		return ColumnType{"BIGINT", ClassNumber, "INT(64,true)"}, nil
	case "DOUBLE":
		return ColumnType{"DOUBLE", ClassNumber, "DOUBLE"}, nil
	case "DATE":
		return ColumnType{"DATE", ClassDate, "DATE"}, nil
	case "TIMESTAMP":
		return ColumnType{"TIMESTAMP", ClassTimestamp, "TIMESTAMP(isAdjustedToUTC=false,unit=MICROS)"}, nil
	case "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE":
		return ColumnType{"TIMESTAMP WITH TIME ZONE", ClassTimestampTZ, "TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)"}, nil
	}
	return ColumnType{}, fmt.Errorf("type %s cannot be released: use VARCHAR, UUID, BOOLEAN, TINYINT to BIGINT, DECIMAL(p,s), DOUBLE, DATE, TIMESTAMP or TIMESTAMPTZ", text)
}

// Canonical gives every column the name of its type that DuckDB reports. Types
// that cannot be released stay as they are; validate refuses them.
func Canonical(columns []Column) []Column {
	same := make([]Column, len(columns))
	for i, column := range columns {
		if known, err := ParseType(column.Type); err == nil {
			column.Type = known.Name
		}
		same[i] = column
	}
	return same
}
