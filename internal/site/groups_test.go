package site_test

import (
	"errors"
	"strings"
	"testing"

	"socialvalue/internal/site"
)

const withGroups = `name: Ours
version: 1
bodies: [{code: ours, name: Ours}]
area: {name: Ours, lad_codes: [E08000012]}
groups:
  open: svw-open
  spend: svw-spend
`

func TestGroups(t *testing.T) {
	t.Parallel()
	s, err := site.Parse("/srv/svw", "svw.yaml", []byte(withGroups))
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	there := func(group string) error {
		asked = append(asked, group)
		return nil
	}
	if err := s.CheckGroups([]string{"people", "spend"}, there); err != nil || strings.Join(asked, " ") != "svw-open svw-spend" {
		t.Errorf("asked for %v: %v", asked, err)
	}
	missing := func(group string) error { return errors.New("there is no group " + group) }
	for name, test := range map[string]struct {
		domains []string
		lookUp  func(string) error
		want    string
	}{
		"not on this machine":  {[]string{"spend"}, missing, "svw.yaml:6:9: open: there is no group svw-open\nsvw.yaml:7:10: spend: there is no group svw-spend"},
		"a domain there isn't": {[]string{"speed"}, there, "svw.yaml:7:3: no restricted dataset is of the domain spend: did you mean speed?"},
		"no domain like it":    {[]string{"people"}, there, "svw.yaml:7:3: no restricted dataset is of the domain spend: take the line out"},
		"domains unknown":      {nil, missing, "svw.yaml:7:10: spend: there is no group svw-spend"},
	} {
		if err := s.CheckGroups(test.domains, test.lookUp); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v\nwant %s", name, err, test.want)
		}
	}
	for was, test := range map[string]struct{ is, want string }{
		"spend: svw-spend": {"spend: svw-open", "svw.yaml:7:3: spend and open have one group, so whoever may read what is open may read spend"},
		"  open: svw-open": {"  open: ''", "svw.yaml:6:3: no group for open: name one of this machine, as open: svw-open"},
		"  spend:":         {"  Spend:", "svw.yaml:7:3: groups names open and domains"},
	} {
		if _, err := site.Parse("/srv/svw", "svw.yaml", []byte(strings.Replace(withGroups, was, test.is, 1))); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v\nwant %s", test.is, err, test.want)
		}
	}
}

// hr is no part of a release: nobody else may have its group, and its files stay for some days.
func TestGroupOfHR(t *testing.T) {
	t.Parallel()
	s, err := site.Parse("/srv/svw", "svw.yaml", []byte(withGroups+"  hr: svw-hr\nfor_hr: {keep_days: 7}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CheckGroups([]string{"spend"}, func(string) error { return nil }); err != nil || s.ForHR.KeepDays != 7 {
		t.Errorf("%v, %d days", err, s.ForHR.KeepDays)
	}
	for text, want := range map[string]string{
		"  hr: svw-spend\n":         "svw.yaml:8:3: hr has the group of another part, and its files name people by their payroll numbers",
		"  hr: svw-open\n":          "svw.yaml:8:3: hr has the group of another part",
		"for_hr: {keep_days: 0}\n":  "keep_days is how many days a file for HR stays, 1 to 90",
		"for_hr: {keep_days: 91}\n": "keep_days is how many days a file for HR stays, 1 to 90",
	} {
		if _, err := site.Parse("/srv/svw", "svw.yaml", []byte(withGroups+text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
	if s, err := site.Parse("/srv/svw", "svw.yaml", []byte(withGroups)); err != nil || s.ForHR.KeepDays != 14 {
		t.Errorf("unsaid: %v, %v", s, err)
	}
}
