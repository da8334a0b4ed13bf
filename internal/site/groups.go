package site

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"socialvalue/internal/nearest"
	"socialvalue/internal/strictyaml"
)

// OpenGroup names, among the groups of a site, the one whose members may read what is open.
const OpenGroup = "open"

// HRGroup names, among the groups of a site, the one that files with payroll numbers are for. It is no part of a release.
const HRGroup = "hr"

// ForHR says how files for HR are kept.
type ForHR struct {
	KeepDays int `yaml:"keep_days"`
}

// A file with payroll numbers is looked through within weeks, and asked for again when it is not.
const (
	usualForHRDays = 14
	mostForHRDays  = 90
)

func checkForHR(at strictyaml.Spot, f ForHR) {
	if f.KeepDays < 1 || f.KeepDays > mostForHRDays {
		at.At("keep_days").Report("keep_days is how many days a file for HR stays, 1 to %d", mostForHRDays)
	}
}

// checkGroups reports what is wrong with the groups by themselves.
func checkGroups(at strictyaml.Spot, groups map[string]string) {
	for _, part := range slices.Sorted(maps.Keys(groups)) {
		switch name := groups[part]; {
		case !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(part):
			at.Key(part).Report("groups names open and domains, each with its group, as groups: {open: svw-open, spend: svw-spend}")
		case name == "":
			at.Key(part).Report("no group for %s: name one of this machine, as %s: svw-%s", part, part, part)
		case part == HRGroup && slices.ContainsFunc(slices.Collect(maps.Keys(groups)), func(other string) bool { return other != HRGroup && groups[other] == name }):
			at.Key(part).Report("hr has the group of another part, and its files name people by their payroll numbers: give hr a group of its own")
		case part != OpenGroup && name == groups[OpenGroup]:
			at.Key(part).Report("%s and open have one group, so whoever may read what is open may read %s: give %s a group of its own", part, part, part)
		}
	}
}

// CheckGroups holds the groups against the domains there are, unless they are nil, and has each looked up; all mistakes
// are reported together, each at its line.
func (s *Site) CheckGroups(domains []string, lookUp func(group string) error) error {
	doc := s.doc.Fresh()
	at := doc.At("groups")
	for _, part := range slices.Sorted(maps.Keys(s.Groups)) {
		if domains != nil && part != OpenGroup && part != HRGroup && !slices.Contains(domains, part) {
			if meant := nearest.Of(part, domains); meant != "" {
				at.Key(part).Report("no restricted dataset is of the domain %s: did you mean %s?", part, meant)
			} else {
				at.Key(part).Report("no restricted dataset is of the domain %s: take the line out", part)
			}
			continue
		}
		if err := lookUp(s.Groups[part]); err != nil {
			at.At(part).Report("%s: %s", part, err)
		}
	}
	if err := doc.Err(); err != nil {
		return fmt.Errorf("check the site's groups:\n%w", err)
	}
	return nil
}
