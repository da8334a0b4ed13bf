//go:build duckdb_arrow

package people_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestSecondCalculationOfTheSixFiguresAgrees holds the six statutory figures, as the models and the estimator make them from
// the raw rows, against plain Go over the same rows, to 1e-9: random workforces with ties and remainders, under the rules
// before and after May 2026, by person and by contract, tied to ten-thousandths and to pence.
func TestSecondCalculationOfTheSixFiguresAgrees(t *testing.T) {
	t.Parallel()
	c := newCalculator(t, "stage.pay_figures")
	c.project.Nodes["stage.pay_figures"].Spec.Parameters = map[string]any{"decimals": 12, "replicates": 1000}
	c.fill(t, "ref.pay_contrasts", []row{{"characteristic": "sex", "comparator_group": "male", "focal_group": "female", "has_breakdowns": "false", "without_apprentices": "false", "is_internal": "false"}})
	c.fill(t, "ref.pay_intersections", nil)
	rapid.Check(t, func(r *rapid.T) {
		snapshot := oneOf(r, "snapshot", ourSnapshot, "2026-03-31")
		choice := options{contracts: rapid.Bool().Draw(r, "contracts")}
		ties := oneOf(r, "ties", "ten_thousandths", "pence")
		w := workforce{}
		addElements(w, ourBody)
		for i := range rapid.IntRange(0, 90).Draw(r, "people") {
			drawPaid(r, w, fmt.Sprintf("N%03d", i), snapshot)
		}
		c.chooseAll(t, map[bool]string{false: "person", true: "contract"}[choice.contracts], "literal", ties)
		c.of(t, w)
		want := statutory(w, snapshot, choice, map[string]int64{"ten_thousandths": 10000, "pence": 100}[ties])
		got := c.ask(t, "select concat_ws('|', measure, coalesce(cast(value as varchar), 'null'), unit) from stage.pay_figures where not starts_with(measure, 'gap_')")
		if len(w["raw.people_person"]) > 0 && len(got) == 0 && want["mean_hourly"] != nil {
			r.Fatal("no figures")
		}
		for _, line := range got {
			field := strings.Split(line, "|")
			expected, known := want[field[0]]
			if !known {
				r.Fatalf("no figure %s in the second calculation", field[0])
			}
			if (expected == nil) != (field[1] == "null") {
				r.Fatalf("%s is %s, by the second calculation %v", field[0], field[1], expected)
			}
			if expected == nil {
				continue
			}
			value, err := strconv.ParseFloat(field[1], 64)
			if exact, _ := expected.Float64(); err != nil || math.Abs(value-exact) > 1e-9*max(1, math.Abs(exact)) {
				r.Fatalf("%s is %s %s, by the second calculation %.12f", field[0], field[1], field[2], exact)
			}
		}
	})
}

// drawPaid draws somebody on a spine of few points, so that ties abound, half-time or with two posts now and then.
func drawPaid(r *rapid.T, w workforce, id, snapshot string) {
	p := payrollPerson{ID: id, saidSex: true}
	if sex := oneOf(r, "sex", "F", "M", "F", "M", ""); sex != "" {
		p.Sex = &sex
	}
	if rapid.IntRange(0, 11).Draw(r, "identity") == 0 {
		p.Identity = "NON_BINARY"
	}
	if rapid.IntRange(0, 9).Draw(r, "leave") == 0 {
		reduced := true
		p.Reduced = &reduced
	}
	point := rapid.IntRange(0, 5).Draw(r, "point")
	for n := range rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(r, "posts") {
		hours := oneOf(r, "hours", "37", "37", "18.5", "22.2")
		post := payrollPost{ID: fmt.Sprint(id, "/", n), Hours: &hours, saidHours: true}
		if n > 0 {
			post.Kind = oneOf(r, "kind", "ADDITIONAL", "ACTING_UP")
		}
		p.Posts = append(p.Posts, post)
		// Payroll rounds the pay of part of a week to pence, which breaks ties.
		pay := new(big.Rat).Mul(rat("1900.00"), big.NewRat(int64(20+point), 20))
		pay.Mul(pay, rat(hours)).Quo(pay, rat("37"))
		p.Lines = append(p.Lines, payrollLine{Post: post.ID, Element: "BASIC", Amount: pay.FloatString(2)})
	}
	if rapid.IntRange(0, 4).Draw(r, "bonus") == 0 {
		month := snapshot[:4] + "-02-27"
		p.Lines = append(p.Lines, payrollLine{Post: p.Posts[0].ID, Element: "VOUCHER", Amount: pence(r, "amount", 1, 90000), Paid: month, From: month[:8] + "01", To: month})
	}
	p.enter(w, snapshot)
}

// paidPerson is somebody in the second calculation of the figures.
type paidPerson struct {
	man   bool
	rate  *big.Rat
	bonus *big.Rat // nil: not paid one
}

// statutory are the six figures by section 1.8 and 1.9, with nil for what cannot be told.
func statutory(w workforce, snapshot string, choice options, tieUnits int64) map[string]*big.Rat {
	sex := map[string]string{}
	for _, person := range w["raw.people_person"] {
		if person["gender_identity"] == "NON_BINARY" && snapshot < "2026-03-31" {
			continue // the guidance before 21 May 2026
		}
		sex[person["person_key"]] = person["sex"]
	}
	whose := map[string]string{}
	for _, post := range w["raw.people_assignment"] {
		whose[post["assignment_key"]], whose[post["person_key"]] = post["person_key"], post["person_key"]
	}
	var people []paidPerson
	for key, o := range secondOpinion(w, choice) {
		if !o.relevant || sex[whose[key]] == "" {
			continue
		}
		p := paidPerson{man: sex[whose[key]] == "M", rate: o.rate}
		if o.paidBonus {
			p.bonus = o.bonus
		}
		people = append(people, p)
	}
	figures := map[string]*big.Rat{}
	rates := func(p paidPerson) *big.Rat { return p.rate }
	bonuses := func(p paidPerson) *big.Rat { return p.bonus }
	men, women := sorted(people, true, rates), sorted(people, false, rates)
	figures["mean_hourly"], figures["median_hourly"] = gapOf(mean(men), mean(women)), gapOf(median(men), median(women))
	paidMen, paidWomen := sorted(people, true, bonuses), sorted(people, false, bonuses)
	figures["mean_bonus"], figures["median_bonus"] = gapOf(mean(paidMen), mean(paidWomen)), gapOf(median(paidMen), median(paidWomen))
	all := func(p paidPerson) *big.Rat { return new(big.Rat) }
	if len(paidMen) > 0 && len(paidWomen) == 0 && len(sorted(people, false, all)) > 0 {
		figures["mean_bonus"], figures["median_bonus"] = big.NewRat(100, 1), big.NewRat(100, 1) // the service's rule
	}
	figures["bonus_share_comparator"] = fraction(len(paidMen), len(sorted(people, true, all)))
	figures["bonus_share_focal"] = fraction(len(paidWomen), len(sorted(people, false, all)))
	for band, share := range womenByQuarter(people, tieUnits) {
		figures["quarter_share_"+[]string{"lower", "lower_middle", "upper_middle", "upper"}[band]] = share
	}
	return figures
}

func sorted(people []paidPerson, men bool, value func(paidPerson) *big.Rat) (values []*big.Rat) {
	for _, p := range people {
		if v := value(p); p.man == men && v != nil {
			values = append(values, v)
		}
	}
	slices.SortFunc(values, (*big.Rat).Cmp)
	return values
}

func mean(values []*big.Rat) *big.Rat {
	if len(values) == 0 {
		return nil
	}
	sum := new(big.Rat)
	for _, v := range values {
		sum.Add(sum, v)
	}
	return sum.Quo(sum, big.NewRat(int64(len(values)), 1))
}

func median(values []*big.Rat) *big.Rat {
	if len(values) == 0 {
		return nil
	}
	return mean([]*big.Rat{values[(len(values)-1)/2], values[len(values)/2]})
}

func gapOf(men, women *big.Rat) *big.Rat {
	if men == nil || women == nil || men.Sign() == 0 {
		return nil
	}
	gap := new(big.Rat).Sub(men, women)
	return gap.Quo(gap.Mul(gap, big.NewRat(100, 1)), men)
}

func fraction(part, whole int) *big.Rat {
	if whole == 0 {
		return nil
	}
	return big.NewRat(int64(part), int64(whole))
}

// womenByQuarter gives each of the places in order of pay to its band, and the women who are tied to the bands that their
// tie touches: the exact share's whole, and what is left to the largest fraction, the lowest band first.
func womenByQuarter(people []paidPerson, tieUnits int64) (shares [4]*big.Rat) {
	tied := map[string][2]int{} // by rate in units: everybody, women
	var order []*big.Int
	n := 0
	for _, p := range people {
		if p.rate == nil {
			continue
		}
		// To the nearest unit: the half is added and the whole taken.
		twice := new(big.Rat).Mul(p.rate, big.NewRat(2*tieUnits, 1))
		twice.Add(twice, big.NewRat(1, 1)).Quo(twice, big.NewRat(2, 1))
		at := new(big.Int).Quo(twice.Num(), twice.Denom())
		count, seen := tied[at.String()]
		if !seen {
			order = append(order, at)
		}
		count[0]++
		if !p.man {
			count[1]++
		}
		tied[at.String()] = count
		n++
	}
	slices.SortFunc(order, (*big.Int).Cmp)
	var bands []int // of each place
	for band, size := range [4]int{(n + 3) / 4, n/4 + n%4/3, n/4 + n%4/2, n / 4} {
		for range size {
			bands = append(bands, band)
		}
	}
	var women, size [4]int
	for _, band := range bands {
		size[band]++
	}
	place := 0
	for _, at := range order {
		count := tied[at.String()]
		var touched [4]int
		for range count[0] {
			touched[bands[place]]++
			place++
		}
		var rest [4]int
		left := count[1]
		for band := range touched {
			women[band] += touched[band] * count[1] / count[0]
			left -= touched[band] * count[1] / count[0]
			rest[band] = touched[band] * count[1] % count[0]
		}
		for ; left > 0; left-- {
			best := 0
			for band := range rest {
				if rest[band] > rest[best] {
					best = band
				}
			}
			women[best]++
			rest[best] = -1
		}
	}
	for band := range shares {
		shares[band] = fraction(women[band], size[band])
	}
	return shares
}
