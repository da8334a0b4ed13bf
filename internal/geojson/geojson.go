// Package geojson turns a GeoJSON feature collection into CSV, so that
// boundaries are judged and kept like every other feed: one record a feature,
// its properties as columns in the order of their names, and the geometry as
// compact GeoJSON text in the last column.
package geojson

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// GeometryColumn is the name of the column that holds a feature's geometry.
const GeometryColumn = "geometry"

type feature struct {
	Type       string                     `json:"type"`
	Properties map[string]json.RawMessage `json:"properties"`
	Geometry   json.RawMessage            `json:"geometry"`
}

// ToCSV writes the features of a collection as CSV with a header and returns
// the header and how many features there are. Every feature must have the properties of the first: one
// that lacks or adds a property is an error naming the feature, never a shift
// of columns.
func ToCSV(r io.Reader, w io.Writer) (header []string, features int64, err error) {
	decoder := json.NewDecoder(r)
	if err := seekFeatures(decoder); err != nil {
		return nil, 0, err
	}
	out := csv.NewWriter(w)
	for decoder.More() {
		var f feature
		if err := decoder.Decode(&f); err != nil {
			return header, features, fmt.Errorf("feature %d: %w", features+1, err)
		}
		names := slices.Sorted(maps.Keys(f.Properties))
		if header == nil {
			header = append(names, GeometryColumn)
			if err := out.Write(header); err != nil {
				return header, features, fmt.Errorf("write rows: %w", err)
			}
		} else if !slices.Equal(names, header[:len(header)-1]) {
			return header, features, fmt.Errorf("feature %d has the properties %v, the first has %v", features+1, names, header[:len(header)-1])
		}
		record, err := f.record(names)
		if err != nil {
			return header, features, fmt.Errorf("feature %d: %w", features+1, err)
		}
		if err := out.Write(record); err != nil {
			return header, features, fmt.Errorf("write rows: %w", err)
		}
		features++
	}
	if _, err := decoder.Token(); err != nil {
		return header, features, fmt.Errorf("the list of features does not end: %w", err)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return header, features, fmt.Errorf("write rows: %w", err)
	}
	return header, features, nil
}

// seekFeatures reads up to the opening bracket of the list of features.
func seekFeatures(decoder *json.Decoder) error {
	open, err := decoder.Token()
	if err != nil || open != json.Delim('{') {
		return errors.New("this is no GeoJSON: it does not begin with an object")
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return fmt.Errorf("read GeoJSON: %w", err)
		}
		if key == "features" {
			list, err := decoder.Token()
			if err != nil || list != json.Delim('[') {
				return errors.New("this is no GeoJSON: features is no list")
			}
			return nil
		}
		var ignored json.RawMessage
		if err := decoder.Decode(&ignored); err != nil {
			return fmt.Errorf("read GeoJSON: %w", err)
		}
	}
	return errors.New("this is no GeoJSON: it has no features")
}

func (f feature) record(header []string) ([]string, error) {
	record := make([]string, 0, len(header)+1)
	for _, name := range header {
		value, err := text(f.Properties[name])
		if err != nil {
			return nil, fmt.Errorf("property %s: %w", name, err)
		}
		record = append(record, value)
	}
	if len(f.Geometry) == 0 || string(f.Geometry) == "null" {
		return append(record, ""), nil
	}
	var geometry bytes.Buffer
	if err := json.Compact(&geometry, f.Geometry); err != nil {
		return nil, fmt.Errorf("geometry: %w", err)
	}
	return append(record, geometry.String()), nil
}

// text is a property as it reads: strings without quotes, null as empty.
func text(raw json.RawMessage) (string, error) {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", nil
	case raw[0] == '"':
		var value string
		if err := json.Unmarshal(raw, &value); err != nil {
			return "", fmt.Errorf("read text: %w", err)
		}
		return value, nil
	default:
		return string(raw), nil
	}
}
