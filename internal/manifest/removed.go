//go:build duckdb_arrow

package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// RemovedName is the file in a release that says which of its parts are gone.
// The manifest stays as it was sealed.
const RemovedName = "removed.json"

// RemovedPart is a restricted part that was taken out of a release that stays.
type RemovedPart struct {
	Place  string    `json:"place"` // a domain
	On     time.Time `json:"on"`
	Reason string    `json:"reason"`
}

// RemovedParts lists what was taken out of a release.
func RemovedParts(folder string) ([]RemovedPart, error) {
	file := filepath.Join(folder, RemovedName)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var parts []RemovedPart
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&parts); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return parts, nil
}
