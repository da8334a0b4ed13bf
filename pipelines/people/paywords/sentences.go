// Package paywords tells the figures of a pay gap in sentences. What is said of the quarters is made from all four: three
// quarters of one sex are not balanced by a mean.
//
// A sentence is as private as the table it stands in: it says figures, and nothing withholds a part of a text. So of fewer
// than ten people on a side, or in a quarter, no sentence tells; it says instead that it does not.
package paywords

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"socialvalue/pipelines/people/payfigures"
)

// Names are what the two groups are called in the middle of a sentence: women and men, Asian staff and White British staff.
type Names struct{ Focal, Comparator string }

// Sentence says one thing of a contrast.
type Sentence struct {
	About string // median_hourly, mean_hourly, change, quarters, majorities, bonus, reliability
	Text  string
}

// Sizes below which nothing is said, and below which it is said how little a figure holds (the methods, 2.8).
const (
	leastTold     = 10
	leastReliable = 30
)

// Sentences tell the figures of a contrast, in the order in which they are read out.
func Sentences(set payfigures.Set, names Names) []Sentence {
	var all []Sentence
	say := func(about, text string) {
		if text != "" {
			all = append(all, Sentence{about, text})
		}
	}
	median, mean := set.Figures["median_hourly"], set.Figures["mean_hourly"]
	say("median_hourly", gap("median hourly pay", median, names))
	say("mean_hourly", gap("mean hourly pay", mean, names))
	say("change", change(median))
	quarters, majorities := quarters(set, names)
	say("quarters", quarters)
	say("majorities", majorities)
	say("bonus", bonus(set, names))
	if n := smaller(median); n >= leastTold && n < leastReliable {
		say("reliability", fmt.Sprintf("One of the two groups has fewer than %d people: the figures move much when one person does.", leastReliable))
	}
	return all
}

func smaller(f payfigures.Figure) int64 { return min(f.Focal, f.Comparator) }

// gap compares a figure of the two groups.
func gap(what string, f payfigures.Figure, names Names) string {
	switch {
	case smaller(f) == 0:
		return fmt.Sprintf("There is no gap in %s: one of the two groups has nobody.", what)
	case smaller(f) < leastTold:
		return fmt.Sprintf("The gap in %s is not told: one of the two groups has fewer than %d people.", what, leastTold)
	case f.Value == nil:
		return fmt.Sprintf("The gap in %s cannot be computed: %s.", what, strings.ReplaceAll(f.Reason, "_", " "))
	case *f.Value == 0:
		return fmt.Sprintf("The %s of %s and of %s is the same, to a tenth of a per cent.", what, names.Focal, names.Comparator)
	}
	direction := "lower"
	if *f.Value < 0 {
		direction = "higher"
	}
	return fmt.Sprintf("The %s of %s is %s%% %s than that of %s: %sp for each £1.",
		what, names.Focal, decimal(math.Abs(*f.Value)), direction, names.Comparator, decimal(100-*f.Value))
}

// change says what became of the median gap, and whether chance alone could have done it.
func change(f payfigures.Figure) string {
	if f.Prior == nil || f.Change == nil || f.ChangeLow == nil || f.ChangeHigh == nil || smaller(f) < leastTold {
		return ""
	}
	verb := "went up"
	switch {
	case *f.Change == 0:
		return fmt.Sprintf("A year before, the median gap was %s%%: it has not changed.", decimal(*f.Prior))
	case *f.Change < 0:
		verb = "went down"
	}
	chance := "that is no more than chance alone could do"
	if *f.ChangeLow > 0 || *f.ChangeHigh < 0 {
		chance = "that is more than chance alone would do"
	}
	return fmt.Sprintf("A year before, the median gap was %s%%: it %s by %s percentage points, and %s (from %s to %s).",
		decimal(*f.Prior), verb, decimal(math.Abs(*f.Change)), chance, signed(*f.ChangeLow), signed(*f.ChangeHigh))
}

// bands are the quarters with what they are called.
func bands() [4][2]string {
	return [4][2]string{
		{"quarter_share_lower", "lower"},
		{"quarter_share_lower_middle", "lower middle"},
		{"quarter_share_upper_middle", "upper middle"},
		{"quarter_share_upper", "upper"},
	}
}

// allFour is how many quarters there are.
const allFour = 4

// half is from where a group is the majority.
const half = 0.5

// quarters say the focal group's share of each quarter and of all, and who is the majority where.
func quarters(set payfigures.Set, names Names) (shares, majorities string) {
	var parts, focal, others, even []string
	var counted, people float64
	for _, band := range bands() {
		f := set.Figures[band[0]]
		if f.Value == nil || f.Numerator == nil || f.Denominator == nil {
			return "", ""
		}
		rest := float64(*f.Denominator) - *f.Numerator
		if smaller(f) < leastTold || few(*f.Numerator) || few(rest) {
			return fmt.Sprintf("The quarters of pay are not told: fewer than %d people of a group stand in one of them.", leastTold), ""
		}
		counted, people = counted+*f.Numerator, people+float64(*f.Denominator)
		parts = append(parts, fmt.Sprintf("%s%% of the %s", decimal(100**f.Value), band[1]))
		switch {
		case *f.Value > half:
			focal = append(focal, band[1])
		case *f.Value < half:
			others = append(others, band[1])
		default:
			even = append(even, band[1])
		}
	}
	rest := "others"
	if people-counted == float64(set.Figures["mean_hourly"].Comparator) {
		rest = names.Comparator // there is nobody else
	}
	shares = fmt.Sprintf("%s are %s%% of everybody whose hourly pay counts: %s quarter.",
		upperFirst(names.Focal), decimal(100*counted/people), list(parts))
	var said []string
	for _, group := range []struct {
		name  string
		bands []string
	}{{names.Focal + " are the majority", focal}, {rest + " are the majority", others}, {"nobody is the majority", even}} {
		switch len(group.bands) {
		case 0:
		case allFour:
			said = append(said, group.name+" in all four quarters")
		default:
			said = append(said, fmt.Sprintf("%s in the %s %s", group.name, list(group.bands), plural("quarter", len(group.bands))))
		}
	}
	return shares, upperFirst(strings.Join(said, "; ")) + "."
}

// few reports whether a count is of so few people that it tells of them; nobody is told.
func few(count float64) bool { return count > 0 && count < leastTold }

// bonus says who was paid a bonus, and how the bonuses compare.
func bonus(set payfigures.Set, names Names) string {
	focal, comparator := set.Figures["bonus_share_focal"], set.Figures["bonus_share_comparator"]
	if focal.Value == nil || comparator.Value == nil || focal.Numerator == nil || comparator.Numerator == nil {
		return ""
	}
	for _, f := range []payfigures.Figure{focal, comparator} {
		if smaller(f) < leastTold || few(*f.Numerator) || few(float64(*f.Denominator)-*f.Numerator) {
			return fmt.Sprintf("Bonuses are not told: fewer than %d people of a group were paid one, or were not.", leastTold)
		}
	}
	if *focal.Value == 0 && *comparator.Value == 0 {
		return "Nobody was paid a bonus in the year."
	}
	text := fmt.Sprintf("%s%% of %s and %s%% of %s were paid a bonus in the year.",
		decimal(100**focal.Value), names.Focal, decimal(100**comparator.Value), names.Comparator)
	if median := set.Figures["median_bonus"]; median.Value != nil && smaller(median) >= leastTold {
		text += " " + strings.ReplaceAll(gap("median bonus", median, names), "for each £1", "for each £1 of bonus")
	}
	return text
}

// decimal is a number with one decimal, as the figures are rounded.
func decimal(value float64) string { return strconv.FormatFloat(value, 'f', 1, 64) }

// signed has a sign also when it is plus.
func signed(value float64) string {
	if value > 0 {
		return "+" + decimal(value)
	}
	return decimal(value)
}

// list joins parts with commas, and the last with and.
func list(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(slices.Clone(parts[:last]), ", ") + " and " + parts[last]
}

func plural(word string, n int) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

func upperFirst(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
