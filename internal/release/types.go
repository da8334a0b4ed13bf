//go:build duckdb_arrow

package release

import (
	"fmt"
	"regexp"
	"strings"
)

// columnClass groups types by how their values are written as CSV.
type columnClass int

const (
	classText columnClass = iota
	classNumber
	classBoolean
	classDate
	classTimestamp   // local, no zone
	classTimestampTZ // instant
)

// columnType is a type that a released column may have: one that Parquet keeps
// exactly and every client reads.
type columnType struct {
	name    string // as DuckDB describes it
	class   columnClass
	parquet string // as parquet-go describes it
}

// parseType knows the released types, under the names DuckDB accepts for them.
func parseType(text string) (columnType, error) {
	name := strings.Join(strings.Fields(strings.ToUpper(text)), " ")
	decimal := regexp.MustCompile(`^(?:DECIMAL|NUMERIC) ?\( ?(\d+) ?, ?(\d+) ?\)$`)
	if parts := decimal.FindStringSubmatch(name); parts != nil {
		size := parts[1] + "," + parts[2] + ")"
		return columnType{"DECIMAL(" + size, classNumber, "DECIMAL(" + size}, nil
	}
	switch name {
	case "VARCHAR", "TEXT", "STRING":
		return columnType{"VARCHAR", classText, "STRING"}, nil
	case "UUID":
		return columnType{"UUID", classText, "UUID"}, nil
	case "BOOLEAN", "BOOL":
		return columnType{"BOOLEAN", classBoolean, "BOOLEAN"}, nil
	case "TINYINT":
		return columnType{"TINYINT", classNumber, "INT(8,true)"}, nil
	case "SMALLINT":
		return columnType{"SMALLINT", classNumber, "INT(16,true)"}, nil
	case "INTEGER", "INT":
		return columnType{"INTEGER", classNumber, "INT(32,true)"}, nil
	case "BIGINT":
		return columnType{"BIGINT", classNumber, "INT(64,true)"}, nil
	case "DOUBLE":
		return columnType{"DOUBLE", classNumber, "DOUBLE"}, nil
	case "DATE":
		return columnType{"DATE", classDate, "DATE"}, nil
	case "TIMESTAMP":
		return columnType{"TIMESTAMP", classTimestamp, "TIMESTAMP(isAdjustedToUTC=false,unit=MICROS)"}, nil
	case "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE":
		return columnType{"TIMESTAMP WITH TIME ZONE", classTimestampTZ, "TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)"}, nil
	}
	return columnType{}, fmt.Errorf("type %s cannot be released: use VARCHAR, UUID, BOOLEAN, TINYINT to BIGINT, DECIMAL(p,s), DOUBLE, DATE, TIMESTAMP or TIMESTAMPTZ", text)
}

// canonical gives every column the name of its type that DuckDB reports. Types
// that cannot be released stay as they are; validate refuses them.
func canonical(columns []Column) []Column {
	same := make([]Column, len(columns))
	for i, column := range columns {
		if known, err := parseType(column.Type); err == nil {
			column.Type = known.name
		}
		same[i] = column
	}
	return same
}
