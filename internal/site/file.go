package site

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/layout"
	"socialvalue/internal/nearest"
	"socialvalue/internal/strictyaml"
)

// file is the YAML of svw.yaml.
type file struct {
	Name               string            `yaml:"name"`
	Version            int               `yaml:"version"`
	Bodies             []Body            `yaml:"bodies"`
	Area               Area              `yaml:"area"`
	TimeZone           string            `yaml:"time_zone"`
	FinancialYearStart string            `yaml:"financial_year_start"`
	BaselineYear       string            `yaml:"baseline_year"`
	AsOf               string            `yaml:"as_of"`
	DuckDB             duckDBFile        `yaml:"duckdb"`
	Keys               map[string]string `yaml:"keys"`
	Pseudonyms         pseudonymsFile    `yaml:"pseudonyms"`
	LessProtected      []loweredFile     `yaml:"less_protected"`
	Disclosure         Disclosure        `yaml:"disclosure"`
	NoPublication      []dateRangeFile   `yaml:"no_publication"`
	Republish          []string          `yaml:"republish"`
	PublishTo          []string          `yaml:"publish_to"`
	Warehouse          string            `yaml:"warehouse"`
	Operations         operationsFile    `yaml:"operations"`
	Groups             map[string]string `yaml:"groups"`
	ForHR              ForHR             `yaml:"for_hr"`
	Sources            []sourceFile      `yaml:"sources"`
}

type duckDBFile struct {
	MemoryLimit string `yaml:"memory_limit"`
	Threads     int    `yaml:"threads"`
	TempLimit   string `yaml:"temp_limit"`
}

type dateRangeFile struct {
	From   string `yaml:"from"`
	To     string `yaml:"to"`
	Reason string `yaml:"reason"`
}

// newFile holds the defaults of everything that may be left out.
func newFile() file {
	return file{
		TimeZone: "Europe/London", FinancialYearStart: "04-01", Warehouse: "warehouse",
		Disclosure: referenceDisclosure(), ForHR: ForHR{KeepDays: usualForHRDays},
		DuckDB: duckDBFile{MemoryLimit: "4GB", Threads: 2, TempLimit: "20GB"},
	}
}

// site turns the file into a Site and reports in doc what is wrong with it.
func (f *file) site(root string, doc *strictyaml.Doc) *Site {
	s := &Site{
		Root: root, Name: f.Name, Bodies: f.Bodies, Area: f.Area, TimeZone: f.TimeZone, BaselineYear: f.BaselineYear,
		Keys: make(map[string]Secret), doc: doc,
	}
	if strings.TrimSpace(f.Name) == "" {
		doc.At("name").Report("name is missing: the authority's name, as name: Liverpool City Region Combined Authority")
	}
	switch {
	case f.Version > Version:
		doc.At("version").Report("this site is of version %d and this svw reads version %d: install a newer svw", f.Version, Version)
	case f.Version != Version:
		doc.At("version").Report("version is missing: write version: %d", Version)
	}
	checkBodies(doc.At("bodies"), f.Bodies)
	checkArea(doc.At("area"), f.Area)
	f.dates(s, doc)
	f.limits(s, doc.At("duckdb"))
	s.Disclosure, s.Republish = f.Disclosure, f.Republish
	checkDisclosure(doc, f.Disclosure, f.Republish)
	for _, group := range slices.Sorted(maps.Keys(f.Keys)) {
		secret, err := parseSecret(f.Keys[group])
		if err != nil {
			doc.At("keys", group).Report("keys.%s: %s", group, err)
		}
		s.Keys[group] = secret
	}
	s.Pseudonyms = f.Pseudonyms.pseudonyms(doc.At("pseudonyms"), s.Keys)
	s.LessProtected = lowered(doc.At("less_protected"), f.LessProtected)
	for i, folder := range f.PublishTo {
		if folder == "" {
			doc.At("publish_to", i).Report("publish_to lists folders, as /srv/share/social-value")
		}
		s.PublishTo = append(s.PublishTo, absolute(root, folder))
	}
	folder := filepath.Clean(absolute(root, f.Warehouse))
	if f.Warehouse == "" || folder == filepath.Clean(root) || strings.HasPrefix(filepath.Clean(root), folder+string(filepath.Separator)) {
		doc.At("warehouse").Report("warehouse must be a folder of its own, as warehouse: warehouse")
	}
	s.Warehouse = Warehouse{Root: folder}
	s.Operations = f.Operations.operations(doc.At("operations"))
	s.Groups, s.ForHR = f.Groups, f.ForHR
	checkForHR(doc.At("for_hr"), f.ForHR)
	checkGroups(doc.At("groups"), f.Groups)
	f.sources(s, doc)
	return s
}

func checkBodies(at strictyaml.Spot, bodies []Body) {
	if len(bodies) == 0 {
		at.Report("bodies is missing: list the organisations whose files are loaded, as bodies: [{code: E47000004, name: …}]")
	}
	seen := make(map[string]bool)
	authority := ""
	for i, b := range bodies {
		here := at.At(i)
		switch {
		case !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(b.Code):
			here.At("code").Report("a body needs a code of letters, digits, _ and -: its official one, as E08000012, or a short name")
		case b.Code == "group":
			here.At("code").Report("the code group is taken: it names the consolidated view of all bodies; choose another")
		case seen[b.Code]:
			here.At("code").Report("two bodies have the code %s: keep one", b.Code)
		}
		seen[b.Code] = true
		if strings.TrimSpace(b.Name) == "" {
			here.Report("the body %s needs a name", b.Code)
		}
		if b.Role != "" && !regexp.MustCompile(`^[a-z][a-z_]*$`).MatchString(b.Role) {
			here.At("role").Report("a role is one word in small letters, as authority")
		}
		// What an indicator tells of the authority itself is of one body: a second would drop out of it unseen.
		switch {
		case b.Role != Authority:
		case authority != "":
			here.At("role").Report("%s is the authority already: a site has one; call the role of %s another word, as council", authority, b.Code)
		default:
			authority = b.Code
		}
	}
}

func checkArea(at strictyaml.Spot, a Area) {
	if strings.TrimSpace(a.Name) == "" || len(a.LADCodes) == 0 {
		at.Report("area says what counts as local: area: {name: Liverpool City Region, lad_codes: [E08000012, …]}")
	}
	for i, code := range a.LADCodes {
		switch {
		case !regexp.MustCompile(`^[ENSW]\d{8}$`).MatchString(code):
			at.At("lad_codes", i).Report("a district code is a letter and eight digits, as E08000012")
		case slices.Contains(a.LADCodes[:i], code):
			at.At("lad_codes", i).Report("%s stands twice: keep one", code)
		}
	}
}

func (f *file) dates(s *Site, doc *strictyaml.Doc) {
	var err error
	if f.TimeZone == "" || f.TimeZone == "Local" {
		doc.At("time_zone").Report("time_zone is the name of a place, as Europe/London")
		f.TimeZone = "UTC"
	}
	if s.Location, err = time.LoadLocation(f.TimeZone); err != nil {
		doc.At("time_zone").Report("unknown time zone: use the name of a place, as Europe/London")
	}
	start, err := time.Parse("01-02", f.FinancialYearStart)
	if err != nil || start.Day() > 28 {
		doc.At("financial_year_start").Report("financial_year_start is month and day (1 to 28), as 04-01")
	}
	s.FinancialYearStart = MonthDay{start.Month(), start.Day()}
	if f.BaselineYear != "" {
		if _, err := financialYear(f.BaselineYear); err != nil {
			doc.At("baseline_year").Report("baseline_year is a financial year, as 2022-23")
		}
	}
	if f.AsOf != "" {
		if s.asOf, err = time.Parse(time.DateOnly, f.AsOf); err != nil {
			doc.At("as_of").Report("as_of is a date, as 2025-06-30")
		}
	}
	for i, r := range f.NoPublication {
		here := doc.At("no_publication", i)
		from, fromErr := time.Parse(time.DateOnly, r.From)
		to, toErr := time.Parse(time.DateOnly, r.To)
		if fromErr != nil || toErr != nil || to.Before(from) || r.Reason == "" {
			here.Report("no_publication lists days with their reason: {from: 2026-03-27, to: 2026-05-07, reason: pre-election period}")
		}
		s.NoPublication = append(s.NoPublication, DateRange{From: from, To: to, Reason: r.Reason})
	}
}

func (f *file) limits(s *Site, at strictyaml.Spot) {
	var err error
	if s.DuckDB.MemoryLimit, err = ParseSize(f.DuckDB.MemoryLimit); err != nil {
		at.At("memory_limit").Report("memory_limit: %s", err)
	}
	if s.DuckDB.TempLimit, err = ParseSize(f.DuckDB.TempLimit); err != nil {
		at.At("temp_limit").Report("temp_limit: %s", err)
	}
	if s.DuckDB.Threads = f.DuckDB.Threads; s.DuckDB.Threads < 1 {
		at.At("threads").Report("threads is the number of processor cores to use, 1 or more")
	}
}

func (f *file) sources(s *Site, doc *strictyaml.Doc) {
	names, places := make(map[string]bool), make(map[string]string)
	for i := range f.Sources {
		here := doc.At("sources", i)
		src := f.Sources[i].source(here, s)
		if names[src.Name] && src.Name != "" {
			here.At("name").Report("two sources are named %s: give each its own name", src.Name)
		}
		names[src.Name] = true
		if other, twice := places[src.Contract+" "+src.From]; twice && f.Sources[i].From != "" {
			here.At("from").Report("source %s reads the same files into the same contract: remove one of the two", other)
		}
		places[src.Contract+" "+src.From] = src.Name
		s.Sources = append(s.Sources, src)
	}
}

func checkContract(at strictyaml.Spot, src *Source, contracts map[string][]layout.Column) {
	columns, ok := contracts[src.Contract]
	if !ok {
		names := slices.Sorted(maps.Keys(contracts))
		if meant := nearest.Of(src.Contract, names); meant != "" {
			at.At("contract").Report("there is no contract %s: did you mean %s?", src.Contract, meant)
		} else {
			at.At("contract").Report("there is no contract %s: there are %s", src.Contract, strings.Join(names, ", "))
		}
		return
	}
	layout.CheckColumns(at.At("layouts"), src.Layouts, src.Contract, columns)
	for _, column := range slices.Sorted(maps.Keys(src.Set)) {
		checkConstant(at.At("set").Key(column), src.Contract, column, columns)
	}
	for _, column := range src.claimedColumns() {
		checkConstant(at.At("name_pattern"), src.Contract, column, columns)
	}
}

// checkConstant reports a constant that the contract has no column for, or that
// would tell about a person.
func checkConstant(at strictyaml.Spot, contract, column string, columns []layout.Column) {
	if names := layout.Names(columns); !slices.Contains(names, column) {
		at.Report("%s", layout.NoSuchColumn(contract, column, names))
	}
	if layout.IsHidden(columns, column) {
		at.Report("%s", layout.NoConstant(column))
	}
}

func absolute(root, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(root, path)
}
