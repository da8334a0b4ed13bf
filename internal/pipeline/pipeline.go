// Package pipeline reads what is said about each pipeline as a whole: who owns
// it, why its data may be held, for how long, and when they are stale.
package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// Pipeline is one folder of pipelines/.
type Pipeline struct {
	Name        string    `yaml:"name"`
	Description string    `yaml:"description"`
	Owner       string    `yaml:"owner"`
	Purpose     string    `yaml:"purpose"`
	LawfulBasis string    `yaml:"lawful_basis"`
	Retention   Retention `yaml:"retention"`
	Freshness   Freshness `yaml:"freshness"`
	Personal    bool      `yaml:"personal"`
	KeyGroup    string    `yaml:"key_group"` // whose key its pseudonyms are made with; read Group
	Domain      string    `yaml:"domain"`    // whose readers may see what came in for it: its name if not said, or EveryDomain
	Disabled    bool      `yaml:"disabled"`
}

// EveryDomain is the domain of a pipeline whose files concern the readers of every
// restricted file, as places do.
const EveryDomain = "all"

// IsGroup says whether a word can name a key group.
func IsGroup(word string) bool { return groupName.MatchString(word) }

// Group is the key group of the pipeline: its own name, unless it shares the key
// of others.
func (p Pipeline) Group() string {
	if p.KeyGroup != "" {
		return p.KeyGroup
	}
	return p.Name
}

// Retention is how long what was received and what was read are kept; 0 is for
// ever.
type Retention struct {
	LandingDays int `yaml:"landing_days"`
	StoreYears  int `yaml:"store_years"`
}

// Freshness is when a feed is late.
type Freshness struct {
	StaleAfter Days `yaml:"stale_after"`
}

// Days is a length of time written as days, for example 45d.
type Days int

var groupName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

var daysText = regexp.MustCompile(`^(\d{1,4})d$`)

// UnmarshalYAML reads text such as 45d.
func (d *Days) UnmarshalYAML(node *yaml.Node) error {
	match := daysText.FindStringSubmatch(node.Value)
	if match == nil {
		return fmt.Errorf("line %d: %q is no number of days; write it as 45d", node.Line, node.Value)
	}
	n, err := strconv.Atoi(match[1])
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	*d = Days(n)
	return nil
}

// Duration is the length of time.
func (d Days) Duration() time.Duration { return time.Duration(d) * 24 * time.Hour }

// LoadAll reads pipelines/*/pipeline.yaml, by name.
func LoadAll(fsys fs.FS) (map[string]Pipeline, error) {
	files, err := fs.Glob(fsys, "pipelines/*/pipeline.yaml")
	if err != nil {
		return nil, fmt.Errorf("list pipelines: %w", err)
	}
	pipelines := make(map[string]Pipeline, len(files))
	var problems []error
	for _, file := range files {
		p, err := read(fsys, file)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if !p.Disabled {
			pipelines[p.Name] = p
		}
	}
	return pipelines, errors.Join(problems...)
}

func read(fsys fs.FS, file string) (Pipeline, error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return Pipeline{}, fmt.Errorf("read pipeline: %w", err)
	}
	var p Pipeline
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil {
		return Pipeline{}, fmt.Errorf("%s: %w", file, err)
	}
	if folder := path.Base(path.Dir(file)); p.Name != folder {
		return Pipeline{}, fmt.Errorf("%s: name %q must be the folder's name, %q", file, p.Name, folder)
	}
	if p.Retention.LandingDays < 0 || p.Retention.StoreYears < 0 {
		return Pipeline{}, fmt.Errorf("%s: retention must not be negative; 0 keeps what is received for ever", file)
	}
	if !groupName.MatchString(p.Group()) {
		return Pipeline{}, fmt.Errorf("%s: key_group %q must be a word of small letters, digits and _, as people", file, p.KeyGroup)
	}
	if p.Domain == "" {
		p.Domain = p.Name
	}
	if !groupName.MatchString(p.Domain) {
		return Pipeline{}, fmt.Errorf("%s: domain %q must be the name of a restricted file, as people, or %s", file, p.Domain, EveryDomain)
	}
	return p, nil
}

// AllBut are the files with which a site disables every pipeline of the tree but
// those kept, by path.
func AllBut(fsys fs.FS, kept ...string) (map[string][]byte, error) {
	all, err := LoadAll(fsys)
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for name := range all {
		if !slices.Contains(kept, name) {
			files["pipelines/"+name+"/pipeline.yaml"] = []byte("disabled: true\n")
		}
	}
	return files, nil
}
