package attack

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Person is an employee on a snapshot date, with what was declared by family of characteristics (sex, ethnicity,
// disability …) as finely as it was, and where the person works by breakdown.
type Person struct {
	Body, Snapshot       string
	Declared, Place      map[string]string
	HasRate, WasPaidMore bool // WasPaidMore: a bonus
	NotInFigures         bool // of the sexes
}

// Group is a group of a characteristic that tables tell: which declarations of which family make it.
type Group struct {
	Family       string
	Declarations []string
}

// Count is a published count of employees: of a group ("" is everybody) in a value of a breakdown, by characteristic. Rated
// are those with an hourly rate; no open table counts them.
type Count struct {
	Body, Snapshot, Characteristic, Group, Breakdown, Value string
	Shown                                                   float64
	Rated                                                   bool
}

// Share is a published share of a contrast: of the quarters lower, lower_middle, upper_middle, upper those of the group, or
// with the quarter "bonus" those of the group who were paid one.
type Share struct {
	Body, Snapshot, Characteristic, Group, Quarter string
	Shown                                          float64
}

// Staff is what the open tables say of employees, and the truth.
type Staff struct {
	People []Person
	Groups map[string]map[string]Group // characteristic → group
	Counts []Count
	Shares []Share
	Slack  float64 // how far a shown count may be from the true one
	Half   float64 // half of the last digit of a share
}

// Finding is a small number of people, and what the attacker knows of it.
type Finding struct {
	What      string
	True      float64
	Low, High float64
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %v, known to be %v to %v", f.What, f.True, f.Low, f.High)
}

// Values is how many whole numbers it can be.
func (f Finding) Values() float64 { return f.High - f.Low + 1 }

// family is the system of one family of characteristics on one snapshot: they have nothing in common but how many people
// there are of everybody, and how many of them have a rate.
type family struct {
	*System
	staff  Staff
	name   string
	people []Person
	groups map[string]map[string]Group // those of the family
	atoms  []string
	places map[string][]string // breakdown → values
}

// Attack looks for every number below the minimum of employees of a body on a snapshot, of those of them with and without a
// rate, and of those paid a bonus: by declaration and group, and of sexes also by place.
func (s Staff) Attack(body, snapshot string, minimum int) (found []Finding, err error) {
	here := s
	here.People = slices.DeleteFunc(slices.Clone(s.People), func(p Person) bool { return p.Body != body || p.Snapshot != snapshot })
	here.Counts = slices.DeleteFunc(slices.Clone(s.Counts), func(c Count) bool { return c.Body != body || c.Snapshot != snapshot })
	here.Shares = slices.DeleteFunc(slices.Clone(s.Shares), func(c Share) bool { return c.Body != body || c.Snapshot != snapshot })
	names := map[string]bool{}
	for _, groups := range s.Groups {
		for _, group := range groups {
			names[group.Family] = true
		}
	}
	var families []*family
	for _, name := range slices.Sorted(maps.Keys(names)) {
		families = append(families, here.family(name))
	}
	// Families are of the same people: what one says of how many they are, or have a rate, holds in every other.
	for _, whole := range []string{everybody, everybodyRated} {
		low, high := 0.0, math.Inf(1)
		for _, f := range families {
			least, most, err := f.Range(Term{f.Var(whole), 1})
			if err != nil {
				return nil, fmt.Errorf("%s of %s on %s: %w", f.name, body, snapshot, err)
			}
			low, high = max(low, least), min(high, most)
		}
		for _, f := range families {
			f.Between(low-epsilon, high+epsilon, Term{f.Var(whole), 1})
		}
	}
	for _, f := range families {
		part, err := f.targets(minimum)
		if err != nil {
			return nil, fmt.Errorf("%s of %s on %s: %w", f.name, body, snapshot, err)
		}
		found = append(found, part...)
	}
	return found, nil
}

// kinds of numbers of one declaration.
const (
	employees = "employees"
	withRate  = "with rate"
	paidBonus = "paid a bonus"
)

// wholes of a family.
const (
	everybody      = "all"
	everybodyRated = "all with rate"
)

func cellName(kind, atom, breakdown, value string) string {
	return strings.Join([]string{kind, atom, breakdown, value}, "|")
}

func (s Staff) family(name string) *family {
	f := &family{System: NewSystem(), staff: s, name: name, people: s.People, groups: map[string]map[string]Group{}, places: map[string][]string{}}
	declared, places := map[string]bool{}, map[string]map[string]bool{}
	for _, person := range f.people {
		declared[person.Declared[name]] = true
		for breakdown, value := range person.Place {
			if places[breakdown] == nil {
				places[breakdown] = map[string]bool{}
			}
			places[breakdown][value] = true
		}
	}
	f.atoms = slices.Sorted(maps.Keys(declared))
	for characteristic, groups := range s.Groups {
		for code, group := range groups {
			if group.Family == name {
				if f.groups[characteristic] == nil {
					f.groups[characteristic] = map[string]Group{}
				}
				f.groups[characteristic][code] = group
			}
		}
	}
	if name == "sex" {
		for breakdown, values := range places {
			f.places[breakdown] = slices.Sorted(maps.Keys(values))
		}
	}
	f.structure()
	f.published()
	return f
}

// structure is what everybody knows: parts make totals, who has a rate is an employee.
func (f *family) structure() {
	equal := func(whole int, parts ...int) {
		terms := []Term{{whole, -1}}
		for _, v := range parts {
			terms = append(terms, Term{v, 1})
		}
		f.Between(0, 0, terms...)
	}
	atMost := func(part, whole int) { f.Between(0, math.Inf(1), Term{whole, 1}, Term{part, -1}) }
	var employed, rates []int
	for _, atom := range f.atoms {
		all, rate, bonus := f.Var(cellName(employees, atom, "", "")), f.Var(cellName(withRate, atom, "", "")), f.Var(cellName(paidBonus, atom, "", ""))
		employed, rates = append(employed, all), append(rates, rate)
		atMost(rate, all)
		// Whoever is told to be paid the living wage or less than it has a rate, and who is not told has none.
		switch {
		case f.name != livingWage:
		case atom == "not_known":
			f.Between(0, 0, Term{rate, 1})
		case atom != "apprentice":
			equal(all, rate)
		}
		atMost(bonus, all)
		var quarters []int
		for _, quarter := range quarterNames() {
			quarters = append(quarters, f.Var(cellName(quarter, atom, "", "")))
		}
		equal(rate, quarters...)
		for breakdown, values := range f.places {
			var here, rated []int
			for _, value := range values {
				here = append(here, f.Var(cellName(employees, atom, breakdown, value)))
				rated = append(rated, f.Var(cellName(withRate, atom, breakdown, value)))
				atMost(rated[len(rated)-1], here[len(here)-1])
			}
			equal(all, here...)
			equal(rate, rated...)
		}
	}
	equal(f.Var(everybody), employed...)
	equal(f.Var(everybodyRated), rates...)
	for breakdown, values := range f.places {
		var all []int
		for _, value := range values {
			place := f.Var("all|" + breakdown + "|" + value)
			all = append(all, place)
			var here []int
			for _, atom := range f.atoms {
				here = append(here, f.Var(cellName(employees, atom, breakdown, value)))
			}
			equal(place, here...)
		}
		equal(f.Var(everybody), all...)
	}
}

func quarterNames() []string { return []string{"lower", "lower_middle", "upper_middle", "upper"} }

// terms are the numbers of one kind of a group.
func (f *family) terms(kind string, group Group, breakdown, value string, by float64) (list []Term) {
	for _, atom := range group.Declarations {
		if slices.Contains(f.atoms, atom) {
			list = append(list, Term{f.Var(cellName(kind, atom, breakdown, value)), by})
		}
	}
	return list
}

// published is what the tables say.
func (f *family) published() {
	for _, count := range f.staff.Counts {
		breakdown, value := count.Breakdown, count.Value
		if breakdown == "all" {
			breakdown, value = "", ""
		}
		var terms []Term
		kind := employees
		if count.Rated {
			kind = withRate
		}
		switch group, mine := f.groups[count.Characteristic][count.Group]; {
		case mine:
			terms = f.terms(kind, group, breakdown, value, 1)
		case count.Group == "" && breakdown == "":
			terms = []Term{{f.Var(everybody), 1}}
		case count.Group == "" && f.places[breakdown] != nil:
			terms = []Term{{f.Var("all|" + breakdown + "|" + value), 1}}
		}
		if len(terms) > 0 {
			f.Between(count.Shown-f.staff.Slack, count.Shown+f.staff.Slack, terms...)
		}
	}
	quartered := map[string]bool{}
	for _, share := range f.staff.Shares {
		group, mine := f.groups[share.Characteristic][share.Group]
		if !mine {
			continue
		}
		kind, whole := share.Quarter, f.known(share.Characteristic)
		of := kind
		if kind == "bonus" {
			kind, of, whole = paidBonus, employees, group
		} else {
			quartered[share.Characteristic] = true
		}
		for _, side := range []float64{-1, 1} {
			limit := share.Shown + side*f.staff.Half
			terms := slices.Concat(f.terms(kind, group, "", "", side), f.terms(of, whole, "", "", -side*limit))
			f.Between(math.Inf(-1), 0, terms...)
		}
	}
	// Quarters are as large as each other, but for the one or other that is left over.
	for characteristic := range quartered {
		names := quarterNames()
		for _, quarter := range names[1:] {
			f.Between(-1, 1, slices.Concat(f.terms(quarter, f.known(characteristic), "", "", 1), f.terms(names[0], f.known(characteristic), "", "", -1))...)
		}
	}
}

// known is everybody whose group of a characteristic is known.
func (f *family) known(characteristic string) (all Group) {
	for _, code := range slices.Sorted(maps.Keys(f.groups[characteristic])) {
		if !slices.Contains([]string{"known", "not_known", "prefer_not_to_say", "not_recorded"}, code) {
			all.Declarations = append(all.Declarations, f.groups[characteristic][code].Declarations...)
		}
	}
	return all
}

// targets asks for every small number.
func (f *family) targets(minimum int) (found []Finding, err error) {
	type target struct {
		group            Group
		breakdown, value string
		label            string
	}
	var targets []target
	add := func(label string, group Group) {
		targets = append(targets, target{group, "", "", label})
		for _, breakdown := range slices.Sorted(maps.Keys(f.places)) {
			for _, value := range f.places[breakdown] {
				targets = append(targets, target{group, breakdown, value, label + " in " + value})
			}
		}
	}
	for _, atom := range f.atoms {
		add(f.name+" "+atom, Group{f.name, []string{atom}})
	}
	for _, characteristic := range slices.Sorted(maps.Keys(f.groups)) {
		for _, code := range slices.Sorted(maps.Keys(f.groups[characteristic])) {
			if group := f.groups[characteristic][code]; len(group.Declarations) > 1 {
				add(characteristic+" "+code, group)
			}
		}
	}
	for _, t := range targets {
		counted := map[string]int{}
		for _, person := range f.people {
			if !slices.Contains(t.group.Declarations, person.Declared[f.name]) || t.breakdown != "" && person.Place[t.breakdown] != t.value {
				continue
			}
			counted[employees]++
			if person.HasRate && (f.name != "sex" || !person.NotInFigures) {
				counted[withRate]++
			}
			if person.WasPaidMore {
				counted[paidBonus]++
			}
		}
		all, rate, bonus := f.terms(employees, t.group, t.breakdown, t.value, 1), f.terms(withRate, t.group, t.breakdown, t.value, 1), f.terms(paidBonus, t.group, "", "", 1)
		asked := []struct {
			what  string
			n     int
			terms []Term
		}{
			{employees, counted[employees], all},
			{withRate, counted[withRate], rate},
			{"without rate", counted[employees] - counted[withRate], slices.Concat(all, f.terms(withRate, t.group, t.breakdown, t.value, -1))},
		}
		if t.breakdown == "" {
			asked = append(asked, struct {
				what  string
				n     int
				terms []Term
			}{paidBonus, counted[paidBonus], bonus})
		}
		for _, question := range asked {
			if question.n == 0 || question.n >= minimum {
				continue
			}
			low, high, err := f.Range(question.terms...)
			if err != nil {
				return nil, err
			}
			found = append(found, Finding{t.label + " " + question.what, float64(question.n), math.Ceil(max(low, 0) - 1e-4), math.Floor(high + 1e-4)})
		}
	}
	return found, nil
}

// Number reads a number of an answer.
func Number(text string) (float64, error) {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("read a number of an answer: %w", err)
	}
	return number, nil
}
