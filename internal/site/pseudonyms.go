package site

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"socialvalue/internal/strictyaml"
)

// Pseudonyms says what the keys that stand for people hang on beside their
// secrets.
type Pseudonyms struct {
	Context   string // of the site, as lcrca; the same secret makes other keys under another; empty: none said
	Rotations []Rotation
}

// Rotation is the word that a group has another key from now on.
type Rotation struct {
	Group   string
	Version int // of the new key
	On      time.Time
	Reason  string
}

// KeyVersion is the version of a group's key: 1, and one more with each rotation.
func (p Pseudonyms) KeyVersion(group string) int {
	version := 1
	for _, r := range p.Rotations {
		if r.Group == group {
			version = r.Version
		}
	}
	return version
}

type pseudonymsFile struct {
	Context   string         `yaml:"context"`
	Rotations []rotationFile `yaml:"rotations"`
}

type rotationFile struct {
	Group   string `yaml:"group"`
	Version int    `yaml:"version"`
	On      string `yaml:"on"`
	Reason  string `yaml:"reason"`
}

func (f pseudonymsFile) pseudonyms(at strictyaml.Spot, keys map[string]Secret) Pseudonyms {
	p := Pseudonyms{Context: f.Context}
	if f.Context != "" && !regexp.MustCompile(`^[a-z][a-z0-9-]*$`).MatchString(f.Context) {
		at.At("context").Report("context is a short word for the site that never changes, of small letters, digits and -, as lcrca")
	}
	for i, r := range f.Rotations {
		here := at.At("rotations", i)
		if _, ok := keys[r.Group]; !ok {
			here.At("group").Report("keys names no such group")
		}
		if next := p.KeyVersion(r.Group) + 1; r.Version != next {
			here.At("version").Report("the next version of this group's key is %d: versions rise one by one", next)
		}
		on, err := time.Parse(time.DateOnly, r.On)
		if err != nil || strings.TrimSpace(r.Reason) == "" {
			here.Report("a rotation says when and why: {group: people, version: 2, on: 2026-04-01, reason: yearly}")
		}
		p.Rotations = append(p.Rotations, Rotation{Group: r.Group, Version: r.Version, On: on, Reason: r.Reason})
	}
	return p
}

// KeyFile is where svw init puts the key of a group, relative to the site.
func KeyFile(group string) string { return fmt.Sprintf("keys/%s.key", group) }
