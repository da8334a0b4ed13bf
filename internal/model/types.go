package model

import (
	"slices"
	"strconv"
	"strings"
)

// Column is one declared column of a relation.
type Column struct {
	Name        string        `yaml:"name"`
	Type        string        `yaml:"type"` // a DuckDB type, upper case
	Unit        string        `yaml:"unit"`
	Description string        `yaml:"description"`
	Example     string        `yaml:"example"`
	Personal    string        `yaml:"personal"`     // none (default), indirect, direct or special
	Deprecated  string        `yaml:"deprecated"`   // why it goes, and what takes its place
	RenamedFrom string        `yaml:"renamed_from"` // the deprecated column whose place it takes
	Nullable    bool          `yaml:"nullable"`     // of a key's column: NULL where it does not apply
	Optional    bool          `yaml:"optional"`     // of a union: NULL in the rows of a member that lacks it
	Checks      []ColumnCheck `yaml:"checks"`
}

// IsPersonal says whether values of the column must not leave the warehouse in messages.
func (c Column) IsPersonal() bool { return c.Personal != "" && c.Personal != "none" }

// isName matches the names of schemas, relations, columns and macros.
func isName(name string) bool {
	for i, c := range name {
		switch {
		case c == '_' || 'a' <= c && c <= 'z':
		case '0' <= c && c <= '9' && i > 0:
		default:
			return false
		}
	}
	return name != ""
}

// isReserved lists DuckDB's reserved words, which no unquoted name may be; a test compares it with DuckDB.
func isReserved(name string) bool {
	switch name {
	case "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "both", "case", "cast", "check",
		"collate", "column", "constraint", "create", "default", "deferrable", "desc", "describe", "distinct", "do", "else",
		"end", "except", "false", "fetch", "for", "foreign", "from", "group", "having", "in", "initially", "intersect",
		"into", "lambda", "lateral", "leading", "limit", "not", "null", "offset", "on", "only", "or", "order", "pivot",
		"pivot_longer", "pivot_wider", "placing", "primary", "qualify", "references", "returning", "select", "show", "some",
		"summarize", "symmetric", "table", "then", "to", "trailing", "true", "union", "unique", "unpivot", "using",
		"variadic", "when", "where", "window", "with":
		return true
	}
	return false
}

// typeProblem says what is wrong with a declared type, or "".
func typeProblem(declared string) string {
	base := strings.TrimSuffix(declared, "[]")
	switch base {
	case "VARCHAR", "BOOLEAN", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "DATE", "TIME", "TIMESTAMP",
		"TIMESTAMPTZ", "INTERVAL", "UUID":
		return ""
	case "":
		return "no type: write a DuckDB type, such as VARCHAR, BIGINT, DOUBLE, DATE or DECIMAL(18,2)"
	case "JSON":
		return "JSON is text here: write VARCHAR"
	case "FLOAT", "REAL":
		return "too few digits: write DOUBLE"
	}
	if width, scale, ok := decimal(base); ok {
		if width >= 1 && width <= 38 && scale <= width {
			return ""
		}
		return "a DECIMAL has 1 to 38 digits, of which up to all behind the point: write DECIMAL(18,2)"
	}
	if meant, ok := map[string]string{
		"TEXT": "VARCHAR", "STRING": "VARCHAR", "CHAR": "VARCHAR", "INT": "INTEGER", "INT4": "INTEGER", "INT8": "BIGINT",
		"LONG": "BIGINT", "BOOL": "BOOLEAN", "NUMERIC": "DECIMAL(18,2)", "DECIMAL": "DECIMAL(18,2)", "FLOAT8": "DOUBLE",
		"DATETIME": "TIMESTAMP", "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
	}[strings.ToUpper(base)]; ok {
		return "write " + meant
	}
	if typeProblem(strings.ToUpper(base)) == "" && base != strings.ToUpper(base) {
		return "write " + strings.ToUpper(declared)
	}
	return "not a type of this engine: write one of VARCHAR, BOOLEAN, SMALLINT, INTEGER, BIGINT, HUGEINT, DOUBLE, DECIMAL(p,s), DATE, TIME, TIMESTAMP, TIMESTAMPTZ, INTERVAL, UUID, or a list of one, such as VARCHAR[]"
}

// decimal splits DECIMAL(p,s).
func decimal(typeName string) (width, scale int, ok bool) {
	inside, isDecimal := strings.CutPrefix(typeName, "DECIMAL(")
	inside, closed := strings.CutSuffix(inside, ")")
	w, s, both := strings.Cut(inside, ",")
	width, errWidth := strconv.Atoi(w)
	scale, errScale := strconv.Atoi(strings.TrimPrefix(s, " "))
	return width, scale, isDecimal && closed && both && errWidth == nil && errScale == nil && width >= 0 && scale >= 0
}

// normalType writes a type as DuckDB's DESCRIBE does.
func normalType(typeName string) string {
	base, list := strings.CutSuffix(typeName, "[]")
	if base == "TIMESTAMPTZ" {
		base = "TIMESTAMP WITH TIME ZONE"
	}
	base = strings.ReplaceAll(base, ", ", ",")
	if list {
		return base + "[]"
	}
	return base
}

// fits says whether a value of one type may be cast to a declared one without a silent loss of meaning. Overflow is not
// silent: the cast itself refuses it.
func fits(from, declared string) bool {
	from, to := normalType(from), normalType(declared)
	if from == to {
		return true
	}
	if fromList, toList := strings.HasSuffix(from, "[]"), strings.HasSuffix(to, "[]"); fromList || toList {
		return fromList && toList && fits(strings.TrimSuffix(from, "[]"), strings.TrimSuffix(to, "[]"))
	}
	switch kindOf(to) {
	case "whole":
		_, scale, isDecimal := decimal(from)
		return kindOf(from) == "whole" || isDecimal && scale == 0
	case "fraction":
		return kindOf(from) == "whole" || kindOf(from) == "fraction"
	case "text":
		// An untyped null is an INTEGER by the time it is seen here.
		return from == "INTEGER" || from == "JSON" || from == "UUID" || strings.HasPrefix(from, "ENUM")
	case "instant":
		return from == "INTEGER" || from == "DATE" && to == "TIMESTAMP"
	}
	return from == "INTEGER"
}

func kindOf(typeName string) string {
	switch {
	case slices.Contains([]string{"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}, typeName):
		return "whole"
	case typeName == "DOUBLE" || typeName == "FLOAT" || strings.HasPrefix(typeName, "DECIMAL("):
		return "fraction"
	case typeName == "VARCHAR":
		return "text"
	case strings.HasPrefix(typeName, "TIMESTAMP"):
		return "instant"
	}
	return typeName
}
