//go:build duckdb_arrow

package skills_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue"
	"socialvalue/internal/disclosure/attack"
	"socialvalue/internal/disclosure/rehearsal"
)

// Within how much of a multiple of five the true count certainly is, and within how much if it is the nearest; how many values
// a small number keeps at the least, and how wide it stays for one who takes every count for the nearest multiple.
const (
	certain     = 4
	nearest     = 2
	fewest      = 10
	leastValues = 10
	leastWidth  = 5
)

// number is a sum of counts, the first less the others, that nobody may find out while it is small.
type number struct {
	what   string
	names  []string
	values float64 // it keeps at the least
}

// attacked asks of each small number what can be known of it, and gives how many there are.
func attacked(t *testing.T, of string, numbers []number, truth map[string]float64, system func(slack float64) *attack.System) (small int) {
	t.Helper()
	surely, likely := system(certain), system(nearest)
	for _, n := range numbers {
		value, terms := truth[n.names[0]], func(s *attack.System) []attack.Term {
			list := []attack.Term{{V: s.Var(n.names[0]), By: 1}}
			for _, name := range n.names[1:] {
				list = append(list, attack.Term{V: s.Var(name), By: -1})
			}
			return list
		}
		for _, name := range n.names[1:] {
			value -= truth[name]
		}
		if value >= fewest {
			continue
		}
		small++
		for slack, s := range map[float64]*attack.System{certain: surely, nearest: likely} {
			low, high, err := s.Range(terms(s)...)
			if err != nil {
				t.Fatalf("%s: %v", of, err)
			}
			low, high = math.Ceil(low-1e-6), math.Floor(high+1e-6)
			if slack == certain && high-low+1 < n.values || slack == nearest && n.values == leastValues && high-low < leastWidth {
				t.Errorf("%s, counts within %v: %s (truly %v) is known to be %v to %v", of, slack, n.what, value, low, high)
			}
		}
	}
	return small
}

func atMost(s *attack.System, part, whole string) {
	s.Between(0, math.Inf(1), attack.Term{V: s.Var(whole), By: 1}, attack.Term{V: s.Var(part), By: -1})
}

// programme gives the members of one year: some found work, some kept it, some live in deprived areas.
func programme(r *rehearsal.Rehearsal, dice *rand.Rand) {
	people := 30 + dice.IntN(500)
	found, kept, longer, deprived, placed, digital := dice.Float64(), dice.Float64(), dice.Float64(), dice.Float64(), 1-dice.Float64()/10, dice.Float64()
	unknown := dice.Float64() / 4
	var members [][]any
	for i := range people {
		for _, base := range []string{"participant", "household"} {
			if base == "household" && i%4 == 0 {
				continue
			}
			entry := dice.Float64() < found/2
			due := entry || dice.Float64() < 0.03
			week13 := due && dice.Float64() < kept
			week26 := week13 && dice.Float64() < longer
			status13, status26 := any(week13), any(week26)
			if dice.Float64() < unknown {
				status26 = nil
			}
			if dice.Float64() < unknown/2 {
				status13 = nil
			}
			isPlaced := dice.Float64() < placed
			members = append(members, []any{
				"ours", base, "2022-23", "all", "all", fmt.Sprintf("00000000-0000-0000-0000-%012d", i), isPlaced, isPlaced && dice.Float64() < deprived,
				true, entry, entry, due, status13, due, status26, dice.Float64() < digital,
			})
		}
	}
	r.Give("stage.hiw_members", []string{
		"body_code", "base", "financial_year", "breakdown", "breakdown_value", "member_key", "is_placed", "is_most_deprived", "is_window_closed", "has_entry",
		"has_entry_or_after", "is_13_due", "is_13_sustained", "is_26_due", "is_26_sustained", "had_digital",
	}, members)
	r.Give("stage.hiw_participants", []string{"body_code", "participant_key", "extract_date"}, [][]any{{"ours", "00000000-0000-0000-0000-000000000000", "2025-05-31"}})
	r.Give("site.settings", []string{"financial_year_start_month", "financial_year_start_day"}, [][]any{{4, 1}})
	r.Make("skills.households_into_work")
}

func programmeCounts() []string {
	return []string{"participants_rounded", "job_entries", "known_13_weeks", "sustained_13_weeks", "known_26_weeks", "sustained_26_weeks", "placed", "most_deprived", "digital_inclusion"}
}

// What became of participants cannot be worked out from the differences of what is shown.
func TestNoSmallNumberFollowsFromTheOpenProgramme(t *testing.T) {
	t.Parallel()
	r := rehearsal.New(t, socialvalue.Assets, "skills.households_into_work")
	small, shown := 0, map[string]int{}
	for seed := range uint64(40) {
		programme(r, rand.New(rand.NewPCG(seed, 2)))
		form := r.Protect("skills.households_into_work")["skills.households_into_work"]
		truth := map[string]float64{}
		for _, row := range r.Rows("skills.households_into_work", "base = 'participant'", programmeCounts()...) {
			for _, column := range programmeCounts() {
				truth[column], _ = row.Number(column)
			}
		}
		open := r.Rows(form, "base = 'participant'", programmeCounts()...)
		system := func(slack float64) *attack.System {
			s := attack.NewSystem()
			for _, pair := range [][2]string{
				{"job_entries", "participants_rounded"},
				{"known_13_weeks", "participants_rounded"},
				{"known_26_weeks", "participants_rounded"},
				{"sustained_13_weeks", "known_13_weeks"},
				{"sustained_26_weeks", "known_26_weeks"},
				{"most_deprived", "placed"},
				{"placed", "participants_rounded"},
				{"digital_inclusion", "participants_rounded"},
			} {
				atMost(s, pair[0], pair[1])
			}
			for _, column := range programmeCounts() {
				if number, told := open[0].Number(column); told {
					s.Between(number-slack, number+slack, attack.Term{V: s.Var(column), By: 1})
				}
			}
			return s
		}
		for _, column := range programmeCounts() {
			if _, told := open[0][column]; told {
				shown[column]++
			}
		}
		small += attacked(t, fmt.Sprintf("seed %d", seed), []number{
			{"job entries", []string{"job_entries"}, leastValues},
			{"without a job entry", []string{"participants_rounded", "job_entries"}, leastValues},
			{"not known to have a start", []string{"participants_rounded", "known_13_weeks"}, leastValues},
			{"in work at 13 weeks", []string{"sustained_13_weeks"}, leastValues},
			{"not in work at 13 weeks", []string{"known_13_weeks", "sustained_13_weeks"}, leastValues},
			{"in work at 26 weeks", []string{"sustained_26_weeks"}, leastValues},
			{"not in work at 26 weeks", []string{"known_26_weeks", "sustained_26_weeks"}, leastValues},
			{"in work at 13 weeks more than at 26", []string{"sustained_13_weeks", "sustained_26_weeks"}, leastValues},
			{"in deciles 1 and 2", []string{"most_deprived"}, leastValues},
			{"in other deciles", []string{"placed", "most_deprived"}, leastValues},
			{"with digital inclusion", []string{"digital_inclusion"}, leastValues},
			{"without digital inclusion", []string{"participants_rounded", "digital_inclusion"}, leastValues},
			// Of these nothing is known, and they are left to rounding.
			{"not placed", []string{"participants_rounded", "placed"}, leastWidth},
		}, truth, system)
	}
	for column, rows := range shown {
		if rows < 5 {
			t.Errorf("%s is shown %d times: the test shows too little", column, rows)
		}
	}
	if small < 40 || len(shown) != len(programmeCounts()) {
		t.Errorf("%d small numbers, columns shown %v", small, shown)
	}
	t.Logf("%d small numbers, columns shown %v", small, shown)
}

// learning gives the aims of one year: learners of several providers, some of two, some who moved.
func learning(r *rehearsal.Rehearsal, dice *rand.Rand) {
	var aims [][]any
	providers := 2 + dice.IntN(6)
	sizes := make([]int, providers)
	for i := range sizes {
		sizes[i] = 5 + int(math.Pow(dice.Float64(), 2)*300)
	}
	achieved := 0.5 + dice.Float64()/2
	learner := 0
	for provider, size := range sizes {
		for range size {
			learner++
			place := dice.IntN(60)
			for range 1 + dice.IntN(2) {
				at := provider
				if dice.IntN(50) == 0 {
					at = dice.IntN(providers)
				}
				if dice.IntN(50) == 0 {
					place = dice.IntN(60)
				}
				var quintile, decile any
				status := "placed"
				switch {
				case place < 57:
					quintile, decile = 1+place%5, 1+place%5*2
				case place < 59:
					status = "unplaced"
				default:
					status = "outside_area"
				}
				aims = append(aims, []any{
					"ours", "2022-23", fmt.Sprint("p", at), fmt.Sprint("l", learner), len(aims), decile, quintile, status, dice.IntN(10) > 0, dice.Float64() < achieved, "24-29", "2019",
				})
			}
		}
	}
	dice.Shuffle(len(aims), func(i, k int) { aims[i], aims[k] = aims[k], aims[i] })
	giveAims(r, aims)
}

func giveAims(r *rehearsal.Rehearsal, aims [][]any) {
	r.Give("stage.skills_aims", []string{
		"body_code", "academic_year", "provider_ukprn", "learner_key", "aim_number", "imd_decile", "imd_quintile", "place_status", "is_due", "is_achieved", "age_band", "iod_edition",
	}, aims)
	r.Give("stage.skills_returns", []string{"body_code", "academic_year", "return_state"}, [][]any{{"ours", "2022-23", "final"}})
	r.Make("skills.adult_education")
}

// cell names a row of the table, as a reader knows it.
func cell(row rehearsal.Row) string {
	return strings.Join([]string{row["breakdown"], row["breakdown_value"], row["provider_name"]}, " ")
}

// Providers, quintiles and all cannot be subtracted down to a few aims or learners.
func TestNoSmallNumberFollowsFromOpenAdultEducation(t *testing.T) {
	t.Parallel()
	r := rehearsal.New(t, socialvalue.Assets, "skills.adult_education")
	columns := []string{"breakdown", "breakdown_value", "provider_name", "learners_rounded", "placed", "most_deprived", "aims_due", "aims_achieved", "is_shown"}
	small, quintiles, providers, left := 0, 0, 0, 0
	for seed := range uint64(25) {
		learning(r, rand.New(rand.NewPCG(seed, 3)))
		form := r.Protect("skills.adult_education")["skills.adult_education"]
		exact, open := r.Rows("skills.adult_education", "in_open_table", columns...), r.Rows(form, "true", columns...)
		truth := map[string]float64{}
		achieved := r.Rows("stage.skills_aims", "is_due and is_achieved", "provider_ukprn", "imd_quintile", "place_status")
		for _, row := range exact {
			for _, column := range columns[3:8] {
				truth[column+" "+cell(row)], _ = row.Number(column)
			}
			// The model leaves out what is achieved of a few learners: the truth has it.
			truth["aims_achieved "+cell(row)] = float64(len(slices.DeleteFunc(slices.Clone(achieved), func(aim rehearsal.Row) bool {
				place := aim["imd_quintile"]
				if place == "" {
					place = aim["place_status"]
				}
				return row["provider_name"] != "all" && aim["provider_ukprn"] != row["provider_name"] || row["breakdown"] == "imd_quintile" && place != row["breakdown_value"]
			})))
		}
		shown := map[string]bool{}
		for _, row := range open {
			_, shown[cell(row)] = row["aims_achieved"]
			switch {
			case !shown[cell(row)]:
				left++
			case row["breakdown"] == "imd_quintile":
				quintiles++
			case row["provider_name"] != "all":
				providers++
			}
		}
		const all = "all all all"
		system := func(slack float64) *attack.System {
			s := attack.NewSystem()
			for _, what := range []string{"aims_due ", "aims_achieved "} {
				byProvider, byQuintile := []attack.Term{{V: s.Var(what + all), By: -1}}, []attack.Term{{V: s.Var(what + all), By: -1}}
				for _, row := range exact {
					switch {
					case row["provider_name"] != "all":
						byProvider = append(byProvider, attack.Term{V: s.Var(what + cell(row)), By: 1})
					case row["breakdown"] == "imd_quintile":
						byQuintile = append(byQuintile, attack.Term{V: s.Var(what + cell(row)), By: 1})
					}
				}
				s.Between(0, 0, byProvider...)
				s.Between(0, 0, byQuintile...)
			}
			for _, row := range exact {
				atMost(s, "aims_achieved "+cell(row), "aims_due "+cell(row))
				atMost(s, "placed "+cell(row), "learners_rounded "+cell(row))
				atMost(s, "most_deprived "+cell(row), "placed "+cell(row))
				atMost(s, "learners_rounded "+cell(row), "learners_rounded "+all)
			}
			for _, row := range open {
				for _, column := range columns[3:8] {
					if number, told := row.Number(column); told {
						s.Between(number-slack, number+slack, attack.Term{V: s.Var(column + " " + cell(row)), By: 1})
					}
				}
			}
			return s
		}
		var numbers []number
		hidden := map[string][]string{"aims_due": {"aims_due " + all}, "aims_achieved": {"aims_achieved " + all}}
		for _, row := range exact {
			name := cell(row)
			numbers = append(numbers,
				number{"learners of " + name, []string{"learners_rounded " + name}, leastValues},
				number{"aims due of " + name, []string{"aims_due " + name}, leastValues},
				number{"aims achieved of " + name, []string{"aims_achieved " + name}, leastValues},
				number{"aims not achieved of " + name, []string{"aims_due " + name, "aims_achieved " + name}, leastValues})
			if row["breakdown"] == "all" && shown[name] {
				numbers = append(numbers, number{"placed in other deciles of " + name, []string{"placed " + name, "most_deprived " + name}, leastValues})
			}
			if row["provider_name"] != "all" && shown[name] {
				for what := range hidden {
					hidden[what] = append(hidden[what], what+" "+name)
				}
			}
		}
		if len(hidden["aims_due"]) < providersOf(exact)+1 {
			for what, names := range hidden {
				numbers = append(numbers, number{what + " of the providers that are left out", names, leastValues})
			}
		}
		small += attacked(t, fmt.Sprintf("seed %d", seed), numbers, truth, system)
	}
	if small < 100 || quintiles < 10 || providers < 20 || left < 20 {
		t.Errorf("%d small numbers, %d quintiles and %d providers shown, %d rows left out: the test shows too little", small, quintiles, providers, left)
	}
	t.Logf("%d small numbers, %d quintiles and %d providers shown, %d rows left out", small, quintiles, providers, left)
}

func providersOf(rows []rehearsal.Row) (n int) {
	for _, row := range rows {
		if row["provider_name"] != "all" {
			n++
		}
	}
	return n
}

// The order of aims in a file moves no figure.
func TestOrderOfLearnersMovesNoOpenFigure(t *testing.T) {
	t.Parallel()
	r := rehearsal.New(t, socialvalue.Assets, "skills.adult_education")
	var first []string
	for shuffle := range 3 {
		dice := rand.New(rand.NewPCG(5, 3))
		learning(r, dice)
		aims := [][]any{}
		columns := []string{"body_code", "academic_year", "provider_ukprn", "learner_key", "aim_number", "imd_decile", "imd_quintile", "place_status", "is_due", "is_achieved", "age_band", "iod_edition"}
		for _, row := range r.Rows("stage.skills_aims", "true", columns...) {
			var values []any
			for _, column := range columns {
				value, there := row[column]
				if !there {
					values = append(values, nil)
					continue
				}
				values = append(values, value)
			}
			aims = append(aims, values)
		}
		order := rand.New(rand.NewPCG(uint64(shuffle), 9))
		order.Shuffle(len(aims), func(i, k int) { aims[i], aims[k] = aims[k], aims[i] })
		giveAims(r, aims)
		form := r.Protect("skills.adult_education")["skills.adult_education"]
		got := r.Texts("select cast(form as varchar) from " + form + " as form order by 1")
		if first == nil {
			first = got
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("open figures (-first order +another):\n%s", diff)
		}
	}
}
