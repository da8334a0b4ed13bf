//go:build duckdb_arrow

package people_test

import (
	"cmp"
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

// options are the choices that the second calculation makes.
type options struct{ contracts, normalised bool }

// secondOpinion judges everybody in the rows of one body on one snapshot date by sections 1.2 to 1.7 of the methods page, by
// person, or by contract under the number of its post.
func secondOpinion(w workforce, choice options) map[string]opinion {
	opinions := map[string]opinion{}
	people := map[string]bool{}
	for _, relation := range []string{"raw.people_person", "raw.people_assignment"} {
		for _, r := range w[relation] {
			people[r["person_key"]] = true
		}
	}
	for key := range people {
		posts := rows(w, "assignment", key)
		slices.SortFunc(posts, comesFirst)
		works := slices.ContainsFunc(posts, func(post row) bool { return makesEmployee(post) && held(post) })
		if !choice.contracts || !works {
			opinions[key] = judge(w, key, posts, posts, choice)
			continue
		}
		for main, contract := range contractsOf(posts) {
			if slices.ContainsFunc(contract, makesEmployee) {
				opinions[main] = judge(w, key, contract, posts, choice)
			}
		}
	}
	return opinions
}

// comesFirst orders the posts of a person: the first is the main one.
func comesFirst(a, b row) int {
	rank := func(post row) (rank string) {
		for _, good := range []bool{held(post) && makesEmployee(post), held(post), post["post_kind"] == "MAIN", post["post_kind"] != "ACTING_UP"} {
			rank += map[bool]string{true: "0", false: "1"}[good]
		}
		return rank
	}
	ha, hb := contractHours(a), contractHours(b)
	if (ha == nil) != (hb == nil) {
		return cmp.Or(strings.Compare(rank(a), rank(b)), map[bool]int{true: 1, false: -1}[ha == nil])
	}
	byHours := 0
	if ha != nil {
		byHours = hb.Cmp(ha)
	}
	return cmp.Or(strings.Compare(rank(a), rank(b)), byHours, strings.Compare(a["assignment_key"], b["assignment_key"]))
}

// contractsOf puts the posts of somebody who holds one into contracts, each under the number of the post it is counted as:
// acting up with the main post, a post that ended with the one that began the day after or else with the main one.
func contractsOf(posts []row) map[string][]row {
	contracts := map[string][]row{}
	for _, post := range posts {
		into := post["assignment_key"]
		switch {
		case !held(post):
			into = posts[0]["assignment_key"]
			for _, next := range slices.Backward(posts) {
				if held(next) && makesEmployee(next) && next["post_kind"] != "ACTING_UP" && post["ended_on"] != "" &&
					next["started_on"] == day(post["ended_on"]).AddDate(0, 0, 1).Format("2006-01-02") {
					into = next["assignment_key"]
				}
			}
		case post["post_kind"] == "ACTING_UP":
			into = posts[0]["assignment_key"]
		}
		contracts[into] = append(contracts[into], post)
	}
	return contracts
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

// judge says what is thought of a person, or of one of their contracts, by its posts; all are the person's, the main one
// first.
func judge(w workforce, person string, contract, all []row, choice options) opinion {
	o := opinion{bonus: new(big.Rat)}
	posts := map[string]row{}
	var now []row
	onlyContractor := true
	for _, post := range contract {
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
	lines := slices.DeleteFunc(rows(w, "pay_lines", person), func(line row) bool { return posts[line["assignment_key"]] == nil })
	first, whole := firstDay(lines, contract), map[string]*wholePay{}
	weekly, weeklyWhole, unsaid, paying, unpaid := new(big.Rat), new(big.Rat), new(big.Rat), 0, map[string]bool{}
	for _, line := range lines {
		post, element := posts[line["assignment_key"]], classes[line["element_code"]]
		if !makesEmployee(post) {
			continue
		}
		amount := rat(line["amount_gbp"])
		switch element["element_class"] {
		case "BONUS":
			if day(line["paid_on"]).After(day(line["snapshot_date"]).AddDate(-1, 0, 0)) && line["paid_on"] <= line["snapshot_date"] {
				o.bonus.Add(o.bonus, amount)
			}
			if !inPeriod(line) {
				continue
			}
			// Prorated to the pay period and then taken to a week, the days of the period fall out.
			length := days(element["bonus_period"])
			switch element["bonus_period"] {
			case "SAME":
				length = days(post["pay_frequency"])
			case "":
				unsaid.Add(unsaid, amount)
				amount, length = new(big.Rat), big.NewRat(1, 1)
			}
			weekly.Add(weekly, perWeek(amount, length))
			weeklyWhole.Add(weeklyWhole, perWeek(amount, length))
		case "BASIC", "ALLOWANCE", "PIECEWORK", "LEAVE_PAY", "SHIFT_PREMIUM", "SALARY_SACRIFICE", "STRIKE_DEDUCTION", "UNPAID_LEAVE":
			if !inPeriod(line) || ofAnotherPeriod(line, post, element) {
				continue
			}
			reduced = reduced || element["element_class"] == "UNPAID_LEAVE" && amount.Sign() < 0
			weekly.Add(weekly, perWeek(amount, days(post["pay_frequency"])))
			if whole[line["assignment_key"]] == nil {
				whole[line["assignment_key"]] = &wholePay{post: post, basic: new(big.Rat), wholeBasic: new(big.Rat), other: new(big.Rat)}
			}
			whole[line["assignment_key"]].add(line, element["element_class"] == "BASIC", first)
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
		h, vary := weeklyHours(w, post, all[0]), post["hours_vary"] == "true"
		if h == nil {
			known = known && vary && !unpaid[post["assignment_key"]]
			continue
		}
		hours.Add(hours, h)
	}
	if o.fullPay && known && hours.Sign() > 0 && paying > 0 && weekly.Sign() > 0 && unsaid.Sign() == 0 {
		o.rate = new(big.Rat).Quo(weekly, hours)
		if choice.normalised && first > startOf(lines) {
			for _, pay := range whole {
				weeklyWhole.Add(weeklyWhole, perWeek(pay.total(), days(pay.post["pay_frequency"])))
			}
			o.rate = weeklyWhole.Quo(weeklyWhole, hours)
		}
	}
	return o
}

func inPeriod(line row) bool {
	return line["period_start"] <= line["snapshot_date"] && line["snapshot_date"] <= line["period_end"]
}

// startOf is the first day of the pay periods that hold the date.
func startOf(lines []row) (start string) {
	for _, line := range lines {
		if inPeriod(line) && (start == "" || line["period_start"] < start) {
			start = line["period_start"]
		}
	}
	return start
}

// firstDay is the first of these days on which the person was employed.
func firstDay(lines, posts []row) (first string) {
	start, end := startOf(lines), ""
	for _, line := range lines {
		if inPeriod(line) {
			end = max(end, line["period_end"])
		}
	}
	for _, post := range posts {
		if makesEmployee(post) && post["started_on"] <= end && (post["ended_on"] == "" || post["ended_on"] >= start) {
			if began := max(post["started_on"], start); first == "" || began < first {
				first = began
			}
		}
	}
	return first
}

// wholePay is what a post would be paid for the whole period.
type wholePay struct {
	post                     row
	basic, wholeBasic, other *big.Rat
}

func (p *wholePay) add(line row, basic bool, first string) {
	amount := rat(line["amount_gbp"])
	whole := new(big.Rat).Set(amount)
	if first > line["period_start"] && first <= line["period_end"] {
		from, to := first, line["period_end"]
		if line["earned_from"] != "" && line["earned_to"] >= line["period_start"] && line["earned_from"] <= line["period_end"] {
			from, to = max(line["earned_from"], line["period_start"]), min(line["earned_to"], line["period_end"])
		}
		whole.Mul(whole, big.NewRat(daysOf(line["period_start"], line["period_end"]), daysOf(from, to)))
	}
	if basic {
		p.basic.Add(p.basic, amount)
		p.wholeBasic.Add(p.wholeBasic, whole)
		return
	}
	p.other.Add(p.other, whole)
}

// total takes basic pay to no more than the salary gives for a period.
func (p *wholePay) total() *big.Rat {
	basic := p.wholeBasic
	if salary := p.post["annual_salary_gbp"]; salary != "" {
		full := new(big.Rat).Quo(rat(salary), rat(map[string]string{"MONTH": "12", "WEEK": "52.178571", "FORTNIGHT": "26.089286", "FOUR_WEEKS": "13.044643"}[p.post["pay_frequency"]]))
		if basic.Cmp(full) > 0 {
			basic = full
		}
		if p.basic.Cmp(basic) > 0 {
			basic = p.basic
		}
	}
	return new(big.Rat).Add(basic, p.other)
}

func daysOf(from, to string) int64 {
	const hours = 24
	return int64(day(to).Sub(day(from)).Hours())/hours + 1
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

// contractHours are those of a week as contracted, nil where they are not said.
func contractHours(post row) *big.Rat {
	if post["weekly_hours"] != "" {
		return rat(post["weekly_hours"])
	}
	if post["weekly_hours_hundredths"] != "" {
		return new(big.Rat).Quo(rat(post["weekly_hours_hundredths"]), big.NewRat(100, 1))
	}
	return nil
}

// weeklyHours are those of paragraph 7, nil where there are none. Acting up beside the main post has none of its own.
func weeklyHours(w workforce, post, main row) *big.Rat {
	if post["post_kind"] == "ACTING_UP" && post["assignment_key"] != main["assignment_key"] {
		return new(big.Rat)
	}
	hours := contractHours(post)
	if hours == nil {
		hours = new(big.Rat)
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
		if line["assignment_key"] == post["assignment_key"] && inPeriod(line) && line["period_end"] > end {
			end = line["period_end"]
		}
	}
	weeks := slices.DeleteFunc(rows(w, "weekly_hours", post["person_key"]), func(r row) bool {
		return r["assignment_key"] != post["assignment_key"] || r["week_ending"] > end || rat(r["hours"]).Sign() == 0
	})
	slices.SortFunc(weeks, func(a, b row) int { return strings.Compare(b["week_ending"], a["week_ending"]) })
	const lookBack = 12
	total, taken := new(big.Rat), int64(0)
	for _, week := range weeks {
		covered := max(rat(week["weeks_covered"]).Num().Int64(), 1)
		take := min(covered, lookBack-taken)
		total.Add(total, new(big.Rat).Mul(rat(week["hours"]), big.NewRat(take, covered)))
		if taken += take; taken == lookBack {
			break
		}
	}
	if taken == 0 {
		if hours.Sign() == 0 {
			return nil
		}
		return hours
	}
	return total.Quo(total, big.NewRat(taken, 1))
}
