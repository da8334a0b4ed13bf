// Package baseline freezes what was measured in a year, so that later years are
// compared with what was known then and nobody can change it unseen.
//
// A baseline is a folder of its own, <root>/<year>/v<n>: the definitions and the
// values as text, what they were made from, and a seal, which is a hash over all
// of it. A version is never changed; a restatement is the next version, with its
// reason. The seal is repeated elsewhere (state, manifests of releases), so that
// a folder that was changed as a whole does not go unnoticed.
package baseline

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The files of a baseline.
const (
	sealFile        = "seal.json"
	DefinitionsFile = "definitions.csv" // the indicators, as indicators.definitions
	ValuesFile      = "values.csv"      // what was measured, as indicators.measurements
	InputsFile      = "inputs.csv"      // the datasets and sources behind it, with their hashes
)

// Table is a table of text. A nil cell is NULL, which is not the empty text.
type Table struct {
	Columns []string
	Rows    [][]*string
}

// Column finds a column; -1 where there is none.
func (t Table) Column(name string) int { return slices.Index(t.Columns, name) }

// Cell is the text of a cell, empty for NULL and where there is no such column.
func (t Table) Cell(row int, column string) string {
	i := t.Column(column)
	if i < 0 || t.Rows[row][i] == nil {
		return ""
	}
	return *t.Rows[row][i]
}

// File is a file of a baseline and what it must be.
type File struct {
	Name   string `json:"name"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Seal says what was frozen, when, from what and by which program.
type Seal struct {
	Year     string    `json:"year"`
	Version  int       `json:"version"`
	FrozenAt time.Time `json:"frozen_at"`
	Release  string    `json:"release"`
	Software string    `json:"software"`
	// Editions of the Indices of Deprivation that values rest on.
	Editions []string `json:"editions"`
	// Reason is why it was frozen although something was missing, or why it is stated again.
	Reason string `json:"reason,omitempty"`
	// Missing is what was stale or missing when it was frozen all the same.
	Missing  []string `json:"missing"`
	Previous string   `json:"previous,omitempty"` // the seal of the version before
	Files    []File   `json:"files"`
	// Seal is the hash over everything above.
	Seal string `json:"seal"`
}

// Name is the baseline's name for people: 2022-23 v1.
func (s Seal) Name() string { return fmt.Sprintf("%s v%d", s.Year, s.Version) }

// hash is the seal over the other fields.
func (s Seal) hash() (string, error) {
	s.Seal = ""
	data, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("seal baseline %s: %w", s.Name(), err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// file is the seal as it is written.
func (s Seal) file() ([]byte, error) {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("seal baseline %s: %w", s.Name(), err)
	}
	return append(data, '\n'), nil
}

// Baseline is a frozen version, read and verified.
type Baseline struct {
	Seal        Seal
	Definitions Table
	Values      Table
	Inputs      Table
}

// BrokenError says that a baseline is not what was sealed.
type BrokenError struct {
	Folder string
	What   string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("baseline %s is not what was sealed: %s; restore the folder from a backup", e.Folder, e.What)
}

// yearPattern is a financial year: 2022-23.
var yearPattern = regexp.MustCompile(`^\d{4}-\d{2}$`)

// CheckYear refuses what is no financial year.
func CheckYear(year string) error {
	if !yearPattern.MatchString(year) {
		return fmt.Errorf("%q is no financial year; write it as 2022-23", year)
	}
	first, _ := strconv.Atoi(year[:4])
	if last, _ := strconv.Atoi(year[5:]); (first+1)%100 != last {
		return fmt.Errorf("%q is no financial year: %d is followed by %02d", year, first, (first+1)%100)
	}
	return nil
}

// versionFolder matches the folder of a version. Others, among them what a
// freeze that was killed left behind, are passed over.
var versionFolder = regexp.MustCompile(`^v([1-9]\d{0,5})$`)

// List reads the seals of all baselines below root, by year and version. Files
// are not read again: Open does that.
func List(root string) ([]Seal, error) {
	years, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list baselines: %w", err)
	}
	var seals []Seal
	for _, year := range years {
		if !year.IsDir() || CheckYear(year.Name()) != nil {
			continue
		}
		versions, err := os.ReadDir(filepath.Join(root, year.Name()))
		if err != nil {
			return nil, fmt.Errorf("list baselines of %s: %w", year.Name(), err)
		}
		for _, version := range versions {
			if !versionFolder.MatchString(version.Name()) {
				continue
			}
			seal, err := readSeal(root, year.Name(), version.Name())
			if err != nil {
				return nil, err
			}
			seals = append(seals, seal)
		}
	}
	slices.SortFunc(seals, func(a, b Seal) int {
		if c := strings.Compare(a.Year, b.Year); c != 0 {
			return c
		}
		return a.Version - b.Version
	})
	return seals, nil
}

// HashOf is the hash of a file that is part of the baseline; "" when it has none of that name.
func (s Seal) HashOf(file string) string {
	for _, f := range s.Files {
		if f.Name == file {
			return f.SHA256
		}
	}
	return ""
}

// Latest is the version of a year that is in force; false where none is.
func Latest(seals []Seal, year string) (latest Seal, found bool) {
	for _, seal := range seals {
		if seal.Year == year && (!found || seal.Version > latest.Version) {
			latest, found = seal, true
		}
	}
	return latest, found
}

// folder is the folder of a version, relative to the root.
func folder(year string, version int) string {
	return filepath.Join(year, "v"+strconv.Itoa(version))
}

// readSeal reads a seal and holds it to its own hash and to its folder's name.
func readSeal(root, year, version string) (Seal, error) {
	name := filepath.Join(year, version)
	broken := func(what string, args ...any) error {
		return &BrokenError{Folder: name, What: fmt.Sprintf(what, args...)}
	}
	data, err := os.ReadFile(filepath.Join(root, name, sealFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Seal{}, broken("%s is missing", sealFile)
	}
	if err != nil {
		return Seal{}, fmt.Errorf("read the seal of baseline %s: %w", name, err)
	}
	var seal Seal
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&seal); err != nil {
		return Seal{}, broken("%s cannot be read: %v", sealFile, err)
	}
	hash, err := seal.hash()
	if err != nil {
		return Seal{}, err
	}
	// Also what follows the seal, or another way of writing it, is a change.
	whole, err := seal.file()
	if err != nil {
		return Seal{}, err
	}
	if hash != seal.Seal || !bytes.Equal(whole, data) {
		return Seal{}, broken("the seal does not fit %s", sealFile)
	}
	if folder(seal.Year, seal.Version) != name {
		return Seal{}, broken("its seal is of %s", seal.Name())
	}
	return seal, nil
}

// Open reads a baseline and holds every file of it to the seal.
func Open(root string, year string, version int) (*Baseline, error) {
	name := folder(year, version)
	seal, err := readSeal(root, year, "v"+strconv.Itoa(version))
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, name)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read baseline %s: %w", name, err)
	}
	for _, entry := range entries {
		known := slices.ContainsFunc(seal.Files, func(f File) bool { return f.Name == entry.Name() })
		if !known && entry.Name() != sealFile {
			return nil, &BrokenError{Folder: name, What: entry.Name() + " is no part of it"}
		}
	}
	found := &Baseline{Seal: seal}
	tables := map[string]*Table{DefinitionsFile: &found.Definitions, ValuesFile: &found.Values, InputsFile: &found.Inputs}
	for _, file := range seal.Files {
		table, known := tables[file.Name]
		if !known {
			return nil, &BrokenError{Folder: name, What: file.Name + " is of a newer version of this program"}
		}
		data, err := os.ReadFile(filepath.Join(dir, file.Name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &BrokenError{Folder: name, What: file.Name + " is missing"}
		}
		if err != nil {
			return nil, fmt.Errorf("read baseline %s: %w", name, err)
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != file.SHA256 || len(data) != file.Bytes {
			return nil, &BrokenError{Folder: name, What: file.Name + " has other bytes"}
		}
		if *table, err = decode(data); err != nil {
			return nil, &BrokenError{Folder: name, What: fmt.Sprintf("%s cannot be read: %v", file.Name, err)}
		}
		delete(tables, file.Name)
	}
	for missing := range tables {
		return nil, &BrokenError{Folder: name, What: "the seal does not name " + missing}
	}
	return found, nil
}

// null stands for NULL in a file. A cell that holds this text is written with
// one more backslash, so nothing else can be read as NULL.
const null = `\N`

// encode writes a table as CSV.
func encode(t Table) ([]byte, error) {
	var out bytes.Buffer
	writer := csv.NewWriter(&out)
	records := [][]string{t.Columns}
	for _, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return nil, fmt.Errorf("a row has %d cells of %d", len(row), len(t.Columns))
		}
		record := make([]string, len(row))
		for i, cell := range row {
			switch {
			case cell == nil:
				record[i] = null
			case strings.Contains(*cell, "\r"):
				return nil, fmt.Errorf("a cell of %s holds a carriage return, which CSV does not keep", t.Columns[i])
			case strings.HasPrefix(*cell, `\`):
				record[i] = `\` + *cell
			default:
				record[i] = *cell
			}
		}
		records = append(records, record)
	}
	if err := writer.WriteAll(records); err != nil {
		return nil, fmt.Errorf("write CSV: %w", err)
	}
	return out.Bytes(), nil
}

// decode reads what encode wrote.
func decode(data []byte) (Table, error) {
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		return Table{}, fmt.Errorf("read CSV: %w", err)
	}
	if len(records) == 0 {
		return Table{}, errors.New("it has no header")
	}
	table := Table{Columns: records[0], Rows: make([][]*string, 0, len(records)-1)}
	for _, record := range records[1:] {
		row := make([]*string, len(record))
		for i, text := range record {
			switch {
			case text == null:
			case strings.HasPrefix(text, `\\`):
				text = text[1:]
				row[i] = &text
			default:
				row[i] = &text
			}
		}
		table.Rows = append(table.Rows, row)
	}
	return table, nil
}
