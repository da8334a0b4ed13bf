package attack

import (
	"fmt"
	"math/bits"
	"strings"
)

// Told is a group of people of whom a figure of pay is published: a group of a characteristic in a value of a breakdown.
type Told struct{ Characteristic, Group, Breakdown, Value string }

func (t Told) String() string { return strings.Join([]string{t.Characteristic, t.Group, t.Value}, " ") }

// ReadTold reads whose pay the open tables tell, by body and snapshot.
func ReadTold(open Ask) (map[[2]string][]Told, error) {
	told := map[[2]string][]Told{}
	for _, side := range []string{"comparator_group", "focal_group"} {
		lines, err := table(open, []string{"body_code", "snapshot_date", "characteristic", side, "breakdown", "breakdown_value"},
			"people.pay_gaps where unit = 'pct' and value is not null and measure in ('mean_hourly', 'median_hourly') and population = 'all' group by all")
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			of := [2]string{l[0], l[1]}
			one := Told{l[2], l[3], l[4], l[5]}
			if !contains(told[of], one) {
				told[of] = append(told[of], one)
			}
		}
	}
	return told, nil
}

func contains(list []Told, one Told) bool {
	for _, other := range list {
		if other == one {
			return true
		}
	}
	return false
}

// set is a set of people, by number.
type set []uint64

func (s set) size() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// PayOf looks for groups of fewer people than the minimum whose pay can be added and subtracted from that of others: the
// difference of two groups that are told, of one and two others, and of two and one; and what the values of a breakdown
// leave of everybody in the group.
func (s Staff) PayOf(body, snapshot string, told []Told, minimum int) (found []string) {
	var people []Person
	for _, person := range s.People {
		if person.Body == body && person.Snapshot == snapshot && person.HasRate {
			people = append(people, person)
		}
	}
	sets := make([]set, len(told))
	for i, one := range told {
		sets[i] = make(set, (len(people)+63)/64)
		group := s.Groups[one.Characteristic][one.Group]
		for n, person := range people {
			if one.Breakdown != "all" && person.Place[one.Breakdown] != one.Value || group.Family == "sex" && person.NotInFigures {
				continue
			}
			for _, declaration := range group.Declarations {
				if person.Declared[group.Family] == declaration {
					sets[i][n/64] |= 1 << (n % 64)
				}
			}
		}
	}
	report := func(what string, rest set) {
		if n := rest.size(); n > 0 && n < minimum {
			found = append(found, fmt.Sprintf("pay of %d people: %s", n, what))
		}
	}
	for i, one := range told {
		report(one.String(), sets[i])
		for j, other := range told {
			if i == j {
				continue
			}
			if rest, within := minus(sets[i], sets[j]); within {
				report(one.String()+" without "+other.String(), rest)
				for k := j + 1; k < len(told); k++ {
					if left, within := minus(rest, sets[k]); within && k != i {
						report(one.String()+" without "+other.String()+" and "+told[k].String(), left)
					}
				}
			}
			if sum, disjoint := plus(sets[i], sets[j]); disjoint && i < j {
				for k := range told {
					if left, within := minus(sum, sets[k]); within && k != i && k != j {
						report(one.String()+" and "+other.String()+" without "+told[k].String(), left)
					}
				}
			}
		}
		if one.Breakdown != "all" {
			continue
		}
		left := map[string]set{}
		for j, part := range told {
			if part.Breakdown == "all" || part.Characteristic != one.Characteristic || part.Group != one.Group {
				continue
			}
			if left[part.Breakdown] == nil {
				left[part.Breakdown] = sets[i]
			}
			if rest, within := minus(left[part.Breakdown], sets[j]); within {
				left[part.Breakdown] = rest
			}
		}
		for breakdown, rest := range left {
			report(one.String()+" without every "+breakdown+" told", rest)
		}
	}
	return found
}

func minus(a, b set) (rest set, within bool) {
	rest = make(set, len(a))
	for i := range a {
		if b[i]&^a[i] != 0 {
			return nil, false
		}
		rest[i] = a[i] &^ b[i]
	}
	return rest, true
}

func plus(a, b set) (sum set, disjoint bool) {
	sum = make(set, len(a))
	for i := range a {
		if a[i]&b[i] != 0 {
			return nil, false
		}
		sum[i] = a[i] | b[i]
	}
	return sum, true
}
