//go:build duckdb_arrow

package people_test

import (
	"math/big"
	"slices"
	"strings"
)

// opinion is what a second calculation, made from the raw rows in exact fractions and apart from the SQL, says of a person.
type opinion struct {
	relevant, fullPay, paidBonus bool
	rate                         *big.Rat // nil: none
	bonus                        *big.Rat
}

// secondOpinion judges everybody in the rows of one body on one snapshot date by sections 1.2 to 1.7 of the methods page.
func secondOpinion(w workforce) map[string]opinion {
	opinions := map[string]opinion{}
	people := map[string]bool{}
	for _, relation := range []string{"raw.people_person", "raw.people_assignment"} {
		for _, r := range w[relation] {
			people[r["person_key"]] = true
		}
	}
	for key := range people {
		opinions[key] = judge(w, key)
	}
	return opinions
}

func rows(w workforce, contract, person string) []row {
	return slices.DeleteFunc(slices.Clone(w["raw.people_"+contract]), func(r row) bool { return r["person_key"] != person })
}

// rat reads a number, nought where there is none.
func rat(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return new(big.Rat)
	}
	return r
}

func days(period string) *big.Rat {
	return rat(map[string]string{
		"WEEK": "7", "FORTNIGHT": "14", "FOUR_WEEKS": "28", "MONTH": "30.44", "QUARTER": "91.32", "SIX_MONTHS": "182.64", "YEAR": "365.25",
	}[period])
}

// makesEmployee says whether a post does: a contract of employment, of apprenticeship, or personally to do work.
func makesEmployee(post row) bool {
	return slices.Contains([]string{"EMPLOYEE", "APPRENTICE", "CASUAL", "CONTRACTOR_PERSONAL", "SECONDEE_OUT"}, post["worker_type"])
}

func held(post row) bool {
	return post["started_on"] <= post["snapshot_date"] && (post["ended_on"] == "" || post["ended_on"] >= post["snapshot_date"])
}

func judge(w workforce, person string) opinion {
	o := opinion{bonus: new(big.Rat)}
	posts := map[string]row{}
	var now []row
	onlyContractor := true
	for _, post := range rows(w, "assignment", person) {
		posts[post["assignment_key"]] = post
		if makesEmployee(post) && held(post) {
			now = append(now, post)
			onlyContractor = onlyContractor && post["worker_type"] == "CONTRACTOR_PERSONAL"
		}
	}
	if len(now) == 0 {
		return o
	}
	reduced := false
	for _, absence := range rows(w, "absence", person) {
		post := posts[absence["assignment_key"]]
		reduced = reduced || absence["reduced_pay_because_of_leave"] == "true" && makesEmployee(post) && held(post)
	}
	classes := map[string]row{}
	for _, element := range w["raw.people_element_map"] {
		classes[element["element_code"]] = element
	}
	weekly, paying, unpaid := new(big.Rat), 0, map[string]bool{}
	for _, line := range rows(w, "pay_lines", person) {
		post, element := posts[line["assignment_key"]], classes[line["element_code"]]
		if !makesEmployee(post) {
			continue
		}
		inPeriod := line["period_start"] <= line["snapshot_date"] && line["snapshot_date"] <= line["period_end"]
		amount := rat(line["amount_gbp"])
		switch element["element_class"] {
		case "BONUS":
			if day(line["paid_on"]).After(day(line["snapshot_date"]).AddDate(-1, 0, 0)) && line["paid_on"] <= line["snapshot_date"] {
				o.bonus.Add(o.bonus, amount)
			}
			if !inPeriod {
				continue
			}
			// Prorated to the pay period and then taken to a week, the days of the period fall out.
			length := days(element["bonus_period"])
			if element["bonus_period"] == "SAME" {
				length = days(post["pay_frequency"])
			}
			weekly.Add(weekly, perWeek(amount, length))
		case "BASIC", "ALLOWANCE", "PIECEWORK", "LEAVE_PAY", "SHIFT_PREMIUM", "SALARY_SACRIFICE", "STRIKE_DEDUCTION", "UNPAID_LEAVE":
			if !inPeriod || ofAnotherPeriod(line, post, element) {
				continue
			}
			reduced = reduced || element["element_class"] == "UNPAID_LEAVE" && amount.Sign() < 0
			weekly.Add(weekly, perWeek(amount, days(post["pay_frequency"])))
		default:
			continue
		}
		paying++
		unpaid[line["assignment_key"]] = true
	}
	if onlyContractor && paying == 0 {
		return opinion{bonus: new(big.Rat)}
	}
	o.relevant, o.fullPay = true, !reduced
	o.paidBonus = o.bonus.Sign() > 0
	hours, known := new(big.Rat), true
	for _, post := range now {
		h, vary := weeklyHours(w, post), post["hours_vary"] == "true"
		if h == nil {
			known = known && vary && !unpaid[post["assignment_key"]]
			continue
		}
		hours.Add(hours, h)
	}
	if o.fullPay && known && hours.Sign() > 0 && paying > 0 && weekly.Sign() > 0 {
		o.rate = weekly.Quo(weekly, hours)
	}
	return o
}

func perWeek(amount, days *big.Rat) *big.Rat {
	week := new(big.Rat).Mul(amount, big.NewRat(7, 1))
	return week.Quo(week, days)
}

// ofAnotherPeriod says whether ordinary pay would normally fall in another pay period.
func ofAnotherPeriod(line, post, element row) bool {
	text := " " + strings.ReplaceAll(line["element_text"], "/", " ") + " "
	return post["ended_on"] != "" && post["ended_on"] < line["period_start"] ||
		line["earned_from"] != "" && line["earned_from"] < line["period_start"] && element["normally_paid_late"] != "true" ||
		line["earned_from"] > line["period_end"] ||
		strings.Contains(text, " ARREARS ") || strings.Contains(text, " BACKDATED ") || strings.Contains(text, " RECOVERY ")
}

// weeklyHours are those of paragraph 7, nil where there are none.
func weeklyHours(w workforce, post row) *big.Rat {
	if post["post_kind"] == "ACTING_UP" {
		return new(big.Rat)
	}
	hours := rat(post["weekly_hours"])
	if hours.Sign() == 0 {
		hours.Quo(rat(post["weekly_hours_hundredths"]), big.NewRat(100, 1))
	}
	if post["hours_vary"] != "true" {
		if weeks := rat(post["weeks_per_year"]); weeks.Sign() > 0 && weeks.Cmp(big.NewRat(52, 1)) < 0 {
			hours = new(big.Rat).Quo(new(big.Rat).Mul(hours, weeks), rat("52.18"))
		}
		if hours.Sign() == 0 {
			return nil
		}
		return hours
	}
	end := post["snapshot_date"]
	for _, line := range rows(w, "pay_lines", post["person_key"]) {
		if line["assignment_key"] == post["assignment_key"] && line["period_start"] <= line["snapshot_date"] && line["snapshot_date"] <= line["period_end"] && line["period_end"] > end {
			end = line["period_end"]
		}
	}
	weeks := slices.DeleteFunc(rows(w, "weekly_hours", post["person_key"]), func(r row) bool {
		return r["assignment_key"] != post["assignment_key"] || r["week_ending"] > end || rat(r["hours"]).Sign() == 0
	})
	slices.SortFunc(weeks, func(a, b row) int { return strings.Compare(b["week_ending"], a["week_ending"]) })
	const lookBack = 12
	weeks = weeks[:min(lookBack, len(weeks))]
	if len(weeks) == 0 {
		if hours.Sign() == 0 {
			return nil
		}
		return hours
	}
	total := new(big.Rat)
	for _, week := range weeks {
		total.Add(total, rat(week["hours"]))
	}
	return total.Quo(total, big.NewRat(int64(len(weeks)), 1))
}
