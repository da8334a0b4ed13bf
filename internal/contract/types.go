package contract

import (
	"fmt"
	"slices"
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
	TypeTime      Type = "time"
	TypePercent   Type = "percent"
	TypeUUID      Type = "uuid"
)

const (
	groupedDigits = `\d{1,3}(?:,\d{3}){1,5}`
	moneyNumber   = `(?:(?:\d{1,15}|` + groupedDigits + `)(?:\.\d{0,2})?|\.\d{1,2})`

	integerPattern   = `-?(?:\d{1,18}|` + groupedDigits + `)`
	decimalPattern   = `-?(?:\d{1,18}|` + groupedDigits + `)(?:\.\d{1,10})?`
	moneyPattern     = `(?:(?:-?£?|£-)` + moneyNumber + `|£?` + moneyNumber + `-|\(£?` + moneyNumber + `\))`
	yearMonthPattern = `\d{6}`
	timePattern      = `\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?`
	percentPattern   = `-?\d{1,6}(?:\.\d{1,6})?\s?%?`
	uuidPattern      = `(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})`
	isoDate          = "YYYY-MM-DD"
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
		TypeTimestamp: timestampRule(dates),
		TypeTime: {
			sqlType: "TIME", accepts: "a time of day as 13:05 or 13:05:30", pattern: timePattern, canBeImpossible: true,
			read: func(text string) string { return "try_cast(" + withSeconds(text) + " as TIME)" },
		},
		TypePercent: {
			sqlType: "DECIMAL(18,6)", accepts: "a percentage such as 12.5 or 12.5%", pattern: percentPattern,
			read: func(text string) string { return "try_cast(trim(replace(" + text + ", '%', '')) as DECIMAL(18,6))" },
		},
		TypeUUID: {
			sqlType: "UUID", accepts: "an identifier such as 6f2c0c1e-0d4f-4b57-9f10-0a6f3f6f0d11", pattern: uuidPattern,
			read: func(text string) string { return "try_cast(" + text + " as UUID)" },
		},
		TypeBoolean: {
			sqlType: "BOOLEAN", accepts: "yes or no, true or false, y or n, 1 or 0", pattern: `(?i:yes|no|true|false|y|n|1|0)`,
			read: func(text string) string { return "lower(" + text + ") in ('yes', 'true', 'y', '1')" },
		},
	}
}

// withSeconds adds the seconds that a time of day leaves out.
func withSeconds(text string) string {
	return "case when length(" + text + ") = 5 then " + text + " || ':00' else " + text + " end"
}

// isISO says whether a format is that which DuckDB reads itself.
func isISO(format layout.Date) bool { return format.Format == isoDate }

// timestampRule reads a day in any of the layout's formats, a blank or T, and a
// time of day.
func timestampRule(formats []layout.Date) typeRule {
	if len(formats) == 0 || len(formats) == 1 && isISO(formats[0]) {
		return typeRule{
			sqlType: "TIMESTAMP", accepts: "a time as YYYY-MM-DD hh:mm:ss", pattern: isoDatePattern + "[T ]" + timePattern, canBeImpossible: true,
			read: func(text string) string { return "try_cast(" + text + " as TIMESTAMP)" },
		}
	}
	const pause = "[T ]"
	day, pattern := dateRule(formats), make([]string, len(formats))
	for i, format := range formats {
		pattern[i] = strings.TrimSuffix(strings.TrimPrefix(format.Pattern(), "^"), "$")
	}
	return typeRule{
		sqlType: "TIMESTAMP", accepts: day.accepts + " and a time as hh:mm:ss", canBeImpossible: true,
		pattern: "(?:" + strings.Join(pattern, "|") + ")" + pause + timePattern,
		read: func(text string) string {
			days := "regexp_extract(" + text + ", " + warehouse.Text("^(.*)"+pause+timePattern+"$") + ", 1)"
			clock := "regexp_extract(" + text + ", " + warehouse.Text(timePattern+"$") + ")"
			parts := "(" + day.read(days) + " + try_cast(" + withSeconds(clock) + " as TIME))"
			if !slices.ContainsFunc(formats, isISO) {
				return parts
			}
			// Most have the form that DuckDB reads itself, ten times faster than by parts.
			return "coalesce(case when regexp_full_match(" + text + ", " + warehouse.Text(isoDatePattern+pause+timePattern) +
				") then try_cast(" + text + " as TIMESTAMP) end, " + parts + ")"
		},
	}
}

// isDay says whether values of the type are days.
func (t Type) isDay() bool {
	sqlType := t.SQLType()
	return sqlType == "DATE" || sqlType == "TIMESTAMP"
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
// brackets or carries a minus on either side. Most is a plain number, which is
// read ten times faster as such; the pattern allows no more than two decimals.
func readMoney(text string) string {
	digits := "replace(replace(translate(" + text + ", '£(),', ''), '-', ''), ' ', '')"
	negative := "(contains(" + text + ", '-') or starts_with(" + text + ", '('))"
	return "coalesce(try_cast(" + text + " as DECIMAL(18,2)), try_cast(case when " + negative + " then '-' else '' end || " + digits + " as DECIMAL(18,2)))"
}

func readYearMonth(text string) string {
	return "cast(try_strptime(" + text + ", '%Y%m') as DATE)"
}

// dateRule reads a date in any of the layout's formats; ISO when it names none.
func dateRule(formats []layout.Date) typeRule {
	if len(formats) == 0 || len(formats) == 1 && isISO(formats[0]) {
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
				read := fmt.Sprintf("cast(try_strptime(%s, %s) as DATE)", text, warehouse.Text(strings.ReplaceAll(format.Strptime(), "%-", "%")))
				if isISO(format) {
					read = "try_cast(" + text + " as DATE)"
				}
				fmt.Fprintf(&branches, " when regexp_full_match(%s, %s) then %s", text, warehouse.Text(format.Pattern()), read)
			}
			return "(case" + branches.String() + " end)"
		},
	}
}
