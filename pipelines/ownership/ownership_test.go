//go:build duckdb_arrow

package ownership_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue"
	"socialvalue/internal/disclosure/attack"
	"socialvalue/internal/disclosure/rehearsal"
	"socialvalue/internal/pipeline"
)

// answer is a group with how many organisations gave it; "" is asked and not answered.
type answer struct {
	group         string
	organisations int
	withdrawn     bool
}

func rehearse(t *testing.T) *rehearsal.Rehearsal {
	t.Helper()
	return rehearsal.New(t, socialvalue.Assets, "stage.ownership_answers", "spend.ownership_counts")
}

// open asks suppliers who owns them, and gives the open rows as group, organisations, answered, asked.
func open(r *rehearsal.Rehearsal, characteristic string, answers ...answer) []string {
	var rows [][]any
	for _, a := range answers {
		for range a.organisations {
			var group, given, withdrawn any
			if a.group != "" {
				group, given = a.group, "2024-02-01"
			}
			if a.withdrawn {
				withdrawn = "2024-03-01"
			}
			rows = append(rows, []any{"ours", "2023-24", "SUPPLIER", "OWNERSHIP", characteristic, fmt.Sprintf("00000000-0000-0000-0000-%012d", len(rows)), group, given, withdrawn})
		}
	}
	r.Give("raw.ownership_characteristics", []string{"body_code", "financial_year", "relation", "role", "characteristic", "organisation_key", "answer", "consent_given", "consent_withdrawn"}, rows)
	r.Make("stage.ownership_answers", "spend.ownership_counts")
	form := r.Protect("spend.ownership_counts")["spend.ownership_counts"]
	return r.Texts("select concat_ws('|', group_code, coalesce(organisations_rounded::varchar, '[c]'), coalesce(answered_rounded::varchar, '[c]'), coalesce(asked_rounded::varchar, '[c]')) from " + form + " order by 1")
}

func TestNineAreWithheldAndTenAreShown(t *testing.T) {
	t.Parallel()
	r := rehearse(t)
	got := open(r, "SEX", answer{"WOMEN", 10, false}, answer{"MEN", 20, false}, answer{"NO_MAJORITY", 15, false}, answer{"PREFER_NOT_TO_SAY", 10, false}, answer{"", 5, false})
	want := []string{"men|20|45|60", "no_majority|15|45|60", "women|10|45|60"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ten of each (-want +got):\n%s", diff)
	}
	// Nine women go with another group, or they would be all less the others.
	got = open(r, "SEX", answer{"WOMEN", 9, false}, answer{"MEN", 20, false}, answer{"NO_MAJORITY", 16, false}, answer{"", 15, false})
	if !slices.ContainsFunc(got, func(row string) bool { return strings.HasPrefix(row, "women|[c]|") }) {
		t.Errorf("nine are shown: %v", got)
	}
	hidden := slices.DeleteFunc(slices.Clone(got), func(row string) bool { return !strings.Contains(row, "|[c]|45|") })
	if len(hidden) < 2 {
		t.Errorf("nine follow from what is shown: %v", got)
	}
	// A nought says of each that it is not so.
	if got = open(r, "DISABILITY", answer{"NOT_DISABLED", 40, false}, answer{"", 20, false}); !slices.ContainsFunc(got, func(row string) bool { return strings.HasPrefix(row, "disabled|[c]|") }) {
		t.Errorf("a nought is shown: %v", got)
	}
	// Nine who did not answer are all who were asked less those who did.
	if got = open(r, "SEX", answer{"WOMEN", 20, false}, answer{"MEN", 10, false}, answer{"NO_MAJORITY", 10, false}, answer{"", 9, false}); strings.Contains(got[0], "|40|") && strings.Contains(got[0], "|50") {
		t.Errorf("nine without an answer follow: %v", got)
	}
}

func TestAWithdrawalTakesTheAnswerAway(t *testing.T) {
	t.Parallel()
	r := rehearse(t)
	before := open(r, "SEX", answer{"WOMEN", 20, false}, answer{"MEN", 20, false}, answer{"NO_MAJORITY", 20, false}, answer{"", 10, false})
	after := open(r, "SEX", answer{"WOMEN", 10, false}, answer{"WOMEN", 10, true}, answer{"MEN", 20, false}, answer{"NO_MAJORITY", 20, false}, answer{"", 10, false})
	if before[2] != "women|20|60|70" || after[2] != "women|10|50|70" {
		t.Errorf("before %v, after ten withdrew %v", before, after)
	}
	if kept := r.Texts("select count(*)::varchar from stage.ownership_answers where is_withdrawn and group_code is not null"); kept[0] != "0" {
		t.Errorf("%s answers outlived their consent", kept[0])
	}
}

// No small number follows from groups, those who answered and those who were asked.
func TestNoSmallNumberFollows(t *testing.T) {
	t.Parallel()
	r := rehearse(t)
	groups := []string{"ASIAN", "BLACK", "MIXED", "WHITE", "OTHER", "NO_MAJORITY"}
	small, shown := 0, 0
	for seed := range uint64(30) {
		dice := rand.New(rand.NewPCG(seed, 4))
		truth, answers := map[string]int{}, []answer{{"", dice.IntN(60), false}}
		answered := 0
		for _, group := range groups {
			n := int(math.Pow(dice.Float64(), 2) * 60)
			answers, truth[strings.ToLower(group)], answered = append(answers, answer{group, n, false}), n, answered+n
		}
		if answered == 0 {
			continue
		}
		s := attack.NewSystem()
		terms := []attack.Term{{V: s.Var("answered"), By: -1}}
		for _, group := range groups {
			terms = append(terms, attack.Term{V: s.Var(strings.ToLower(group)), By: 1})
		}
		s.Between(0, 0, terms...)
		s.Between(0, math.Inf(1), attack.Term{V: s.Var("asked"), By: 1}, attack.Term{V: s.Var("answered"), By: -1})
		for _, row := range open(r, "ETHNICITY", answers...) {
			cells := strings.Split(row, "|")
			for i, name := range []string{cells[0], "answered", "asked"} {
				var n float64
				if _, err := fmt.Sscan(cells[i+1], &n); err == nil {
					shown++
					s.Between(n-4, n+4, attack.Term{V: s.Var(name), By: 1})
				}
			}
		}
		for group, n := range truth {
			if n >= 10 {
				continue
			}
			small++
			low, high, err := s.Range(attack.Term{V: s.Var(group), By: 1})
			if err != nil {
				t.Fatal(err)
			}
			if math.Floor(high+1e-6)-math.Ceil(low-1e-6)+1 < 10 {
				t.Errorf("seed %d: %s (truly %d) is known to be %v to %v", seed, group, n, low, high)
			}
		}
	}
	if small < 60 || shown < 60 {
		t.Errorf("%d small numbers, %d cells shown: the test shows too little", small, shown)
	}
}

// An answer is never beside a name: what stands for an organisation here stands nowhere else, and no dataset but the counts is
// made of the answers. So nothing can be joined to spend.suppliers, or to any other list of organisations.
func TestAnswersJoinToNothing(t *testing.T) {
	t.Parallel()
	p := rehearse(t).Project
	for _, c := range p.Nodes["spend.ownership_counts"].Spec.Columns {
		for _, word := range []string{"key", "name", "gbp", "lad", "ward", "postcode"} {
			if strings.Contains(c.Name, word) {
				t.Errorf("spend.ownership_counts has %s", c.Name)
			}
		}
	}
	for name, node := range p.Nodes {
		if name != "stage.ownership_answers" && slices.Contains(node.Inputs, "raw.ownership_characteristics") {
			t.Errorf("%s reads the answers", name)
		}
		if name != "spend.ownership_counts" && slices.Contains(node.Inputs, "stage.ownership_answers") {
			t.Errorf("%s is made of the answers of single organisations", name)
		}
	}
	raw, known := p.Columns("raw.ownership_characteristics")
	if !known {
		t.Fatal("no raw.ownership_characteristics")
	}
	for _, c := range raw {
		if slices.Contains([]string{"organisation_name", "contact_name", "contact_email", "postcode", "comments"}, c.Name) {
			t.Errorf("%s is stored", c.Name)
		}
		if c.Name == "organisation_key" && c.Type != "UUID" {
			t.Errorf("organisation_key is %s, and no key", c.Type)
		}
	}
	pipelines, err := pipeline.LoadAll(socialvalue.Assets)
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range pipelines {
		if name != "ownership" && other.Group() == "ownership" {
			t.Errorf("%s has the same key", name)
		}
	}
	contracts, err := filepath.Glob("../*/contracts/*.yaml")
	if err != nil || len(contracts) < 30 {
		t.Fatalf("%d contracts, %v", len(contracts), err)
	}
	for _, file := range contracts {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "domain: ownership-organisation") != strings.Contains(file, "ownership") {
			t.Errorf("%s shares the keys of organisations", file)
		}
	}
}
