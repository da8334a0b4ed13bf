package main

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// A feed that is absent is a normal state (framework 3.6): the demonstration runs without any one of its sources, the page
// says what is not supplied, no dataset is held and nothing of other pipelines changes. make test leaves out a source on
// which much depends, and all but payments and the Indices; make accept leaves out each source in turn.
func withoutFeeds(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(dir, "var/demo/svw.yaml")
	whole := readFile(t, file)
	sources := sourcesIn(t, whole)
	before := standing(t, dir)
	for _, source := range sources {
		if source.Name != usualFeed && usualFeed != "" {
			continue
		}
		t.Run(source.Name, func(t *testing.T) {
			runWith(t, dir, siteWithout(t, whole, func(s feedSource) bool { return s.Name == source.Name }))
			others := slices.ContainsFunc(sources, func(s feedSource) bool { return s.Contract == source.Contract && s.Name != source.Name })
			after := standing(t, dir)
			if diff := cmp.Diff(before.held, after.held); diff != "" {
				t.Errorf("datasets are held (-with +without):\n%s", diff)
			}
			if state := after.states[source.Contract]; !others && state != "not supplied" {
				t.Errorf("the page says of %s: %q", source.Contract, state)
			}
			if _, there := after.states[source.Name]; there {
				t.Error("the page still lists the source")
			}
			for id, score := range before.scores {
				if !slices.Contains(source.touches(), score.schema()) && source.pipeline() != "geography" && score != after.scores[id] {
					t.Errorf("%s changed, which it does not feed:\n%+v\n%+v", id, score, after.scores[id])
				}
			}
		})
	}
	t.Run("payments and Indices alone", func(t *testing.T) {
		runWith(t, dir, siteWithout(t, whole, func(s feedSource) bool {
			return s.Contract != "spend/payments" && s.Contract != "geography/deprivation"
		}))
		after := standing(t, dir)
		for contract, state := range after.states {
			if strings.Contains(contract, "/") && state != "not supplied" {
				t.Errorf("the page says of %s: %q", contract, state)
			}
		}
		if after.scores["M29"].Reason != "not_supplied" || after.scores["M18"].Reason == "not_computed" || after.scores["M12"].Reason != "not_supplied" {
			t.Errorf("M29: %+v, M18: %+v, M12: %+v", after.scores["M29"], after.scores["M18"], after.scores["M12"])
		}
	})
}

// feedSource is a source of svw.yaml.
type feedSource struct {
	Name     string `yaml:"name"`
	Contract string `yaml:"contract"`
}

func (s feedSource) pipeline() string {
	pipeline, _, _ := strings.Cut(s.Contract, "/")
	return pipeline
}

// touches are the schemas whose figures its pipeline makes.
func (s feedSource) touches() []string {
	switch pipeline := s.pipeline(); pipeline {
	case "registers":
		return []string{"indicators"}
	case "housingfirst":
		return []string{"housing_first"}
	case "travel_kept":
		return []string{"travel"}
	case "impact": // suppliers say there, too, what they are
		return []string{"impact", "spend"}
	case "contracts":
		return []string{"contracts", "spend", "impact"}
	default:
		return []string{pipeline}
	}
}

func sourcesIn(t *testing.T, text string) []feedSource {
	t.Helper()
	var site struct {
		Sources []feedSource `yaml:"sources"`
	}
	if err := yaml.Unmarshal([]byte(text), &site); err != nil || len(site.Sources) == 0 {
		t.Fatalf("%d sources: %v", len(site.Sources), err)
	}
	return site.Sources
}

// siteWithout is a site file less some sources.
func siteWithout(t *testing.T, text string, gone func(feedSource) bool) string {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	root := document.Content[0]
	for i := 0; i < len(root.Content); i += 2 {
		if root.Content[i].Value != "sources" {
			continue
		}
		list := root.Content[i+1]
		list.Content = slices.DeleteFunc(list.Content, func(node *yaml.Node) bool {
			var source feedSource
			if err := node.Decode(&source); err != nil {
				t.Fatal(err)
			}
			return gone(source)
		})
	}
	made, err := yaml.Marshal(&document)
	if err != nil {
		t.Fatal(err)
	}
	return string(made)
}

// runWith runs the whole flow with a site file. A file of the demonstration may be refused as before; a run that fails is none.
func runWith(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "var/demo/svw.yaml"), []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	out, err := shell(t, dir, "bin/svw --site var/demo run --quiet")
	var ended *exec.ExitError
	if err != nil && (!errors.As(err, &ended) || ended.ExitCode() != 3) {
		t.Fatalf("%v\n%s", err, out)
	}
}

// stands is what the release and its page say.
type stands struct {
	held   string
	scores map[string]score
	states map[string]string // of the sources on the page, by their names
}

type score struct {
	ID       string  `json:"indicator_id"`
	Dataset  string  `json:"source_dataset"`
	Value    float64 `json:"measured_value"`
	Reason   string  `json:"null_reason"`
	Sentence string  `json:"sentence"`
}

func (s score) schema() string {
	schema, _, _ := strings.Cut(s.Dataset, ".")
	return schema
}

func standing(t *testing.T, dir string) stands {
	t.Helper()
	found := stands{scores: map[string]score{}, states: map[string]string{}}
	var held []map[string]any
	answerJSON(t, dir, &held, "", "select domain, held_back from meta.release order by domain")
	text, err := json.Marshal(held)
	if err != nil {
		t.Fatal(err)
	}
	found.held = string(text)
	var scores []score
	answerJSON(t, dir, &scores, "", `select scorecard.indicator_id, coalesce(definitions.source_dataset, '') as source_dataset, scorecard.measured_value, scorecard.null_reason, scorecard.sentence
		from indicators.scorecard as scorecard inner join indicators.definitions as definitions on scorecard.indicator_id = definitions.indicator_id`)
	for _, s := range scores {
		found.scores[s.ID] = s
	}
	if out, err := shell(t, dir, "bin/svw --site var/demo report --output page.html"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	page := readFile(t, filepath.Join(dir, "page.html"))
	row := regexp.MustCompile(`(?s)<tr data-key="source=([^"&]+)">(.*?)</tr>`)
	for _, match := range row.FindAllStringSubmatch(page, -1) {
		name, err := url.QueryUnescape(match[1])
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range []string{"not supplied", "late", "in time"} {
			if strings.Contains(match[2], ">"+state+"<") {
				found.states[name] = state
			}
		}
	}
	if len(found.states) == 0 {
		t.Fatal("the page lists no source")
	}
	return found
}
