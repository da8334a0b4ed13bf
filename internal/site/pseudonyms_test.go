package site_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"socialvalue/internal/layout"
	"socialvalue/internal/site"
)

// minimal is a small site with a key.
const minimal = `name: Our City Region
version: 1
bodies: [{code: ours, name: Ours}]
area: {name: Our City Region, lad_codes: [E08000012]}
keys: {people: "file:keys/people.key"}
`

func TestKeyVersions(t *testing.T) {
	t.Parallel()
	s, err := site.Parse("/site", site.FileName, []byte(minimal+`pseudonyms:
  context: lcrca
  rotations:
    - {group: people, version: 2, on: 2026-04-01, reason: yearly}
    - {group: people, version: 3, on: 2027-04-01, reason: yearly}
`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Pseudonyms.Context != "lcrca" || s.Pseudonyms.KeyVersion("people") != 3 || s.Pseudonyms.KeyVersion("travel") != 1 {
		t.Errorf("got %+v", s.Pseudonyms)
	}
}

func TestMistakesInPseudonyms(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"context":       {"pseudonyms: {context: LCR CA}", "a short word for the site"},
		"unknown group": {"pseudonyms: {rotations: [{group: travel, version: 2, on: 2026-04-01, reason: yearly}]}", "keys names no such group"},
		"skipped":       {"pseudonyms: {rotations: [{group: people, version: 3, on: 2026-04-01, reason: yearly}]}", "the next version of this group's key is 2"},
		"no reason":     {"pseudonyms: {rotations: [{group: people, version: 2, on: 2026-04-01}]}", "says when and why"},
		"unknown key":   {"pseudonyms: {contxt: lcrca}", `did you mean "context"?`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := site.Parse("/site", site.FileName, []byte(minimal+tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// A key is written once: what was made with a lost one cannot be made again.
func TestInitMakesAKeyAndNeverReplacesIt(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "site")
	options := site.Options{Name: "Our City Region", NewKeys: map[string][]byte{"people": []byte("first\n")}}
	if _, err := site.Init(dir, options); err != nil {
		t.Fatal(err)
	}
	options.NewKeys["people"] = []byte("second\n")
	if made, err := site.Init(dir, options); err != nil || len(made) != 0 {
		t.Fatalf("made %v, %v", made, err)
	}
	for name, want := range map[string]os.FileMode{"keys": 0o700, "keys/people.key": 0o400} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want mode %o", name, info.Mode(), err, want)
		}
	}
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := s.Keys["people"].Read(dir, nil)
	if err != nil || string(secret) != "first" || s.Pseudonyms.Context != "our-city-region" {
		t.Errorf("got %q, %v, %+v", secret, err, s.Pseudonyms)
	}
}

// A constant stands in settings, names and notes: none is about a person.
func TestNoConstantIsAboutAPerson(t *testing.T) {
	t.Parallel()
	contracts := map[string][]layout.Column{"people/staff": {{Name: "person_key", Hidden: true}, {Name: "grade"}}}
	for _, source := range []string{
		`set: {person_key: "7"}`, `name_pattern: '_(?P<person_key>\d+)\.csv$'`, `layouts: [{set: {person_key: "7"}}]`,
	} {
		s, err := site.Parse("/site", site.FileName, []byte(minimal+"sources:\n  - {name: staff, contract: people/staff, from: drop/*, "+source+"}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CheckContracts(contracts); err == nil || !strings.Contains(err.Error(), "person_key is about a person") {
			t.Errorf("%s: got %v", source, err)
		}
	}
}
