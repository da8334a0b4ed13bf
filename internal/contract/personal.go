package contract

import (
	"regexp"
	"slices"
	"strings"

	"socialvalue/internal/strictyaml"
)

// domainName is the form of a domain: no text of ours about a key has it.
var domainName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// validatePersonal reports what is wrong with the column's class of personal
// data and with what is to become of it.
func (column *Column) validatePersonal(at strictyaml.Spot) {
	problem := func(format string, args ...any) { at.Report(column.Name+": "+format, args...) }
	switch column.Personal {
	case "", PersonalNone:
		if column.Action != "" && column.Action != ActionKeep {
			problem("action %s is for personal data: say personal: indirect, direct or special", column.Action)
		}
	case PersonalIndirect, PersonalDirect, PersonalSpecial:
		if column.Action == "" {
			problem("personal data need an action")
		}
	default:
		problem("personal %q must be none, indirect, direct or special", column.Personal)
	}
	if column.Action != ActionPseudonymise && (column.Domain != "" || column.Numeric) {
		problem("domain and numeric are for action pseudonymise")
	}
	column.validateNumber(problem)
	if column.Action != ActionBand && column.Band != nil {
		problem("band is for action band")
	}
	if column.Action != ActionPlace && column.Place != nil {
		problem("place is for action place")
	}
	if column.Because != "" && (column.Action != ActionKeep || column.Personal != PersonalDirect) {
		problem("because is for a direct identifier that is kept")
	}
	switch column.Action {
	case "":
	case ActionKeep:
		column.validateKept(problem)
	case ActionPseudonymise:
		if !domainName.MatchString(column.Domain) {
			problem("pseudonymise needs a domain of small letters, digits and -, as concession-person: columns of one domain give one person one key")
		}
		if column.Type != TypeText && column.Type != TypeCode {
			problem("pseudonymise needs type text or code: leading zeros tell people apart")
		}
		column.asksNothing(problem, "pseudonymise takes pattern alone", false)
	case ActionBand:
		column.validateBand(problem)
	case ActionPlace:
		if column.Type != TypeText && column.Type != TypeCode {
			problem("place needs type text or code")
		}
		column.asksNothing(problem, "every row is placed or told why not", true)
	case ActionDrop:
		column.asksNothing(problem, "it is dropped before its text is looked at", true)
		if column.Required {
			problem("it is dropped before its text is looked at: take required away")
		}
	default:
		problem("unknown action %q: it is keep, pseudonymise, band, place or drop", column.Action)
	}
}

// validateNumber reports rules about numbers where there is none.
func (column *Column) validateNumber(problem func(string, ...any)) {
	if (column.CheckDigit != "" || len(column.Shared) > 0) && !column.Numeric {
		problem("check_digit and shared are for numeric identifiers: say numeric: true, or take them away")
	}
	if column.CheckDigit != "" && column.CheckDigit != CheckDigitLuhn {
		problem("unknown check_digit %q: it is luhn", column.CheckDigit)
	}
	for _, number := range column.Shared {
		if number == "" || strings.Trim(number, "0123456789") != "" {
			problem("shared lists numbers by their digits alone, as 633597818900000003, not %q", number)
		}
	}
}

// asksNothing reports rules about a text that cannot be held against it, or
// whose values would stand in the contract.
func (column *Column) asksNothing(problem func(string, ...any), why string, pattern bool) {
	if len(column.Values) > 0 || len(column.Recode) > 0 || column.Min != "" || column.Max != "" || (pattern && column.Pattern != "") {
		problem("%s: take values, recode, min, max and pattern away", why)
	}
}

// validateKept holds names, numbers and addresses of people off raw.*: what is
// kept of a direct identifier, or of what nobody need know, must be one of few
// values, and so cannot be a name, a number or what somebody wrote.
func (column *Column) validateKept(problem func(string, ...any)) {
	if column.Personal != PersonalDirect && column.Personal != PersonalSpecial {
		return
	}
	switch column.Type {
	case TypeText, TypeCode, TypeUUID:
		if len(column.Values) == 0 {
			problem("text of personal: %s is never stored as it is: say pseudonymise, band, place or drop, or list its values", column.Personal)
			return
		}
	case TypeDate, TypeYearMonth, TypeTimestamp, TypeTime, TypeBoolean:
	case TypeInteger, TypeDecimal, TypeMoney, TypePercent:
		if column.Personal == PersonalDirect {
			problem("a number that tells who a person is, is never stored as it is: say pseudonymise, band or drop")
			return
		}
	}
	if column.Personal == PersonalDirect && strings.TrimSpace(column.Because) == "" {
		problem("a direct identifier is kept only where the contract says why: add because: and the reason, or say band or drop")
	}
}

// unstored gives the names of the columns of these actions: in SQL about what is
// stored, or about texts, they say nothing.
func unstored(actions ...Action) func(*Column) []string {
	return func(column *Column) []string {
		if slices.Contains(actions, column.Action) {
			return []string{column.Name}
		}
		return nil
	}
}

// dateColumn reports whether name is a column whose text says a day.
func (c *Contract) dateColumn(name string) bool {
	column := c.Column(name)
	return column != nil && column.Action != ActionDrop && (column.Type == TypeDate || column.Type == TypeTimestamp || column.Type == TypeYearMonth)
}
