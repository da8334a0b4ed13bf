package contract

import (
	"fmt"
	"strings"

	"socialvalue/internal/layout"
	"socialvalue/internal/warehouse"
)

// Type is the type of a contract column.
type Type string

// The types of contract columns. Each has one canonical text pattern that is
// matched before any cast, because DuckDB's casts are lenient: 12.345 would
// become 12.35, and `1e3`, `0x10` and `infinity` would pass.
const (
	TypeText      Type = "text"
	TypeCode      Type = "code"
	TypeInteger   Type = "integer"
	TypeDecimal   Type = "decimal"
	TypeMoney     Type = "money"
	TypeDate      Type = "date"
	TypeYearMonth Type = "year_month"
	TypeTimestamp Type = "timestamp"
	TypeBoolean   Type = "boolean"
)

const (
	groupedDigits = `\d{1,3}(?:,\d{3}){1,5}`
	moneyNumber   = `(?:(?:\d{1,15}|` + groupedDigits + `)(?:\.\d{0,2})?|\.\d{1,2})`

	integerPattern   = `-?(?:\d{1,18}|` + groupedDigits + `)`
	decimalPattern   = `-?(?:\d{1,18}|` + groupedDigits + `)(?:\.\d{1,10})?`
	moneyPattern     = `(?:(?:-?£?|£-)` + moneyNumber + `|£?` + moneyNumber + `-|\(£?` + moneyNumber + `\))`
	yearMonthPattern = `\d{6}`
	timestampPattern = `\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?`
	isoDatePattern   = `\d{4}-\d{2}-\d{2}`
)

// typeRule says how text of a type is recognised and read.
type typeRule struct {
	sqlType string
	accepts string                   // what a person is told is accepted
	pattern string                   // whole-text pattern; empty: any text
	read    func(text string) string // SQL that gives the typed value of matching text, or null
	// canBeImpossible says that text may match the pattern and still be no
	// value, as 31 February. Numbers that match always fit their type.
	canBeImpossible bool
}

// rules returns the rule of every type; dates are read as the layout writes them.
func rules(dates []layout.Date) map[Type]typeRule {
	return map[Type]typeRule{
		TypeText:    {sqlType: "VARCHAR", accepts: "any text", read: asIs},
		TypeCode:    {sqlType: "VARCHAR", accepts: "a code", read: func(text string) string { return "upper(" + text + ")" }},
		TypeInteger: {sqlType: "BIGINT", accepts: "a whole number such as 1234 or 1,234", pattern: integerPattern, read: readNumber("BIGINT")},
		TypeDecimal: {
			sqlType: "DECIMAL(38,10)", accepts: "a number such as 1234.5", pattern: decimalPattern, read: readDecimal,
		},
		TypeMoney: {
			sqlType: "DECIMAL(18,2)", accepts: "an amount such as 1234.56, £1,234.56, (309.00) or 12.50-, with at most two decimals",
			pattern: moneyPattern, read: readMoney,
		},
		TypeDate:      dateRule(dates),
		TypeYearMonth: {sqlType: "DATE", accepts: "a month as YYYYMM", pattern: yearMonthPattern, read: readYearMonth, canBeImpossible: true},
		TypeTimestamp: {
			sqlType: "TIMESTAMP", accepts: "a time as YYYY-MM-DD hh:mm:ss", pattern: timestampPattern, canBeImpossible: true,
			read: func(text string) string { return "try_cast(" + text + " as TIMESTAMP)" },
		},
		TypeBoolean: {
			sqlType: "BOOLEAN", accepts: "yes or no, true or false, y or n, 1 or 0", pattern: `(?i:yes|no|true|false|y|n|1|0)`,
			read: func(text string) string { return "lower(" + text + ") in ('yes', 'true', 'y', '1')" },
		},
	}
}

// SQLType is the DuckDB type a column of this type is stored as.
func (t Type) SQLType() string { return rules(nil)[t].sqlType }

func asIs(text string) string { return text }

// readNumber reads a number. Most have no comma, and looking for one is cheaper
// than writing the text anew.
func readNumber(sqlType string) func(string) string {
	return func(text string) string {
		digits := "case when contains(" + text + ", ',') then replace(" + text + ", ',', '') else " + text + " end"
		return "try_cast(" + digits + " as " + sqlType + ")"
	}
}

// readDecimal reads a number with decimals. DuckDB reads text into a decimal of
// more than 18 digits fifty times slower, so that is done only where the number
// does not fit the smaller one; neither rounds, for the pattern allows no more
// than ten decimals.
func readDecimal(text string) string {
	return "coalesce(cast(" + readNumber("DECIMAL(18,10)")(text) + " as DECIMAL(38,10)), " + readNumber("DECIMAL(38,10)")(text) + ")"
}

// readMoney reads matched money text: the digits, negative when the text is in
// brackets or carries a minus on either side.
func readMoney(text string) string {
	digits := "replace(replace(translate(" + text + ", '£(),', ''), '-', ''), ' ', '')"
	negative := "(contains(" + text + ", '-') or starts_with(" + text + ", '('))"
	return "try_cast(case when " + negative + " then '-' else '' end || " + digits + " as DECIMAL(18,2))"
}

func readYearMonth(text string) string {
	return "cast(try_strptime(" + text + ", '%Y%m') as DATE)"
}

// dateRule reads a date in any of the layout's formats; ISO when it names none.
func dateRule(formats []layout.Date) typeRule {
	if len(formats) == 0 || (len(formats) == 1 && formats[0].Format == "YYYY-MM-DD") {
		return typeRule{
			sqlType: "DATE", accepts: "a date as YYYY-MM-DD", pattern: isoDatePattern, canBeImpossible: true,
			read: func(text string) string { return "try_cast(" + text + " as DATE)" },
		}
	}
	patterns := make([]string, len(formats))
	names := make([]string, len(formats))
	for i, format := range formats {
		patterns[i] = format.Pattern()
		names[i] = format.Format
	}
	return typeRule{
		sqlType: "DATE",
		accepts: "a date as " + strings.Join(names, " or "),
		pattern: "(?:" + strings.Join(patterns, "|") + ")", canBeImpossible: true,
		read: func(text string) string {
			var branches strings.Builder
			for _, format := range formats {
				fmt.Fprintf(&branches, " when regexp_full_match(%s, %s) then try_strptime(%s, %s)",
					text, warehouse.Text(format.Pattern()), text, warehouse.Text(strings.ReplaceAll(format.Strptime(), "%-", "%")))
			}
			return "cast(case" + branches.String() + " end as DATE)"
		},
	}
}
