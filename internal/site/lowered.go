package site

import (
	"cmp"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"socialvalue/internal/strictyaml"
)

// Lowered is one place where a file of the site keeps more of people than the
// built-in file it replaces, and the decision that allows it.
type Lowered struct {
	File       string // of the site
	Column     string // empty: the pipeline says that it is about nobody
	Was        string // class and action of the built-in file, as "direct pseudonymise"
	Is         string // those of the site's file
	ReviewedBy string
	On         time.Time
	Reason     string
}

type loweredFile struct {
	File       string `yaml:"file"`
	Column     string `yaml:"column"`
	Was        string `yaml:"was"`
	Is         string `yaml:"is"`
	ReviewedBy string `yaml:"reviewed_by"`
	On         string `yaml:"on"`
	Reason     string `yaml:"reason"`
}

// lowered reads the decisions of svw.yaml.
func lowered(at strictyaml.Spot, files []loweredFile) []Lowered {
	var list []Lowered
	for i, f := range files {
		here := at.At(i)
		on, err := time.Parse(time.DateOnly, f.On)
		if err != nil || strings.TrimSpace(f.ReviewedBy) == "" || strings.TrimSpace(f.Reason) == "" || f.File == "" {
			here.Report("a decision to keep more of people says where, who reviewed it, when and why: " +
				"{file: pipelines/people/contracts/person.yaml, column: grade, was: direct drop, is: indirect keep, reviewed_by: J. Smith (DPO), on: 2026-03-01, reason: …}")
		}
		list = append(list, Lowered{File: f.File, Column: f.Column, Was: f.Was, Is: f.Is, ReviewedBy: f.ReviewedBy, On: on, Reason: f.Reason})
	}
	return list
}

// aboutPeople is what a contract or a pipeline says of the people in its rows.
type aboutPeople struct {
	Personal any `yaml:"personal"` // of a pipeline: true or false
	Columns  []struct {
		Name     string   `yaml:"name"`
		Aliases  []string `yaml:"aliases"`
		Personal string   `yaml:"personal"`
		Action   string   `yaml:"action"`
		Domain   string   `yaml:"domain"`
		Band     any      `yaml:"band"`
	} `yaml:"columns"`
}

// lowerings lists where the site's file protects people less than the built-in
// one: a lower class, an action that keeps more, another domain, in which a
// person would join with other feeds, or other bands. A column is known by its
// name and by every header that it takes. A file that does not decode is for its
// reader to complain about.
func lowerings(name string, builtIn, own []byte) []Lowered {
	isPipeline, isContract := path.Base(name) == "pipeline.yaml", path.Base(path.Dir(name)) == "contracts"
	if !strings.HasPrefix(name, "pipelines/") || path.Ext(name) != ".yaml" || !isPipeline && !isContract {
		return nil
	}
	var before, after aboutPeople
	if yaml.Unmarshal(builtIn, &before) != nil || yaml.Unmarshal(own, &after) != nil {
		return nil
	}
	if isPipeline {
		if before.Personal == true && after.Personal != true {
			return []Lowered{{File: name, Was: "personal: true", Is: "personal: false"}}
		}
		return nil
	}
	var list []Lowered
	for _, column := range after.Columns {
		for _, was := range before.Columns {
			if !sameHeader(append(was.Aliases, was.Name), append(column.Aliases, column.Name)) {
				continue
			}
			less := classRank(column.Personal) < classRank(was.Personal) ||
				classRank(was.Personal) > 0 && actionRank(column.Action) < actionRank(was.Action) ||
				was.Action == "pseudonymise" && column.Action == was.Action && column.Domain != was.Domain ||
				was.Action == "band" && column.Action == was.Action && !reflect.DeepEqual(column.Band, was.Band)
			if less {
				list = append(list, Lowered{File: name, Column: column.Name, Was: kept(was.Personal, was.Action, was.Domain), Is: kept(column.Personal, column.Action, column.Domain)})
			}
		}
	}
	return list
}

func sameHeader(a, b []string) bool {
	return slices.ContainsFunc(a, func(one string) bool {
		return slices.ContainsFunc(b, func(other string) bool { return strings.EqualFold(strings.TrimSpace(one), strings.TrimSpace(other)) })
	})
}

// classRank orders the classes of personal data. What is not known as one is for
// the contract's reader to refuse.
func classRank(class string) int {
	return max(0, slices.Index([]string{"none", "indirect", "direct", "special"}, class))
}

// actionRank orders actions by how little they leave of a value.
func actionRank(action string) int {
	return map[string]int{"pseudonymise": 1, "band": 1, "place": 1, "drop": 2}[action]
}

// kept says what is kept of a column.
func kept(class, action, domain string) string {
	return strings.Join(slices.DeleteFunc([]string{cmp.Or(class, "none"), cmp.Or(action, "keep"), domain}, func(s string) bool { return s == "" }), " ")
}

// checkLowered refuses a replaced file that protects people less than the
// built-in one, unless svw.yaml holds the decision for exactly that. It returns
// what was decided.
func checkLowered(name string, builtIn, own []byte, decisions []Lowered) ([]Lowered, error) {
	var decided []Lowered
	var open []string
	for _, found := range lowerings(name, builtIn, own) {
		i := slices.IndexFunc(decisions, func(d Lowered) bool {
			return d.File == found.File && d.Column == found.Column && d.Was == found.Was && d.Is == found.Is
		})
		if i < 0 {
			column := ""
			if found.Column != "" {
				column = "column: " + found.Column + ", "
			}
			open = append(open, fmt.Sprintf("  - {file: %s, %swas: %q, is: %q, reviewed_by: WHO, on: YYYY-MM-DD, reason: WHY}", found.File, column, found.Was, found.Is))
			continue
		}
		decided = append(decided, decisions[i])
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("%s protects people less than the built-in file: leave it as it is there, or have it reviewed and say in svw.yaml, under less_protected:\n%s",
			name, strings.Join(open, "\n"))
	}
	return decided, nil
}

// unusedDecision refuses a decision that nothing makes use of: it would allow what
// nobody has looked at.
func unusedDecision(decisions, used []Lowered) error {
	for _, d := range decisions {
		if !slices.Contains(used, d) {
			what := d.File
			if d.Column != "" {
				what += ", column " + d.Column
			}
			return fmt.Errorf("svw.yaml: less_protected allows %s (was %q, is %q), and no file of the site does that: remove the line, or have what is there reviewed",
				what, d.Was, d.Is)
		}
	}
	return nil
}
