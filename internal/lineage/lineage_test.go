package lineage_test

import (
	"encoding/json"
	"flag"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"socialvalue/internal/lineage"
)

// The published schema is held against the events where a checkout of it is at hand:
//
//	go test ./internal/lineage -args -spec FOLDER/spec
var spec = flag.String("spec", "", "spec/ of a checkout of OpenLineage; python3 with jsonschema reads it")

// event is what the specification (2-0-2) requires of a RunEvent.
type event struct {
	EventType string    `json:"eventType"`
	EventTime time.Time `json:"eventTime"`
	Run       struct {
		RunID  string                    `json:"runId"`
		Facets map[string]map[string]any `json:"facets"`
	} `json:"run"`
	Job             struct{ Namespace, Name string }
	Inputs, Outputs []struct {
		Namespace, Name string
		OutputFacets    map[string]map[string]any `json:"outputFacets"`
	}
	Producer  string `json:"producer"`
	SchemaURL string `json:"schemaURL"`
}

// aRun is one with a file that came in, and a relation that failed.
func aRun() lineage.Run {
	began := time.Date(2026, 3, 5, 2, 30, 0, 0, time.UTC)
	return lineage.Run{
		ID: "20260305T023000Z-0001", Started: began, Finished: began.Add(time.Minute), Ended: "COMPLETE", Namespace: "svw:///srv/x", Version: "v1",
		Steps: []lineage.Step{
			{Name: "load.ledger", Inputs: []lineage.Dataset{{Name: "drop/a.csv", File: true}}, Outputs: []lineage.Dataset{{Name: "raw.spend_payments", Rows: 3}}},
			{Name: "spend.payments", Failed: true, Error: "a column is missing", Inputs: []lineage.Dataset{{Name: "raw.spend_payments"}}, Outputs: []lineage.Dataset{{Name: "spend.payments"}}},
		},
	}
}

func TestEventsConformToThePublishedSchema(t *testing.T) {
	t.Parallel()
	if *spec == "" {
		t.Skip("no checkout of OpenLineage is named: -args -spec FOLDER/spec")
	}
	failed := aRun()
	failed.Ended, failed.Error, failed.Steps = "FAIL", "the disk is full", nil
	for _, r := range []lineage.Run{aRun(), failed} {
		text, err := lineage.Events(r)
		if err != nil {
			t.Fatal(err)
		}
		check := exec.CommandContext(t.Context(), "python3", "testdata/validate.py", *spec)
		check.Stdin = strings.NewReader(string(text))
		output, err := check.CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s", err, output)
		}
		t.Logf("%s", output)
	}
}

// absolute says whether a text is a URI as RFC 3986 has it, which the schema's format uri asks for.
func absolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.IsAbs()
}

func TestEventsOfARun(t *testing.T) {
	t.Parallel()
	r := aRun()
	text, err := lineage.Events(r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := lineage.Events(r)
	if err != nil || string(again) != string(text) {
		t.Errorf("the same run has other events: %v", err)
	}
	ends, ids := map[string]string{}, map[string]string{}
	var all []event
	for line := range strings.Lines(string(text)) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(e.Run.RunID) {
			t.Errorf("runId %s is no UUID", e.Run.RunID)
		}
		if e.Job.Namespace == "" || e.Job.Name == "" || !absolute(e.Producer) || e.SchemaURL != "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent" || e.EventTime.IsZero() {
			t.Errorf("%+v lacks something", e)
		}
		if e.EventType == "START" {
			ids[e.Job.Name] = e.Run.RunID
		} else {
			ends[e.Job.Name] = e.EventType
			if ids[e.Job.Name] != e.Run.RunID {
				t.Errorf("%s begins and ends as two runs", e.Job.Name)
			}
		}
		for name, facet := range e.Run.Facets {
			if producer, _ := facet["_producer"].(string); !absolute(producer) || !strings.HasPrefix(facet["_schemaURL"].(string), "https://openlineage.io/spec/facets/") {
				t.Errorf("facet %s says not whose it is", name)
			}
		}
		if parent := e.Run.Facets["parent"]; e.Job.Name != "run" && (parent == nil || parent["run"].(map[string]any)["runId"] != ids["run"]) {
			t.Errorf("%s is no part of the run: %v", e.Job.Name, parent)
		}
	}
	if len(all) != 6 || ends["run"] != "COMPLETE" || ends["load.ledger"] != "COMPLETE" || ends["spend.payments"] != "FAIL" || len(ids) != 3 {
		t.Errorf("%d events, ends %v", len(all), ends)
	}
	loaded := all[2]
	if loaded.Inputs[0].Namespace != "svw:///srv/x/drop" || loaded.Outputs[0].Name != "raw.spend_payments" || loaded.Outputs[0].OutputFacets["outputStatistics"]["rowCount"] != 3.0 {
		t.Errorf("%+v", loaded)
	}
	if failed := all[4]; failed.Run.Facets["errorMessage"]["message"] != "a column is missing" {
		t.Errorf("%+v", failed)
	}
}
