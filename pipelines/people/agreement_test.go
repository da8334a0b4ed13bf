//go:build duckdb_arrow

package people_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestSecondCalculationAgrees holds the SQL against a calculation in plain Go over the raw rows, for random workforces:
// who is relevant, who is on full pay, who was paid bonus and how much, and every hourly rate to 1e-9; by person and by
// contract, with literal and with normalised part periods.
func TestSecondCalculationAgrees(t *testing.T) {
	t.Parallel()
	c := newCalculator(t, "stage.pay_people")
	rapid.Check(t, func(r *rapid.T) {
		w := workforce{}
		addElements(w, ourBody)
		w.add("element_map", row{"body_code": ourBody, "valid_from": "2017-04-01", "element_code": "BONUS_UNSAID", "element_class": "BONUS"})
		for i := range rapid.IntRange(1, 30).Draw(r, "people") {
			drawPerson(r, w, fmt.Sprintf("N%03d", i))
		}
		choice := options{rapid.Bool().Draw(r, "contracts"), rapid.Bool().Draw(r, "normalised")}
		c.choose(t, map[bool]string{false: "person", true: "contract"}[choice.contracts], map[bool]string{false: "literal", true: "normalised"}[choice.normalised])
		c.of(t, w)
		want := secondOpinion(w, choice)
		got := c.ask(t, `select concat_ws('|', person_key, is_relevant, is_full_pay, paid_bonus, bonus_gbp, coalesce(cast(hourly_rate_gbp as varchar), 'null'))
			from stage.pay_people`)
		if len(got) != len(want) {
			r.Fatalf("%d people or contracts, want %d", len(got), len(want))
		}
		for _, line := range got {
			field := strings.Split(line, "|")
			second := want[field[0]]
			bonus, _ := second.bonus.Float64()
			if field[1] != strconv.FormatBool(second.relevant) || field[2] != strconv.FormatBool(second.fullPay) ||
				field[3] != strconv.FormatBool(second.paidBonus) || !near(field[4], strconv.FormatFloat(bonus, 'f', 2, 64), 1e-9) {
				r.Fatalf("%s: relevant, full pay, paid bonus, bonus are %v, want %v", field[0], field[1:5], second)
			}
			if second.rate == nil || field[5] == "null" {
				if second.rate != nil || field[5] != "null" {
					r.Fatalf("%s: rate %s, want %v", field[0], field[5], second.rate)
				}
				continue
			}
			rate, _ := strconv.ParseFloat(field[5], 64)
			if exact, _ := second.rate.Float64(); math.Abs(rate-exact) > 1e-9*max(1, math.Abs(exact)) {
				r.Fatalf("%s: rate %.12f, want %.12f", field[0], rate, exact)
			}
		}
	})
}

// oneOf draws a text; the first is the usual one, which rapid shrinks to.
func oneOf(r *rapid.T, label string, texts ...string) string {
	return rapid.SampledFrom(texts).Draw(r, label)
}

func drawDay(r *rapid.T, label string, from, to int) string {
	return day(ourSnapshot).AddDate(0, 0, rapid.IntRange(from, to).Draw(r, label)).Format(time.DateOnly)
}

// pence draws an amount of up to so many pence as pounds.
func pence(r *rapid.T, label string, from, to int) string {
	p := rapid.IntRange(from, to).Draw(r, label)
	sign := ""
	if p < 0 {
		sign, p = "-", -p
	}
	return fmt.Sprintf("%s%d.%02d", sign, p/100, p%100)
}

func drawPerson(r *rapid.T, w workforce, id string) {
	base := func() row { return row{"body_code": ourBody, "snapshot_date": ourSnapshot, "person_key": keyOf(id)} }
	if rapid.IntRange(0, 9).Draw(r, "in the file") > 0 {
		person := base()
		person.set("sex", oneOf(r, "sex", "F", "M", ""))
		w.add("person", person)
	}
	for p := range rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(r, "posts") {
		post := base()
		key := keyOf(fmt.Sprint(id, "/", p))
		post["assignment_key"] = key
		post["worker_type"] = oneOf(r, "type", "EMPLOYEE", "EMPLOYEE", "EMPLOYEE", "EMPLOYEE", "APPRENTICE", "CASUAL", "CASUAL", "CONTRACTOR_PERSONAL", "SECONDEE_OUT", "SECONDEE_IN", "AGENCY", "ELECTION_STAFF")
		post["post_kind"] = oneOf(r, "kind", "MAIN", "ADDITIONAL", "ACTING_UP")
		post["pay_frequency"] = oneOf(r, "frequency", "MONTH", "MONTH", "WEEK", "FORTNIGHT", "FOUR_WEEKS")
		post["started_on"] = drawDay(r, "started", -2000, 3)
		if rapid.IntRange(0, 3).Draw(r, "lately") == 0 {
			post["started_on"] = drawDay(r, "started lately", -32, 3)
		}
		if rapid.IntRange(0, 4).Draw(r, "ends") == 0 {
			post["ended_on"] = max(post["started_on"], drawDay(r, "ended", -45, 10))
		}
		post["hours_vary"] = strconv.FormatBool(post["worker_type"] == "CASUAL" || rapid.IntRange(0, 9).Draw(r, "vary") == 0)
		switch rapid.IntRange(0, 5).Draw(r, "hours said") {
		case 0:
			post.set("weekly_hours_hundredths", oneOf(r, "hundredths", "3700", "1850", "3625", "0"))
		case 1: // not said
		default:
			post["weekly_hours"] = oneOf(r, "hours", "37", "36", "36.25", "18.5", "22.2", "1", "0")
		}
		post.set("annual_salary_gbp", oneOf(r, "salary", "", "", "30000.00", "21750.00"))
		post.set("weeks_per_year", oneOf(r, "weeks", "", "", "44.6", "39", "52", "52.18"))
		w.add("assignment", post)
		if rapid.IntRange(0, 5).Draw(r, "absent") == 0 {
			absence := base()
			absence["assignment_key"], absence["reduced_pay_because_of_leave"] = key, oneOf(r, "reduced", "false", "true")
			w.add("absence", absence)
		}
		drawWeeks(r, w, post)
		drawLines(r, w, post)
	}
}

func drawWeeks(r *rapid.T, w workforce, post row) {
	if post["hours_vary"] != "true" {
		return
	}
	for i := range rapid.IntRange(0, 18).Draw(r, "weeks with a row") {
		week := row{"body_code": ourBody, "snapshot_date": ourSnapshot, "person_key": post["person_key"], "assignment_key": post["assignment_key"]}
		week["week_ending"] = day("2025-04-06").AddDate(0, 0, -7*i).Format(time.DateOnly)
		week.set("weeks_covered", oneOf(r, "weeks covered", "", "", "", "4", "5"))
		week["hours"] = oneOf(r, "hours of the week", "16", "0", "7.4", "20.5", "37")
		w.add("weekly_hours", week)
	}
}

func drawLines(r *rapid.T, w workforce, post row) {
	spans := map[string]int{"WEEK": 7, "FORTNIGHT": 14, "FOUR_WEEKS": 28}
	for range rapid.IntRange(0, 5).Draw(r, "lines") {
		line := row{"body_code": ourBody, "snapshot_date": ourSnapshot, "person_key": post["person_key"], "assignment_key": post["assignment_key"]}
		line["element_code"] = oneOf(r, "element", "BASIC", "BASIC", "BASIC", "ALLOWANCE", "OVERTIME", "ARREARS", "SACRIFICE", "LGPS", "LEAVE", "UNPAID", "STRIKE", "SHIFT", "TIMESHEET", "BONUS_MONTH", "BONUS_YEAR", "BONUS_SAME", "BONUS_UNSAID", "MILEAGE", "REDUNDANCY")
		line["amount_gbp"] = pence(r, "amount", -50_000, 500_000)
		line["period_start"], line["period_end"] = "2025-03-01", "2025-03-31"
		if span, ok := spans[post["pay_frequency"]]; ok {
			line["period_start"] = day("2025-04-03").AddDate(0, 0, 1-span).Format(time.DateOnly)
			line["period_end"] = "2025-04-03"
		}
		if rapid.IntRange(0, 3).Draw(r, "another period") == 0 {
			line["period_start"], line["period_end"] = "2024-11-01", "2024-11-30"
		}
		line["paid_on"] = drawDay(r, "paid", -380, 5)
		if rapid.IntRange(0, 3).Draw(r, "earned") == 0 {
			line["earned_from"] = drawDay(r, "earned from", -90, 10)
			if rapid.Bool().Draw(r, "earned to") {
				line["earned_to"] = max(line["earned_from"], drawDay(r, "to", -60, 20))
			}
		}
		line.set("element_text", oneOf(r, "text", "", "SALARY", "NJC ARREARS 24/25", "BACKDATED PAY", "RECOVERY", "ARREARSX"))
		w.add("pay_lines", line)
	}
}
