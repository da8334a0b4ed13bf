package report

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// FigureText is a value with its unit as the sentences of the scorecard have it (sql/macros/figure_text.sql).
func FigureText(value float64, unit string) string {
	switch {
	case unit == "share":
		return decimals(value*100, 1) + "%"
	case unit == "percent":
		return decimals(value, 1) + "%"
	case unit == "GBP" && math.Abs(value) >= 1e6:
		return signOf(value) + "£" + decimals(math.Abs(value)/1e6, 1) + " million"
	case unit == "GBP":
		return signOf(math.Round(value)) + "£" + whole(math.Abs(value))
	case unit == "" || unit == "ratio":
		return decimals(value, 2)
	case value == math.Round(value):
		return signOf(value) + whole(math.Abs(value)) + " " + unit
	}
	text := decimals(math.Abs(value), 1)
	before, after, _ := strings.Cut(text, ".")
	whole := grouped(before)
	if strings.Trim(text, "0.") == "" {
		value = 0
	}
	return signOf(value) + whole + "." + after + " " + unit
}

// bareText is a value without the name of what is counted, where there is little room.
func bareText(value float64, unit string) string {
	return strings.TrimSuffix(FigureText(value, unit), " "+unit)
}

func signOf(value float64) string {
	if value < 0 {
		return "−"
	}
	return ""
}

// decimals writes so many places; what rounds to nought has no sign.
func decimals(value float64, places int) string {
	text := strconv.FormatFloat(math.Abs(value), 'f', places, 64)
	if strings.Trim(text, "0.") == "" {
		return text
	}
	return signOf(value) + text
}

// whole writes a number without places, in groups of three.
func whole(value float64) string {
	return grouped(strconv.FormatFloat(math.Round(value), 'f', 0, 64))
}

// grouped puts commas between groups of three digits.
func grouped(digits string) string {
	var out strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(digit)
	}
	return out.String()
}

// dayText writes the day of a date or a time as DuckDB gives it.
func dayText(text string) string {
	const iso = "2006-01-02"
	if len(text) < len(iso) {
		return text
	}
	day, err := time.Parse(iso, text[:len(iso)])
	if err != nil {
		return text
	}
	return day.Format("2 January 2006")
}

// yearBefore is the financial year before one.
func yearBefore(year string) string {
	start, err := strconv.Atoi(strings.SplitN(year, "-", 2)[0])
	if err != nil {
		return ""
	}
	return strconv.Itoa(start-1) + "-" + strconv.Itoa(start)[2:]
}

// roles are those of the framework, in its order.
func roles() []string {
	return []string{"employer", "commissioner", "investor", "services", "civic_leader", "mayor", "chief_executive", "governance", "all"}
}

func roleText(role string) string {
	switch role {
	case "employer":
		return "As an employer"
	case "commissioner":
		return "As a commissioner"
	case "investor":
		return "As an investor"
	case "services":
		return "In its services"
	case "civic_leader":
		return "As a civic leader"
	case "mayor":
		return "The Mayor"
	case "chief_executive":
		return "The Chief Executive"
	case "governance":
		return "Governance"
	case "all":
		return "In every role"
	}
	return codeText(role)
}

// codeText makes words of a code that has none of its own.
func codeText(code string) string {
	words := strings.ReplaceAll(code, "_", " ")
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// reasonText says in a table why there is no value; the sentences of the scorecard say it at length.
func reasonText(reason string) string {
	switch reason {
	case "not_supplied":
		return "not supplied yet"
	case "no_source":
		return "no feed defined"
	case "not_computed":
		return "not computed yet"
	case "not_stated":
		return "not stated"
	case "zero_base":
		return "nothing to divide by"
	case "not_collected":
		return "not collected"
	case "no_known":
		return "no known place"
	case "unknown_above_limit":
		return "too much unknown"
	case "unevidenced_above_limit":
		return "too much not evidenced"
	case "partly_supplied":
		return "not all supplied yet"
	case "nothing_due":
		return "nothing was due"
	case "non_positive_denominator":
		return "nothing or less to divide by"
	case "negative_component":
		return "a part is negative"
	case "not_added":
		return "in parts"
	case "not_followed_so_long":
		return "not over yet"
	case "withheld":
		return "withheld"
	case "":
		return "no value"
	}
	return strings.ReplaceAll(reason, "_", " ")
}

// isMissing says whether there is no value because nobody measures it yet, rather than because it must not or cannot be told.
func isMissing(reason string) bool {
	switch reason {
	case "not_supplied", "partly_supplied", "no_source", "not_computed", "not_collected":
		return true
	}
	return false
}

// verdict is a measure's state in a word or two, and whether it is good, bad or neither: that decides no more than a colour.
func verdict(significance, reason string, hasValue bool) (words, mood string) {
	if !hasValue {
		switch {
		case reason == "not_added":
			return "In parts", "none"
		case reason == "withheld":
			return "Withheld", "none"
		case reason == "not_followed_so_long":
			return "Not over yet", "none"
		case isMissing(reason):
			return "Not measured yet", "missing"
		}
		return "No value", "missing"
	}
	switch significance {
	case "better":
		return "Better", "good"
	case "worse":
		return "Worse", "bad"
	case "":
		return "First year", "none"
	case "no_value", "no_baseline":
		return "Nothing to compare with", "none"
	case "small_base":
		return "Too few to say", "none"
	case "not_judged":
		return "Stated, not judged", "none"
	case "no_price_index":
		return "No price index yet", "none"
	case "by_few":
		return "Moved by a few payments", "none"
	}
	return codeText(significance), "none"
}

func directionText(direction string) string {
	switch direction {
	case "up":
		return "up is better"
	case "down":
		return "down is better"
	case "parity":
		return "towards parity"
	case "none":
		return "neither way"
	}
	return codeText(direction)
}

// ruleText says how it is decided whether a change is real.
func ruleText(rule string) string {
	switch rule {
	case "newcombe":
		return "real when the interval of the difference leaves out nought (Newcombe); no verdict on few"
	case "bounds":
		return "real when the bounds of what is not known do not overlap; money in the prices of the baseline's year"
	case "interval":
		return "real when the two intervals do not overlap"
	case "full_count":
		return "counted in full: about the same when it hardly moved"
	case "none":
		return "stated and not judged"
	}
	return codeText(rule)
}

func kindText(kind string) string {
	switch kind {
	case "day_one":
		return "Day one"
	case "aspiration":
		return "Aspiration"
	case "existing":
		return "Already done"
	}
	return codeText(kind)
}

// breakdownText names a breakdown.
func breakdownText(breakdown string) string {
	switch breakdown {
	case "all":
		return "All"
	case "ethnicity5":
		return "Ethnicity, in broad groups"
	case "ethnicity_white":
		return "Ethnicity, white and all others"
	case "orientation":
		return "Sexual orientation"
	case "home_district":
		return "District of the home address"
	case "home_imd_decile":
		return "Decile of deprivation of the home address (1: most deprived)"
	case "service":
		return "Service by service"
	case "decision_kind":
		return "Kind of decision"
	case "agreement_kind":
		return "Kind of agreement"
	case "ex_ante_as_approved":
		return "Before, as approved"
	case "ex_post_interim":
		return "After, interim"
	case "ex_post_final":
		return "After, final"
	}
	return codeText(breakdown)
}

// jsonList reads a list of names, kept as JSON text, as words.
func jsonList(text string) string {
	var names []string
	if err := json.Unmarshal([]byte(text), &names); err != nil {
		return text
	}
	return strings.Join(names, ", ")
}
