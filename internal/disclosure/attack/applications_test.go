package attack_test

import (
	"fmt"
	"testing"

	"socialvalue/internal/disclosure/attack"
)

// applicants are the applications of a body in a year, each by another person: 33 of women, 43 of men, one of somebody whose
// sex is not known; all of them as rounding that adds up tells them.
func applicants() attack.Applications {
	one := func(characteristic, group string, n float64) attack.Application {
		return attack.Application{Body: "b", Year: "y", Characteristic: characteristic, Group: group, Known: group == "female" || group == "male", Stage: "applied", N: n}
	}
	truth := []attack.Application{one("sex", "female", 33), one("sex", "male", 43), one("sex", "not_recorded", 1)}
	return attack.Applications{
		True: truth, TruePeople: append(truth, one("sex", "not_known", 1), one("sex", "known", 76), one("all", "all", 77)), Slack: 4,
		Shown: []attack.Application{one("sex", "female", 30), one("sex", "male", 40), one("all", "all", 75)},
	}
}

// told is what an attacker is told.
type told attack.Applications

// values is how many a small number can have.
func (a told) values(t *testing.T, what string) float64 {
	t.Helper()
	found, err := attack.Applications(a).Attack("b", "y", 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range found {
		if one.What == what {
			if one.True < one.Low || one.True > one.High {
				t.Errorf("%v", one)
			}
			return one.Values()
		}
	}
	t.Fatalf("%s was not looked for: %v", what, found)
	return 0
}

// People who made applications are the same number, rounded another time. Told of each group beside the applications, the
// two leave next to nothing of what rounding hid; told of all of them alone, they leave it.
func TestPeopleBesideApplications(t *testing.T) {
	t.Parallel()
	a := applicants()
	people := func(characteristic, group string, n float64) attack.Application {
		return attack.Application{Body: "b", Year: "y", Characteristic: characteristic, Group: group, Known: true, Stage: "applied", N: n}
	}
	for _, test := range []struct {
		name   string
		people []attack.Application
		at     func(values float64) bool
	}{
		{"none", nil, func(values float64) bool { return values >= 10 }},
		{"of all", []attack.Application{people("all", "all", 75)}, func(values float64) bool { return values >= 10 }},
		{"of each", []attack.Application{people("sex", "female", 35), people("sex", "male", 45)}, func(values float64) bool { return values < 5 }},
	} {
		a.ShownPeople = test.people
		for _, what := range []string{"sex not_recorded applied", "sex people not_recorded applied"} {
			if values := told(a).values(t, what); !test.at(values) {
				t.Errorf("people told: %s; %s can have %v values", test.name, what, values)
			}
		}
	}
}

// Whoever takes for granted that nobody changes an answer, and is told of more people than there can be, knows better.
func TestOneAnswerMayBeWrong(t *testing.T) {
	t.Parallel()
	a := applicants()
	a.OneAnswer, a.Slack = true, 2
	a.ShownPeople = nil
	for group, n := range map[string]float64{"female": 35, "male": 45} {
		a.ShownPeople = append(a.ShownPeople, attack.Application{Body: "b", Year: "y", Characteristic: "sex", Group: group, Known: true, Stage: "applied", N: n})
	}
	a.Shown[0].N, a.Shown[1].N = 35, 45
	a.ShownPeople = append(a.ShownPeople, attack.Application{Body: "b", Year: "y", Characteristic: "all", Group: "all", Known: true, Stage: "applied", N: 70})
	if _, err := a.Attack("b", "y", 10); err != nil {
		t.Error(fmt.Errorf("nobody of two groups fits no numbers, so somebody is: %w", err))
	}
}
