//go:build duckdb_arrow

package report_test

import (
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"socialvalue/internal/query"
	"socialvalue/internal/report"
)

// Who cannot see the page hears it in order: one title, headings that nest, cells that name their rows and columns.
func TestThePageCanBeReadOut(t *testing.T) {
	t.Parallel()
	page := pageOf(t, openFile(t, madeUp))
	level, titles, pictures := 0, 0, 0
	ids := map[string]bool{}
	all := elements(t, page)
	for _, e := range all {
		if id, has := e.attrs["id"]; has {
			if ids[id] || strings.ContainsAny(id, " \t") {
				t.Errorf("id %q is there twice, or has a blank", id)
			}
			ids[id] = true
		}
	}
	for _, e := range all {
		switch e.name {
		case "html":
			if e.attrs["lang"] != "en-GB" {
				t.Errorf("lang is %q", e.attrs["lang"])
			}
		case "h1", "h2", "h3", "h4", "h5", "h6":
			next := int(e.name[1] - '0')
			if next > level+1 || strings.TrimSpace(e.text()) == "" {
				t.Errorf("%s %q follows a heading of level %d", e.name, e.text(), level)
			}
			if level = next; level == 1 {
				titles++
			}
		case "th":
			if scope := e.attrs["scope"]; scope != "row" && scope != "col" {
				t.Errorf("the heading %q has scope %q", e.text(), scope)
			}
		case "table":
			if first := firstElement(e); first == nil || first.name != "caption" || strings.TrimSpace(first.text()) == "" {
				t.Errorf("a table has no caption: %.80s", e.text())
			}
		case "svg":
			pictures++
			if first := firstElement(e); first == nil || first.name != "title" || first.text() == "" || e.attrs["role"] != "img" {
				t.Errorf("a picture has no title: %.80s", e.text())
			}
		case "a":
			if target, in := strings.CutPrefix(e.attrs["href"], "#"); !in || !ids[target] {
				t.Errorf("the link to %q leads nowhere, or out", e.attrs["href"])
			}
		}
		for _, id := range strings.Fields(e.attrs["aria-labelledby"]) {
			if !ids[id] {
				t.Errorf("%s is named by %q, which is not there", e.name, id)
			}
		}
		if e.attrs["role"] == "region" && (e.attrs["tabindex"] != "0" || e.attrs["aria-label"] == "") {
			t.Errorf("a table that can be moved sideways cannot be reached by keys: %v", e.attrs)
		}
	}
	if titles != 1 || pictures != 3 {
		t.Errorf("%d titles, want 1; %d pictures, want those of M17, M18 and M28", titles, pictures)
	}
	if body := strings.Index(page, "<body>"); !strings.HasPrefix(strings.TrimSpace(page[body+len("<body>"):]), `<a class="skip" href="#main">`) {
		t.Error("the page does not begin with a link to its content")
	}
}

func firstElement(e *element) *element {
	for _, item := range e.inside {
		if first, is := item.(*element); is {
			return first
		}
	}
	return nil
}

// The page needs nothing else, runs nothing, and shows text of others as text.
func TestThePageNeedsNothingElse(t *testing.T) {
	t.Parallel()
	page := pageOf(t, openFile(t, madeUp))
	for _, outside := range []string{"<script", "http:", "https:", "url(", "@import", "src=", "<link", "<iframe", " onclick", "javascript:", "ZgotmplZ"} {
		if strings.Contains(page, outside) {
			t.Errorf("the page has %s", outside)
		}
	}
	for _, want := range []string{
		"monitor &lt;script&gt;", "Region of &lt;Invention&gt;", "Head of &lt;Procurement&gt;", "what &lt;b&gt;improves&lt;/b&gt; it",
		"Nobody has said", "At risk", "needs an explanation", "not measured yet", "Religion: withheld", "5f1c0a", "spend.local_spend/spend.local_spend.parquet", "6.0%",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(page, "an earlier year") || strings.Contains(page, ".xlsx") {
		t.Error("the page has the state of an earlier year, or a file that is not there")
	}
	if two, ten := strings.Index(page, "Decile 2<"), strings.Index(page, "Decile 10<"); two < 0 || ten < two {
		t.Error("decile 10 stands before decile 2")
	}
}

// All text stands on white, with a contrast of 4.5 at least (WCAG 2.2, 1.4.3).
func TestTextCanBeTold(t *testing.T) {
	t.Parallel()
	page := pageOf(t, openFile(t, madeUp))
	colours := regexp.MustCompile(`[ ;{](?:color|fill): #([0-9a-f]{3,6})`).FindAllStringSubmatch(page, -1)
	if len(colours) < 8 {
		t.Fatalf("colours: %v", colours)
	}
	for _, match := range colours {
		hex := match[1]
		if len(hex) == 3 {
			hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
		}
		light := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			part, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			share := float64(part) / 255
			if share > 0.04045 {
				share = math.Pow((share+0.055)/1.055, 2.4)
			} else {
				share /= 12.92
			}
			light += weight * share
		}
		if contrast := 1.05 / (light + 0.05); contrast < 4.5 {
			t.Errorf("#%s on white has a contrast of %.1f", hex, contrast)
		}
	}
}

func TestNothingToTell(t *testing.T) {
	t.Parallel()
	request := report.Request{Exists: func(string) bool { return true }}
	_, meta, _ := strings.Cut(madeUp, "create schema meta;")
	if err := report.Write(t.Context(), openFile(t, "create schema meta;"+meta), request, io.Discard); !errors.Is(err, report.ErrNoIndicators) {
		t.Errorf("a release whose scorecard is empty: %v", err)
	}
	if err := report.Write(t.Context(), openFile(t, ""), request, io.Discard); !errors.Is(err, query.ErrQuestion) || !strings.Contains(err.Error(), "read meta.release") {
		t.Errorf("a file that is no release: %v", err)
	}
}
