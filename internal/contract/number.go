package contract

import (
	"socialvalue/internal/warehouse"
)

// DigitsLost is the rule that a number broke whose last digits a spreadsheet took away. What is lost cannot be found again,
// and other rows may have lost theirs without a trace, so such a document is refused whole.
const DigitsLost = "digits_lost"

// wrongCheckDigit is the rule that a number broke whose last digit does not follow from the others.
const wrongCheckDigit = "wrong_check_digit"

// rounded is how spreadsheets write numbers that they have rounded.
const rounded = `[0-9]+(?:[.,][0-9]+)?[eE][+]?[0-9]+`

// Right says whether the digits of a number add up as Luhn wants: from the right every second digit is doubled, the digits
// of the double are added up, and all together are a multiple of ten.
func (c CheckDigit) Right(digits string) bool {
	if c != CheckDigitLuhn {
		return true
	}
	sum := 0
	for place := range len(digits) {
		digit := int(digits[len(digits)-1-place] - '0')
		if place%2 == 1 {
			digit *= 2
			digit -= digit / 10 * 9
		}
		sum += digit
	}
	return sum%10 == 0
}

// unshared leaves numbers out that many have.
func (column *Column) unshared(text string) string {
	if len(column.Shared) == 0 {
		return ""
	}
	return " and regexp_replace(" + text + ", '[^0-9]', '', 'g') not in (" + quotedList(column.Shared) + ")"
}

// lostDigits is how a numeric identifier shows that it was rounded.
func (column *Column) lostDigits() violation {
	name := warehouse.Ident(column.Name)
	return violation{column: column.Name, rule: DigitsLost, when: "regexp_full_match(" + name + ", " + warehouse.Text(rounded) + ")"}
}

// ExpelSQL takes the rows of an identifier whose check digit is wrong away from the good ones; wrong names a table of their
// texts, as id_text.
func (r *Reading) ExpelSQL(identifier Identifier, wrong string) string {
	rows := r.goodRows() + "select row_index from text_rows where " + warehouse.Ident(identifier.Column) + " in (select id_text from " + wrong + ")"
	return "create or replace temp table svw_expelled as " + rows + ";\n" +
		"insert into " + Exceptions + " select row_index, '" + VerdictBad + "' from svw_expelled;\n" +
		"insert into " + Violations + " select row_index, " + warehouse.Text(identifier.Column) + ", '" + wrongCheckDigit + "', '••••••••' from svw_expelled;\n" +
		"drop table svw_expelled"
}

// NoRelease is the rule that a row broke which stands for a release of contracts and is none. What is wrong stands as its value.
const NoRelease = "no_release"
