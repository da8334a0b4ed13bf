//go:build duckdb_arrow

package travel_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"socialvalue"
	"socialvalue/internal/disclosure/attack"
	"socialvalue/internal/disclosure/rehearsal"
)

// Within how much of a multiple of five a true count certainly is, and within how much if it is the nearest; how many values
// a small number keeps at the least, and how wide it stays for one who takes every count for the nearest multiple.
const (
	certain     = 4
	nearest     = 2
	fewest      = 10
	leastValues = 10
	leastWidth  = 5
)

const deciles = 10

// register is what is true of the passes of one authority.
type register struct {
	older     [deciles][deciles]int // older people's passes by decile of 2019 and of 2025
	elsewhere int                   // older people's passes whose home is not in the area
	others    int                   // other passes
	placed    int
	complete  int
	active    int
	from60    [deciles][deciles]int // active holders aged 60 and over, by decile of 2019 and of 2025
}

// drawn is a register of a few dozen people up to a few thousand, some of whom live in places that change their decile.
func drawn(dice *rand.Rand) register {
	var r register
	most, unlike := 4+dice.IntN(300), dice.Float64()/4
	for decile := range deciles {
		for range dice.IntN(most) {
			other := decile
			if dice.Float64() < unlike {
				other = min(deciles-1, max(0, decile+dice.IntN(5)-2))
			}
			r.older[decile][other]++
			if dice.Float64() < 0.8 {
				r.from60[decile][other]++
			}
		}
	}
	r.elsewhere, r.others = dice.IntN(25), dice.IntN(most)
	holders := r.holders()
	r.placed = holders - dice.IntN(min(holders, 25))
	r.complete = r.placed - dice.IntN(min(r.placed, 20))
	used := 0
	for _, row := range r.from60 {
		for _, n := range row {
			used += n
		}
	}
	r.active = used + dice.IntN(holders-used+1)
	return r
}

func (r register) holders() int {
	n := r.elsewhere + r.others
	for _, row := range r.older {
		for _, cell := range row {
			n += cell
		}
	}
	return n
}

// inDecile counts the people of a decile of one edition.
func inDecile(cells [deciles][deciles]int, edition string, decile int) (n int) {
	for other := range deciles {
		if edition == "2019" {
			n += cells[decile][other]
		} else {
			n += cells[other][decile]
		}
	}
	return n
}

// give makes the open tables of a register.
func give(r *rehearsal.Rehearsal, of register) {
	const authority, year = "merseytravel", "2022-23"
	r.Give("travel.passes_by_lsoa_year", []string{"financial_year", "issuing_authority", "lsoa21_code", "live_passes", "with_age"}, [][]any{
		{year, authority, "E01000001", of.placed, of.complete},
		{year, authority, nil, of.holders() - of.placed, 0},
	})
	var months, rows [][]any
	for month := range 12 {
		months = append(months, []any{year, authority, time.Date(2022, time.April+time.Month(month), 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), 9})
	}
	r.Give("stage.travel_journey_counts", []string{"financial_year", "issuing_authority", "service_month", "journeys"}, months)
	for _, edition := range []string{"2019", "2025"} {
		older := of.holders() - of.others
		rows = append(rows,
			[]any{year, "authority", authority, "all", "all", nil, edition, of.holders(), of.active, nil, 90},
			[]any{year, "authority", authority, "older", "all", nil, edition, older, older, nil, 90})
		for decile := range deciles {
			rows = append(rows,
				[]any{year, "authority", authority, "older", "placed", decile + 1, edition, inDecile(of.older, edition, decile), 0, 5000, 9},
				[]any{year, "all", nil, "sixty_plus", "placed", decile + 1, edition, 0, inDecile(of.from60, edition, decile), 5000, 9})
		}
	}
	r.Give("travel.reach", []string{
		"financial_year", "breakdown", "issuing_authority", "pass_group", "place_status", "imd_decile", "iod_edition", "live_passes", "active_passes", "eligible", "journeys",
	}, rows)
	r.Make("travel.pass_holders", "travel.reach_of_services")
}

// secret is a sum of variables less others, that nobody may find out while it is small.
type secret struct {
	what       string
	plus, less []string
	truth      int
}

func terms(s *attack.System, plus, less []string) []attack.Term {
	var list []attack.Term
	for _, name := range plus {
		list = append(list, attack.Term{V: s.Var(name), By: 1})
	}
	for _, name := range less {
		list = append(list, attack.Term{V: s.Var(name), By: -1})
	}
	return list
}

func cell(of string, first, second int) string {
	return fmt.Sprintf("%s %d in 2019, %d in 2025", of, first+1, second+1)
}

// cells are the names of what a decile of an edition is made of; decile 0 to 9, or all.
func cells(of, edition string, from, to int) (names []string) {
	for decile := from; decile < to; decile++ {
		for other := range deciles {
			if edition == "2019" {
				names = append(names, cell(of, decile, other))
			} else {
				names = append(names, cell(of, other, decile))
			}
		}
	}
	return names
}

// The open tables about passes keep what is small, also for one who knows that both editions count the same people.
func TestNoSmallNumberFollowsFromTheOpenPasses(t *testing.T) {
	t.Parallel()
	r := rehearsal.New(t, socialvalue.Assets, "travel.pass_holders", "travel.reach_of_services")
	small, shown, found := 0, 0, 0
	for seed := range uint64(30) {
		truth := drawn(rand.New(rand.NewPCG(seed, 5)))
		give(r, truth)
		forms := r.Protect("travel.pass_holders", "travel.reach_of_services")
		holders := r.Rows(forms["travel.pass_holders"], "true", "pass_group", "iod_edition", "imd_decile", "holders_rounded", "placed_rounded", "complete_rounded", "active_rounded")
		users := r.Rows(forms["travel.reach_of_services"], "service = 'free_travel_from_60'", "iod_edition", "band", "users_rounded")
		found += foundInside(t, r, truth)
		for _, slack := range []float64{certain, nearest} {
			s, told := system(holders, users, slack)
			shown += told
			for _, one := range secrets(truth) {
				if one.truth >= fewest || one.truth == 0 { // a nought is shown: the tables are not sensitive
					continue
				}
				small++
				low, high, err := s.Range(terms(s, one.plus, one.less)...)
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				low, high = math.Ceil(low-1e-6), math.Floor(high+1e-6)
				if slack == certain && high-low+1 < leastValues || slack == nearest && high-low < leastWidth {
					t.Errorf("seed %d, counts within %v: %s (truly %d) is known to be %v to %v", seed, slack, one.what, one.truth, low, high)
				}
			}
		}
	}
	if small < 100 || shown < 1000 || found < 50 {
		t.Errorf("%d small numbers, of which %d can be found in the tables as they were before, %d counts shown: the test shows too little", small, found, shown)
	}
	t.Logf("%d small numbers, %d counts shown", small, shown)
}

// foundInside counts the small numbers that the same attack finds in the tables before they are protected.
func foundInside(t *testing.T, r *rehearsal.Rehearsal, truth register) (found int) {
	t.Helper()
	holders := r.Rows("travel.pass_holders", "true", "pass_group", "iod_edition", "imd_decile", "holders_rounded", "placed_rounded", "complete_rounded", "active_rounded")
	users := r.Rows("travel.reach_of_services", "service = 'free_travel_from_60'", "iod_edition", "band", "users_rounded")
	s, _ := system(holders, users, 0)
	for _, one := range secrets(truth) {
		if one.truth >= fewest || one.truth == 0 {
			continue
		}
		low, high, err := s.Range(terms(s, one.plus, one.less)...)
		if err != nil {
			t.Fatal(err)
		}
		if high-low < 1 {
			found++
		}
	}
	return found
}

// system says what is known of the counts: how they are made of people, and what is shown of them.
func system(holders, users []rehearsal.Row, slack float64) (s *attack.System, told int) {
	s = attack.NewSystem()
	say := func(row rehearsal.Row, column string, names ...string) {
		if number, there := row.Number(column); there {
			told++
			s.Between(number-slack, number+slack, terms(s, names, nil)...)
		}
	}
	everybody := append(cells("older", "2019", 0, deciles), "older elsewhere", "others")
	for _, row := range holders {
		decile, ofDecile := row.Number("imd_decile")
		switch {
		case row["pass_group"] == "all":
			say(row, "holders_rounded", everybody...)
			say(row, "placed_rounded", "placed")
			say(row, "complete_rounded", "complete")
			say(row, "active_rounded", "active")
		case row["iod_edition"] == "none":
			say(row, "holders_rounded", append(cells("older", "2019", 0, deciles), "older elsewhere")...)
		case ofDecile:
			say(row, "holders_rounded", cells("older", row["iod_edition"], int(decile)-1, int(decile))...)
		default:
			say(row, "holders_rounded", cells("older", "2019", 0, deciles)...)
		}
	}
	for _, row := range users {
		bands := map[string][2]int{"most_deprived": {0, 2}, "other_areas": {2, deciles}, "all": {0, deciles}}
		between := bands[row["band"]]
		say(row, "users_rounded", cells("user", row["iod_edition"], between[0], between[1])...)
	}
	atMost := func(part, whole []string) { s.Between(0, math.Inf(1), terms(s, whole, part)...) }
	atMost([]string{"placed"}, everybody)
	atMost([]string{"complete"}, []string{"placed"})
	atMost([]string{"active"}, everybody)
	atMost(cells("user", "2019", 0, deciles), []string{"active"})
	return s, told
}

// secrets are the numbers of people that the tables could tell.
func secrets(of register) (list []secret) {
	everybody := append(cells("older", "2019", 0, deciles), "older elsewhere", "others")
	used := 0
	for _, edition := range []string{"2019", "2025"} {
		deprived := 0
		used = 0
		for decile := range deciles {
			list = append(list, secret{fmt.Sprintf("older people's passes in decile %d of %s", decile+1, edition), cells("older", edition, decile, decile+1), nil, inDecile(of.older, edition, decile)})
			used += inDecile(of.from60, edition, decile)
			if decile < 2 {
				deprived = used
			}
		}
		list = append(list,
			secret{"users in deciles 1 and 2 of " + edition, cells("user", edition, 0, 2), nil, deprived},
			secret{"users in other deciles of " + edition, cells("user", edition, 2, deciles), nil, used - deprived})
	}
	return append(list,
		secret{"older people's passes elsewhere", []string{"older elsewhere"}, nil, of.elsewhere},
		secret{"other passes", []string{"others"}, nil, of.others},
		secret{"not placed", everybody, []string{"placed"}, of.holders() - of.placed},
		secret{"placed and of unknown age", []string{"placed"}, []string{"complete"}, of.placed - of.complete},
		secret{"inactive", everybody, []string{"active"}, of.holders() - of.active},
		secret{"active and no user", []string{"active"}, cells("user", "2019", 0, deciles), of.active - used})
}
