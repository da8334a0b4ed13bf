package geojson_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/geojson"
)

func TestToCSV(t *testing.T) {
	t.Parallel()
	const collection = `{"type": "FeatureCollection", "name": "x", "crs": {"a": [1, {"b": 2}]}, "features": [
	{"type": "Feature", "properties": {"WD25NM": "St. Helens, \"Town\"", "WD25CD": "E05000932", "LONG": -3.05, "NOTE": null},
	 "geometry": {"type": "Point", "coordinates": [-3.014, 53.6]}},
	{"type": "Feature", "properties": {"WD25CD": "E05000933", "WD25NM": "Birkdale\nSouth", "LONG": 1e2, "NOTE": " "}, "geometry": null}]}`
	var out bytes.Buffer
	_, n, err := geojson.ToCSV(strings.NewReader(collection), &out)
	if err != nil || n != 2 {
		t.Fatalf("features %d, %v", n, err)
	}
	records, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"LONG", "NOTE", "WD25CD", "WD25NM", "geometry"},
		{"-3.05", "", "E05000932", `St. Helens, "Town"`, `{"type":"Point","coordinates":[-3.014,53.6]}`},
		{"1e2", " ", "E05000933", "Birkdale\nSouth", ""},
	}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestToCSVRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, want string }{
		"no object":         {`[1]`, "does not begin with an object"},
		"no features":       {`{"type": "FeatureCollection"}`, "has no features"},
		"features no list":  {`{"features": {}}`, "features is no list"},
		"other properties":  {`{"features": [{"properties": {"A": 1}}, {"properties": {"B": 1}}]}`, "feature 2 has the properties [B]"},
		"truncated":         {`{"features": [{"properties": {"A": 1}}`, "does not end"},
		"truncated feature": {`{"features": [{"properties": {"A": `, "feature 1"},
		"not JSON":          {`a,b,c`, "no GeoJSON"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := geojson.ToCSV(strings.NewReader(tc.text), &bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func FuzzToCSV(f *testing.F) {
	f.Add(`{"features": [{"properties": {"A": "x"}, "geometry": {"type": "Point"}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var out bytes.Buffer
		_, n, err := geojson.ToCSV(strings.NewReader(text), &out)
		if err != nil || n == 0 {
			return
		}
		records, err := csv.NewReader(&out).ReadAll()
		// A record of one empty field is written as an empty line, which a CSV reader skips.
		if err != nil || (len(records[0]) > 1 && int64(len(records)) != n+1) {
			t.Errorf("%d features became %d records: %v", n, len(records), err)
		}
	})
}
