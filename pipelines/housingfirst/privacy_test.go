//go:build duckdb_arrow

package housingfirst_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue"
	"socialvalue/internal/estimators"
	"socialvalue/internal/model"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

func project(t *testing.T) *model.Project {
	t.Helper()
	dir := t.TempDir()
	settings := "name: Privacy\nversion: 1\nbodies: [{code: E47000004, name: Authority, role: authority}]\n" +
		"area: {name: Area, lad_codes: [E08000012]}\ntime_zone: Europe/London\nbaseline_year: 2022-23\n"
	if err := os.WriteFile(filepath.Join(dir, "svw.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := workspace.Project(t.Context(), workspace.Environment{
		Site: s, Files: socialvalue.Assets, Estimators: estimators.All(), Version: "test",
		Now: func() time.Time { return time.Date(2025, time.June, 30, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// services are the relations about people of these services, by schema: all that is released of them.
func services(p *model.Project) map[string]*model.Node {
	found := map[string]*model.Node{}
	for name, node := range p.Nodes {
		if schema, _, _ := strings.Cut(name, "."); schema == "housing_first" || schema == "skills" {
			found[name] = node
		}
	}
	return found
}

// Datasets page: months, deciles and bands; no needs, no small area, no day.
func TestRowsAboutPeopleCarryMonthsAndDeciles(t *testing.T) {
	t.Parallel()
	rows := 0
	for name, node := range services(project(t)) {
		if !slices.ContainsFunc(node.Spec.Columns, func(c model.Column) bool { return strings.HasSuffix(c.Name, "_key") }) {
			continue
		}
		rows++
		if name != "housing_first.cases" {
			t.Errorf("%s has rows about people", name)
		}
		for _, c := range node.Spec.Columns {
			if c.Type == "DATE" && !strings.HasSuffix(c.Name, "_month") {
				t.Errorf("%s.%s is a day", name, c.Name)
			}
			for _, word := range []string{"lsoa", "postcode", "need", "ward", "sex", "ethnic", "arrear"} {
				if strings.Contains(c.Name, word) {
					t.Errorf("%s.%s tells of %s", name, c.Name, word)
				}
			}
		}
	}
	if rows != 1 {
		t.Errorf("%d datasets with rows about people, want housing_first.cases alone", rows)
	}
}

// Need, health and offending stay in the build area: no row about a person is made from them, and identifiers make nothing.
func TestNeedHealthAndOffendingMakeNoRowAboutAPerson(t *testing.T) {
	t.Parallel()
	p := project(t)
	for _, raw := range []string{"raw.housingfirst_need", "raw.housingfirst_contact", "raw.housingfirst_outcome", "raw.skills_barriers"} {
		if slices.Contains(p.Ancestors("housing_first.cases"), raw) {
			t.Errorf("housing_first.cases is made from %s", raw)
		}
	}
	for name, node := range p.Nodes {
		if slices.Contains(node.Inputs, "raw.housingfirst_identifiers") {
			t.Errorf("%s reads national identifiers", name)
		}
	}
}

// Few people: five datasets have an open form, protected and with a period; all else is restricted, each service to its own
// domain, and no other dataset is made from it but those that are made of open forms.
func TestEverythingIsRestrictedToItsDomainButTheFiveOpenForms(t *testing.T) {
	t.Parallel()
	p := project(t)
	ours := services(p)
	if len(ours) < 16 {
		t.Fatalf("%d datasets", len(ours))
	}
	var open []string
	for name, node := range ours {
		schema, _, _ := strings.Cut(name, ".")
		publish := node.Spec.Publish
		switch {
		case publish.Tier == "open" && publish.Disclosure != nil && publish.Announced == "in_open_table" && publish.Period == "year":
			open = append(open, name)
		case publish.Tier != "restricted" || !slices.Equal(publish.AllDomains(), []string{schema}):
			t.Errorf("%s is %s in %v", name, publish.Tier, publish.AllDomains())
		}
	}
	slices.Sort(open)
	if diff := cmp.Diff([]string{"housing_first.outcomes", "housing_first.sustainment", "housing_first.sustainment_curve", "skills.adult_education", "skills.households_into_work"}, open); diff != "" {
		t.Errorf("open forms (-want +got):\n%s", diff)
	}
	for name, node := range p.Nodes {
		if ours[name] != nil || node.Spec.Publish.Tier == "" || node.Spec.Publish.Tier == "none" || node.Spec.Publish.OfOpenForms {
			continue
		}
		for _, above := range p.Ancestors(name) {
			if ours[above] != nil || strings.HasPrefix(above, "raw.housingfirst_") || strings.HasPrefix(above, "raw.skills_") {
				t.Errorf("%s, which others may read, is made from %s", name, above)
			}
		}
	}
}

// Each service has a key of its own: its people cannot be found in another.
func TestServicesShareNoKey(t *testing.T) {
	t.Parallel()
	domains := map[string]string{} // of identifiers: the pipeline that uses it
	for _, pipeline := range []string{"housingfirst", "skills", "people"} {
		folder := filepath.Join("..", pipeline, "contracts")
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range strings.Split(string(text), "domain: ")[1:] {
				domain := strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune(",}\n ", r) })[0]
				if other, taken := domains[domain]; taken && other != pipeline {
					t.Errorf("%s and %s share the domain %s", other, pipeline, domain)
				}
				domains[domain] = pipeline
			}
		}
	}
}
