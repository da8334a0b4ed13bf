package site

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"socialvalue/internal/layout"
	"socialvalue/internal/nearest"
	"socialvalue/internal/strictyaml"
)

type sourceFile struct {
	Name        string            `yaml:"name"`
	Contract    string            `yaml:"contract"`
	Body        string            `yaml:"body"`
	From        string            `yaml:"from"`
	NamePattern string            `yaml:"name_pattern"`
	Sheets      string            `yaml:"sheets"`
	Overlap     Overlap           `yaml:"overlap"`
	Layouts     []layout.Layout   `yaml:"layouts"`
	Set         map[string]string `yaml:"set"`
	Coverage    any               `yaml:"coverage" gone:"it is a column like any other; write set: {coverage: …}"`
	Password    string            `yaml:"password"`
}

func (f *sourceFile) source(at strictyaml.Spot, s *Site) Source {
	src := Source{
		Name: f.Name, Contract: f.Contract, Body: f.Body, From: absolute(s.Root, f.From), Overlap: f.Overlap, Layouts: f.Layouts,
		Sheets: f.Sheets, Set: maps.Clone(f.Set), Where: at.Where(), year: s.FinancialYearStart,
	}
	for i := range f.Layouts {
		if f.Sheets != "" && !f.Layouts[i].Format.Sheet.IsZero() {
			at.At("layouts", i, "format", "sheet").Report("sheets of the source says already which sheets are read: keep one of the two")
		}
	}
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`).MatchString(f.Name) {
		at.At("name").Report("a source needs a name of small letters, digits, _ and -, as leeds: its files are kept under it")
	}
	if !regexp.MustCompile(`^[a-z][a-z0-9_]*/[a-z][a-z0-9_]*$`).MatchString(f.Contract) {
		at.At("contract").Report("a source needs a contract, named pipeline/contract, as spend/payments")
	}
	if f.Body != "" && !slices.ContainsFunc(s.Bodies, func(b Body) bool { return b.Code == f.Body }) {
		reportBody(at.At("body"), f.Body, s.Bodies)
	}
	f.checkFrom(at, s.Warehouse.Root, src.From)
	switch f.Overlap {
	case "":
		src.Overlap = RefuseOverlap
	case RefuseOverlap, OverlapByRow:
	default:
		at.At("overlap").Report("overlap must be refuse or by_row")
	}
	layout.Complete(at.At("layouts"), src.Layouts)
	var err error
	if f.Password != "" {
		if src.Password, err = parseSecret(f.Password); err != nil {
			at.At("password").Report("password: %s", err)
		}
	}
	if src.pattern, err = compilePattern(f.NamePattern); err != nil {
		at.At("name_pattern").Report("name_pattern: %s", err)
	}
	for _, column := range src.claimedColumns() {
		if _, twice := src.Set[column]; twice {
			at.At("name_pattern").Report("%s is both in the name and set: keep one", column)
		}
	}
	return src
}

func reportBody(at strictyaml.Spot, code string, bodies []Body) {
	codes := make([]string, len(bodies))
	for i, b := range bodies {
		codes[i] = b.Code
	}
	// Official codes differ in a digit and are not slips of one another.
	if meant := nearest.Of(code, codes); meant != "" && nearest.Score(code, meant) < 1 && !regexp.MustCompile(`^[A-Z]\d{8}$`).MatchString(code) {
		at.Report("no body has the code %s: did you mean %s?", code, meant)
		return
	}
	at.Report("no body has the code %s: add it to bodies, as - {code: %s, name: …}", code, code)
}

func (f *sourceFile) checkFrom(at strictyaml.Spot, warehouse, from string) {
	switch {
	case f.From == "":
		at.Report("a source needs from, the files to read, as from: drop/leeds/*.csv")
	case strings.Contains(f.From, "://"): // not quoted: it may hold a password
		at.At("from").Report("from must be a path: only files and folders are read")
	case strings.Contains(f.From, "**"):
		at.At("from").Report("** is not known: name each folder, or use * for one level")
	case from == warehouse || strings.HasPrefix(from, warehouse+"/"):
		at.At("from").Report("from lies in the warehouse: files to read must lie elsewhere, as in drop/")
	default:
		if _, err := path.Match(f.From, ""); err != nil {
			at.At("from").Report("from is not a file pattern: use * and ?, and close every [")
		}
	}
}

// compilePattern reads a name_pattern: at most one group says the period, every other named group is a column.
func compilePattern(text string) (*regexp.Regexp, error) {
	if text == "" {
		return nil, nil
	}
	p, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("not a regular expression (%w)", err)
	}
	var period string
	seen := make(map[string]bool)
	for _, group := range p.SubexpNames() {
		switch {
		case group == "":
			continue
		case seen[group]:
			return nil, fmt.Errorf("two groups are named %s: keep one", group)
		case periodReader(group) != nil && period != "":
			return nil, fmt.Errorf("the groups %s and %s both say the period: keep one, with a name around all of it, as (?P<month>\\d{4}-\\d{2})",
				period, group)
		case periodReader(group) != nil:
			period = group
		}
		seen[group] = true
	}
	if len(seen) == 0 {
		return nil, fmt.Errorf("has no named group: write (?P<month>\\d{4}-\\d{2}) for a file of one month, or leave name_pattern out")
	}
	return p, nil
}
