//go:build duckdb_arrow

package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/figure"
	"socialvalue/internal/spreadsheet"
)

// The name of a manifest's file, and the version of its form.
const (
	FileName = "manifest.json"
	Format   = 1
)

// Manifest says what a release, or one tier of it, is made of. Everything but
// the fields that Varies names is the same for the same inputs and versions.
type Manifest struct {
	Format        int             `json:"format"`
	Release       string          `json:"release"`
	BuiltAt       time.Time       `json:"built_at"`
	RunID         string          `json:"run_id"`
	Varies        []string        `json:"varies"`
	Place         string          `json:"place,omitempty"` // open or a domain; empty: the whole release
	Software      string          `json:"software_version"`
	DuckDB        string          `json:"duckdb_version"`
	SchemaVersion string          `json:"schema_version"`
	Inputs        []Input         `json:"inputs"`
	Stale         []string        `json:"stale,omitempty"`     // sources that had been silent for too long when it was made
	Baselines     []Baseline      `json:"baselines,omitempty"` // that were frozen when it was made
	Checks        CheckSummary    `json:"checks"`
	Held          []Held          `json:"held"`
	Datasets      []DatasetRecord `json:"datasets"`
	Macros        []Text          `json:"macros"`
	Queries       []Text          `json:"queries"`
	Files         []File          `json:"files"`
	Edition       *Edition        `json:"edition,omitempty"`
	Ledger        *Ledger         `json:"ledger,omitempty"`
	RunFiles      []File          `json:"run_files"` // differ from run to run: databases, meta, manifests
}

// Baseline is a frozen baseline and its seal, repeated where whoever replaces its
// folder would have to change it too.
type Baseline struct {
	Year    string `json:"year"`
	Version int    `json:"version"`
	Seal    string `json:"seal"`
}

// Input is what was active of one source.
type Input struct {
	Source string   `json:"source"`
	SHA256 []string `json:"sha256"`
}

// CheckSummary counts the outcomes of checks.
type CheckSummary struct {
	Passed int `json:"passed"`
	Warned int `json:"warned"`
	Failed int `json:"failed"`
}

// Held is a dataset that stays at its content in the release before.
type Held struct {
	Dataset string `json:"dataset"`
	Missing bool   `json:"missing"` // no earlier content: it is not in the release
}

// DatasetRecord is a dataset as it stands in a release.
type DatasetRecord struct {
	Name          string   `json:"name"`
	Kind          Kind     `json:"kind"`
	Tier          Tier     `json:"tier"`
	Description   string   `json:"description"`
	Grain         string   `json:"grain"`
	Key           []string `json:"key"`
	OrderBy       []string `json:"order_by"` // total
	Licence       string   `json:"licence,omitempty"`
	SchemaVersion int      `json:"schema_version"`
	InputsHash    string   `json:"inputs_hash"`
	Content       string   `json:"content"` // hash of all that decides its bytes
	Held          bool     `json:"held"`
	Formats       []string `json:"formats,omitempty"`
	Places        []string `json:"places,omitempty"` // only in the manifest of the whole release
	ViewSQL       string   `json:"view_sql,omitempty"`
	Reads         []string `json:"reads,omitempty"`
	Macros        []string `json:"macros,omitempty"`
	DayColumn     string   `json:"day_column,omitempty"` // cut into days by it: one Parquet file a day
	Columns       []Column `json:"columns"`
	People        []string `json:"people,omitempty"` // columns that count people; none: the dataset is not about people
	Period        *Period  `json:"period,omitempty"` // what must be closed before its rows are public
	// OpenForms are the datasets about people whose open form it is made of: it is published with them, or not at all.
	OpenForms []string `json:"open_forms,omitempty"`
	// Headlines are what is told of a change; only in the manifest of the whole
	// release, since they name restricted datasets.
	Headlines []figure.Headline `json:"headlines,omitempty"`
}

// Text is a macro or a named query.
type Text struct {
	Name        string `json:"name"`
	Tier        string `json:"tier,omitempty"`
	SHA256      string `json:"sha256,omitempty"`
	SQL         string `json:"sql,omitempty"` // of a macro
	Description string `json:"description,omitempty"`
	Held        bool   `json:"held,omitempty"`    // a query that stays at its earlier text
	Missing     bool   `json:"missing,omitempty"` // a query that is left out, because what it asks of is not there
}

// File is one file of a release; Path is relative to the manifest's folder.
type File struct {
	Path    string `json:"path"`
	Dataset string `json:"dataset,omitempty"`
	Bytes   int64  `json:"bytes"`
	Rows    *int64 `json:"rows,omitempty"` // of Parquet and CSV
	SHA256  string `json:"sha256"`

	Day        string `json:"day,omitempty"`         // of a dataset cut into days
	InputsHash string `json:"inputs_hash,omitempty"` // of a day's file

	WrittenWhole *time.Time `json:"written_whole,omitempty"` // of a DuckDB file that is mended by day: when it was last written whole
	RowsReplaced int64      `json:"rows_replaced,omitempty"` // since then

	Sheets []spreadsheet.Sheet `json:"sheets,omitempty"` // of a workbook: those that hold a dataset
}

// Dataset finds a dataset's record.
func (m *Manifest) Dataset(name string) (DatasetRecord, bool) {
	i := slices.IndexFunc(m.Datasets, func(r DatasetRecord) bool { return r.Name == name })
	if i < 0 {
		return DatasetRecord{}, false
	}
	return m.Datasets[i], true
}

// OpenOf is the open dataset whose unprotected form a dataset is, when it is one.
func (m *Manifest) OpenOf(name string) (DatasetRecord, bool) {
	name, twin := strings.CutSuffix(name, InternalSuffix)
	open, found := m.Dataset(name)
	return open, twin && found && open.Tier == TierOpen
}

// Personal names the domains whose part of the release holds columns of personal
// data of any class, or unprotected counts of people.
func (m *Manifest) Personal() []string {
	var domains []string
	for _, record := range m.Datasets {
		open, twin := m.OpenOf(record.Name)
		counts := twin && len(open.People) > 0
		if !counts && !slices.ContainsFunc(record.Columns, func(c Column) bool { return c.Personal != "" && c.Personal != "none" }) {
			continue
		}
		for _, place := range record.Places {
			if place != OpenPlace {
				domains = append(domains, place)
			}
		}
	}
	slices.Sort(domains)
	return slices.Compact(domains)
}

// All lists every file the manifest names.
func (m *Manifest) All() []File { return slices.Concat(m.Files, m.RunFiles) }

// Encode is the manifest as it is written.
func (m *Manifest) Encode() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return append(data, '\n'), nil
}

// Read reads the manifest of a release or of a tier's folder.
func Read(folder string) (*Manifest, error) {
	file := filepath.Join(folder, FileName)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if head.Format != Format {
		return nil, fmt.Errorf("%s: manifest format %d, this program knows %d: use the version of svw that made the release", file, head.Format, Format)
	}
	decoder.DisallowUnknownFields()
	var manifest Manifest
	if err := decoder.Decode(&manifest); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &manifest, nil
}
