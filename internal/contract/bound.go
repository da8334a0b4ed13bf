package contract

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"socialvalue/internal/strictyaml"
	"socialvalue/internal/warehouse"
)

// Bound is the least or greatest value of a column, as a person writes it: a
// number, a day as 2024-04-01, a month as 202404, a moment as 2024-04-01 13:05
// or a time of day as 13:05. Empty: none.
type Bound string

// MarshalJSON writes a number as one.
func (b Bound) MarshalJSON() ([]byte, error) {
	if numberBound.MatchString(string(b)) {
		number, err := json.Marshal(json.Number(b))
		if err == nil {
			return number, nil
		}
	}
	text, err := json.Marshal(string(b))
	if err != nil {
		return nil, fmt.Errorf("write a bound: %w", err)
	}
	return text, nil
}

var numberBound = regexp.MustCompile(`^-?\d{1,18}(?:\.\d{1,10})?$`)

// sql is the bound as a value of the type, and the moment or number it stands
// for, to compare two of them; false when it is no value of the type.
func (b Bound) sql(t Type) (literal string, ok bool) {
	text := string(b)
	parsed := func(layouts ...string) (time.Time, bool) {
		for _, form := range layouts {
			if at, err := time.Parse(form, text); err == nil {
				return at, true
			}
		}
		return time.Time{}, false
	}
	switch t {
	case TypeInteger, TypeDecimal, TypeMoney, TypePercent:
		return text, numberBound.MatchString(text) && (t != TypeInteger || !strings.Contains(text, "."))
	case TypeDate:
		at, ok := parsed(time.DateOnly)
		return "date " + warehouse.Text(at.Format(time.DateOnly)), ok
	case TypeYearMonth:
		at, ok := parsed("200601")
		return "date " + warehouse.Text(at.Format(time.DateOnly)), ok
	case TypeTimestamp:
		at, ok := parsed(time.DateOnly, "2006-01-02 15:04", time.DateTime)
		return "timestamp " + warehouse.Text(at.Format(time.DateTime)), ok
	case TypeTime:
		at, ok := parsed("15:04", time.TimeOnly)
		return "time " + warehouse.Text(at.Format(time.TimeOnly)), ok
	case TypeText, TypeCode, TypeBoolean, TypeUUID:
	}
	return "", false
}

// validateBounds reports bounds that are no values of the column's type.
func validateBounds(at strictyaml.Spot, column *Column) {
	for key, bound := range map[string]Bound{"min": column.Min, "max": column.Max} {
		if bound == "" {
			continue
		}
		if _, ok := bound.sql(column.Type); ok {
			continue
		}
		switch column.Type {
		case TypeText, TypeCode, TypeBoolean, TypeUUID:
			at.At(key).Report("%s: a %s has no %s: use values or pattern", column.Name, column.Type, key)
		default:
			at.At(key).Report("%s: %s is no value of type %s: write a number, a day as 2024-04-01, a month as 202404 or a time as 13:05",
				column.Name, key, column.Type)
		}
	}
}
