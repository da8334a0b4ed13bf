// Package lineage writes what a run did as OpenLineage events (specification 2-0-2), for a catalogue to read: one job for the
// run, one for each source whose files came in, one for each relation that was built. It knows nothing of the rest of the
// program.
package lineage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Run is what the events of a run are made from.
type Run struct {
	ID                string
	Started, Finished time.Time
	Ended             string // COMPLETE, FAIL or ABORT
	Error             string
	Namespace         string // of the jobs and relations: the site
	Version           string // of the program
	Steps             []Step
}

// Step is a job below the run.
type Step struct {
	Name    string // load.ledger, or the relation that was built
	Failed  bool
	Error   string
	Inputs  []Dataset
	Outputs []Dataset
}

// Dataset is a relation, or a file that came in.
type Dataset struct {
	Name string
	File bool  // of the drop folder
	Rows int64 // of an output
}

const (
	schemaURL = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
	facets    = "https://openlineage.io/spec/facets/"
)

type event struct {
	EventType string    `json:"eventType"`
	EventTime string    `json:"eventTime"`
	Run       runPart   `json:"run"`
	Job       jobPart   `json:"job"`
	Inputs    []dataset `json:"inputs"`
	Outputs   []dataset `json:"outputs"`
	Producer  string    `json:"producer"`
	SchemaURL string    `json:"schemaURL"`
}

type runPart struct {
	RunID  string         `json:"runId"`
	Facets map[string]any `json:"facets,omitempty"`
}

type jobPart struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

type dataset struct {
	Namespace    string         `json:"namespace"`
	Name         string         `json:"name"`
	OutputFacets map[string]any `json:"outputFacets,omitempty"`
}

// Events are the events of a run, one JSON object a line: a START and an end for each job, the run's own around the others.
func Events(r Run) ([]byte, error) {
	w := writer{run: r, producer: "urn:socialvalue:svw:" + r.Version, parent: runID(r.Namespace, r.ID)}
	var all []event
	all = append(all, w.event("START", r.Started, "run", w.parent, nil, Step{}))
	for _, s := range r.Steps {
		id := runID(r.Namespace, r.ID+" "+s.Name)
		end := "COMPLETE"
		facetsOf := map[string]any{"parent": w.facet("1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet", map[string]any{
			"run": map[string]any{"runId": w.parent}, "job": jobPart{r.Namespace, "run"},
		})}
		all = append(all, w.event("START", r.Started, s.Name, id, facetsOf, s))
		if s.Failed {
			end = "FAIL"
			facetsOf = map[string]any{"parent": facetsOf["parent"], "errorMessage": w.message(s.Error)}
		}
		all = append(all, w.event(end, r.Finished, s.Name, id, facetsOf, s))
	}
	last := map[string]any{}
	if r.Error != "" {
		last["errorMessage"] = w.message(r.Error)
	}
	all = append(all, w.event(r.Ended, r.Finished, "run", w.parent, last, Step{}))
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	for _, e := range all {
		if err := encoder.Encode(e); err != nil {
			return nil, fmt.Errorf("write an event of lineage: %w", err)
		}
	}
	return out.Bytes(), nil
}

type writer struct {
	run              Run
	producer, parent string
}

func (w writer) event(kind string, at time.Time, job, id string, facetsOf map[string]any, s Step) event {
	return event{
		EventType: kind, EventTime: at.UTC().Format(time.RFC3339Nano), Run: runPart{id, facetsOf}, Job: jobPart{w.run.Namespace, job},
		Inputs: w.datasets(s.Inputs, false), Outputs: w.datasets(s.Outputs, kind == "COMPLETE"), Producer: w.producer, SchemaURL: schemaURL,
	}
}

func (w writer) datasets(list []Dataset, counted bool) []dataset {
	all := make([]dataset, len(list))
	for i, d := range list {
		all[i] = dataset{Namespace: w.run.Namespace, Name: d.Name}
		if d.File {
			all[i].Namespace = w.run.Namespace + "/drop"
		}
		if counted && !d.File {
			all[i].OutputFacets = map[string]any{"outputStatistics": w.facet(
				"1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet", map[string]any{"rowCount": d.Rows})}
		}
	}
	return slices.Clip(all)
}

func (w writer) message(text string) map[string]any {
	return w.facet("1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet", map[string]any{"message": text, "programmingLanguage": "SQL"})
}

func (w writer) facet(schema string, values map[string]any) map[string]any {
	values["_producer"], values["_schemaURL"] = w.producer, facets+schema
	return values
}

// runID is the UUID by which a catalogue knows a run, always the same for the same run.
func runID(namespace, name string) string {
	return uuid.NewSHA1(uuid.NewSHA1(uuid.NameSpaceURL, []byte(namespace)), []byte(name)).String()
}
