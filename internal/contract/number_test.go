package contract_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"socialvalue/internal/contract"
)

// A check digit of Luhn finds every wrong digit, and every two neighbours that changed places but 0 and 9.
func TestLuhnFindsWrongDigits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		digits := []byte(rapid.StringMatching(`[0-9]{4,17}`).Draw(r, "digits"))
		var right string
		for last := byte('0'); last <= '9'; last++ {
			if number := string(append(digits[:len(digits):len(digits)], last)); contract.CheckDigitLuhn.Right(number) {
				if right != "" {
					r.Fatalf("%s and %s are both right", right, number)
				}
				right = number
			}
		}
		if right == "" {
			r.Fatalf("no check digit of %s is right", digits)
		}
		at := rapid.IntRange(0, len(right)-1).Draw(r, "at")
		other := []byte(right)
		other[at] = '0' + (other[at]-'0'+byte(rapid.IntRange(1, 9).Draw(r, "by")))%10
		if contract.CheckDigitLuhn.Right(string(other)) {
			r.Errorf("%s is right, and so is %s", right, other)
		}
		if at > 0 {
			swapped := []byte(right)
			swapped[at-1], swapped[at] = swapped[at], swapped[at-1]
			pair := right[at-1 : at+1]
			if pair != "09" && pair != "90" && pair[0] != pair[1] && contract.CheckDigitLuhn.Right(string(swapped)) {
				r.Errorf("%s is right, and so is %s", right, swapped)
			}
		}
	})
}

// Rules about numbers are for columns that hold some.
func TestRulesOfNumbers(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		"numeric: true, check_digit: luhn, shared: ['12']": "",
		"check_digit: luhn":                 "are for numeric identifiers",
		"numeric: true, check_digit: mod11": `unknown check_digit "mod11"`,
		"numeric: true, shared: ['12 3']":   "by their digits alone",
	} {
		text := "version: 1\ndescription: cards\ngrain: one card\nload: {mode: append, identity: none}\ncolumns:\n" +
			"  - {name: card, type: text, description: card, personal: direct, action: pseudonymise, domain: card, " + rule + "}\n"
		_, err := contract.Parse("pipelines/cards/contracts/cards.yaml", []byte(text))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", rule, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", rule, err, want)
		}
	}
}
