package curves_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"socialvalue/internal/curves"
)

func someChart() curves.Chart {
	return curves.Chart{
		Body: "E47000004", Measure: "first_tenancy", Cohort: "all", Title: "Homes kept, all years <of all>", Definition: strings.Repeat("Share of first tenancies & more. ", 12),
		Steps: []curves.Step{
			{Day: 0, AtRisk: 24, Survival: 1, CensoredAfter: 1},
			{Day: 120, AtRisk: 23, Survival: 0.956, Low: 0.73, High: 0.99, HasInterval: true},
			{Day: 500, AtRisk: 15, Survival: 0.89, Low: 0.63, High: 0.97, HasInterval: true},
			{Day: 800, AtRisk: 5, Survival: 0.71, Low: 0.3, High: 0.9, HasInterval: true, CensoredAfter: 2},
		},
	}
}

// words are the texts of a picture, which is well-formed XML.
func words(t *testing.T, svg string) []string {
	t.Helper()
	var all []string
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("no XML: %v\n%s", err, svg)
		}
		if text, is := token.(xml.CharData); is && strings.TrimSpace(string(text)) != "" {
			all = append(all, strings.TrimSpace(string(text)))
		}
	}
}

func TestPictureHasCurveIntervalNumbersAndDefinition(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := someChart().SVG(&out); err != nil {
		t.Fatal(err)
	}
	texts := strings.Join(words(t, out.String()), "|")
	// At risk on days 0, 183, 365, 548 and 730; of day 913 nothing is told.
	for _, want := range []string{"|at risk|24|15|15|5|5|fewer than 5|", "24 people; 95% interval (log-log) shaded, none before the first event; the curve ends", "0|183|365|548|730|913|", "Homes kept, all years <of all>", "Share of first tenancies & more.", "After 365 days 96 per cent, 15 at risk."} {
		if !strings.Contains(texts, want) {
			t.Errorf("no %q in %s", want, texts)
		}
	}
	if ribbons := strings.Count(out.String(), `stroke="none"`); ribbons != 1 {
		t.Errorf("%d pieces of the interval, want 1: the steps that have one follow each other", ribbons)
	}
	for _, outside := range []string{"href", "url(", "<script", "<image", "@import"} {
		if strings.Contains(out.String(), outside) {
			t.Errorf("the picture needs something from outside: %s", outside)
		}
	}
}

// The interval of the last step, which has no width, is a line from its lower to its upper end.
func TestTheLastStepHasItsInterval(t *testing.T) {
	t.Parallel()
	chart := someChart()
	var with, without bytes.Buffer
	if err := chart.SVG(&with); err != nil {
		t.Fatal(err)
	}
	chart.Steps = chart.Steps[:1]
	if err := chart.SVG(&without); err != nil {
		t.Fatal(err)
	}
	// Day 800 of an axis to 913 lies at 742.2; 90% at 94 and 30% at 274.
	if want := `<line class="last" x1="742.2" y1="94.0" x2="742.2" y2="274.0"`; !strings.Contains(with.String(), want) {
		t.Errorf("no %s in %s", want, with.String())
	}
	if strings.Contains(without.String(), `class="last"`) || !strings.Contains(without.String(), "24 people; no event yet, so no interval;") {
		t.Errorf("an interval without an event: %s", without.String())
	}
}

// However long the definition is, the picture holds all of it.
func TestPictureIsAsHighAsItsWords(t *testing.T) {
	t.Parallel()
	chart := someChart()
	chart.Definition = strings.Repeat("A share of homes that were kept, told at length. ", 30)
	var out bytes.Buffer
	if err := chart.SVG(&out); err != nil {
		t.Fatal(err)
	}
	var height, last float64
	decoder := xml.NewDecoder(bytes.NewReader(out.Bytes()))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		element, is := token.(xml.StartElement)
		for i := 0; is && i < len(element.Attr); i++ {
			value, err := strconv.ParseFloat(element.Attr[i].Value, 64)
			switch name := element.Name.Local + " " + element.Attr[i].Name.Local; {
			case err != nil:
			case name == "svg height":
				height = value
			case name == "text y":
				last = max(last, value)
			}
		}
	}
	if height < last+4 || last < 600 {
		t.Errorf("the picture is %v high, its last row stands at %v", height, last)
	}
}

func TestPageHoldsAllCharts(t *testing.T) {
	t.Parallel()
	second := someChart()
	second.Measure = "person_spell"
	var out bytes.Buffer
	if err := curves.Page(&out, "Housing First", "For those who may see it.", []curves.Chart{someChart(), second}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "<svg "); n != 2 || !strings.Contains(out.String(), "For those who may see it.") {
		t.Errorf("%d pictures: %s", n, out.String())
	}
}

func TestNothingToDraw(t *testing.T) {
	t.Parallel()
	if err := (curves.Chart{}).SVG(io.Discard); !errors.Is(err, curves.ErrNothing) {
		t.Errorf("a chart without steps: %v", err)
	}
	if err := curves.Page(io.Discard, "x", "y", nil); !errors.Is(err, curves.ErrNothing) {
		t.Errorf("a page without charts: %v", err)
	}
	back := someChart()
	back.Steps[0], back.Steps[1] = back.Steps[1], back.Steps[0]
	if err := back.SVG(io.Discard); err == nil {
		t.Error("steps that go back were drawn")
	}
}
