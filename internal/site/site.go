// Package site reads what a user writes: svw.yaml, and the site's own pipelines, SQL and schedules, which are laid over the
// built-in ones. It imports internal/layout and internal/strictyaml, never the engine.
package site

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"socialvalue/internal/layout"
	"socialvalue/internal/strictyaml"
)

// FileName is the file that makes a folder a site.
const FileName = "svw.yaml"

// Version is the newest version of the file that this program reads.
const Version = 1

// Site is a site folder as its svw.yaml describes it, every default filled in.
type Site struct {
	Root               string // absolute
	Name               string
	Bodies             []Body
	Area               Area
	TimeZone           string
	Location           *time.Location
	FinancialYearStart MonthDay
	BaselineYear       string // 2022-23
	DuckDB             DuckDB
	Keys               map[string]Secret // by key group
	Pseudonyms         Pseudonyms
	LessProtected      []Lowered // decisions to keep more of people than the built-in files do
	Disclosure         Disclosure
	NoPublication      []DateRange
	Republish          []string // schemas that may be published again without asking
	PublishTo          []string // absolute folders
	Warehouse          Warehouse
	Operations         Operations
	Groups             map[string]string // by part of a release, open or a domain, or hr: the group of this machine that reads it
	ForHR              ForHR
	Sources            []Source

	asOf time.Time
	doc  *strictyaml.Doc
}

// Body is an organisation that pays or employs.
type Body struct {
	Code string `yaml:"code"`
	Name string `yaml:"name"`
	Role string `yaml:"role"` // one word; may be empty
}

// Authority is the role of the one body that a site is of: whose staff, services and area its indicators tell of.
const Authority = "authority"

// Area is what counts as local.
type Area struct {
	Name     string   `yaml:"name"`
	LADCodes []string `yaml:"lad_codes"`
}

// MonthDay is a day of any year.
type MonthDay struct {
	Month time.Month
	Day   int
}

// DuckDB holds the limits of the engine.
type DuckDB struct {
	MemoryLimit Size
	Threads     int
	TempLimit   Size
}

// DateRange is a span of days, both ends included.
type DateRange struct {
	From, To time.Time
	Reason   string
}

// Overlap says what happens when the periods of two files of a source overlap in part.
type Overlap string

// RefuseOverlap refuses the later file; OverlapByRow lets equal rows of both count once.
const (
	RefuseOverlap Overlap = "refuse"
	OverlapByRow  Overlap = "by_row"
)

// Source is one feed: files of one contract from one place.
type Source struct {
	Name     string
	Contract string // pipeline/contract
	Body     string // code of a body; may be empty
	From     string // glob, absolute
	Sheets   string `json:",omitempty"` // of workbooks, a pattern: each sheet it fits is a document of its own; empty: a layout names the one
	Overlap  Overlap
	Layouts  []layout.Layout   // empty: those of the contract
	Set      map[string]string // constants by contract column
	Password Secret            `json:",omitempty"` // of its locked workbooks; may be empty
	Where    string            // file:line:column of the source, for messages

	pattern *regexp.Regexp // nil: names claim nothing
	year    MonthDay
}

// Load reads dir/svw.yaml. All mistakes in it are reported together, each at its line.
func Load(dir string) (*Site, error) {
	path := filepath.Join(dir, FileName)
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("%s is not a site: it has no %s; go to the site's folder, or make one with svw init", dir, FileName)
	}
	if err != nil {
		return nil, fmt.Errorf("read the site: %w", err)
	}
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("read the site: %w", err)
	}
	return Parse(root, path, data)
}

// Parse reads the text of a svw.yaml; root is the absolute folder of the site, name the file's name in messages.
func Parse(root, name string, data []byte) (*Site, error) {
	f := newFile()
	doc, err := strictyaml.Decode(name, data, &f)
	if err != nil {
		return nil, fmt.Errorf("read the site: %w", err)
	}
	s := f.site(root, doc)
	if err := doc.Err(); err != nil {
		return nil, fmt.Errorf("read the site:\n%w", err)
	}
	return s, nil
}

// AsOf is the day up to which figures are reckoned: as_of of the file or else the local date of the run, at midnight UTC.
func (s *Site) AsOf(now time.Time) time.Time {
	if !s.asOf.IsZero() {
		return s.asOf
	}
	y, m, d := now.In(s.Location).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Source returns the source of that name.
func (s *Site) Source(name string) (Source, bool) {
	for _, src := range s.Sources {
		if src.Name == name {
			return src, true
		}
	}
	return Source{}, false
}

// CheckContracts reports, at its line, every source whose contract is not among those given (by pipeline/contract) and every
// column that a source names and its contract does not have.
func (s *Site) CheckContracts(contracts map[string][]layout.Column) error {
	doc := s.doc.Fresh()
	for i := range s.Sources {
		checkContract(doc.At("sources", i), &s.Sources[i], contracts)
	}
	if err := doc.Err(); err != nil {
		return fmt.Errorf("check the site's sources:\n%w", err)
	}
	return nil
}
