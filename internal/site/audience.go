package site

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// audience is who may see what a model makes.
type audience struct {
	Publish struct {
		Tier    string   `yaml:"tier"`
		Domain  string   `yaml:"domain"`
		Domains []string `yaml:"domains"`
	} `yaml:"publish"`
}

// checkAudience refuses a replaced model that is shown to more people than the
// built-in one. A file that does not decode is for its reader to complain about.
func checkAudience(name string, builtIn, own []byte) error {
	if !strings.HasPrefix(name, "sql/") || path.Ext(name) != ".yaml" {
		return nil
	}
	var before, after audience
	if yaml.Unmarshal(builtIn, &before) != nil || yaml.Unmarshal(own, &after) != nil {
		return nil
	}
	openness := func(a audience) int { return slices.Index([]string{"restricted", "open"}, a.Publish.Tier) }
	relation := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(name, "sql/"), ".yaml"), "/", ".")
	if openness(after) > openness(before) {
		return fmt.Errorf("%s publishes %s as %s, and the built-in model as %s: a site may not show more people what the program keeps closer; "+
			"leave the tier as it is, or make a relation of another name from it", name, relation, after.Publish.Tier, orNone(before.Publish.Tier))
	}
	if openness(after) == openness(before) && after.Publish.Tier == "restricted" {
		for _, domain := range after.domains(name) {
			if !slices.Contains(before.domains(name), domain) {
				return fmt.Errorf("%s publishes %s in the file of %s too, and the built-in model only in that of %s: a site may not show more people "+
					"what the program keeps closer; leave the domain as it is, or make a relation of another name from it",
					name, relation, domain, strings.Join(before.domains(name), ", "))
			}
		}
	}
	return nil
}

func orNone(tier string) string {
	if tier == "" {
		return "none"
	}
	return tier
}

// domains are those whose file holds the model: the schema's where none is named.
func (a audience) domains(name string) []string {
	switch {
	case len(a.Publish.Domains) > 0:
		return a.Publish.Domains
	case a.Publish.Domain != "":
		return []string{a.Publish.Domain}
	}
	return []string{path.Base(path.Dir(name))}
}
