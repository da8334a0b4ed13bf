package contract

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"socialvalue/internal/layout"
	"socialvalue/internal/strictyaml"
)

var (
	snakeCase   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	wordPattern = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	quotedText  = regexp.MustCompile(`'(?:[^']|'')*'`)
)

// LoadAll reads every contract of every pipeline under pipelines/ in fsys, by
// reference ("spend/payments"). All problems of all files are reported together.
func LoadAll(fsys fs.FS) (map[string]*Contract, error) {
	files, err := fs.Glob(fsys, "pipelines/*/contracts/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list contracts: %w", err)
	}
	// A file says nothing of another, and there are more than a hundred.
	parsed, problems := make([]*Contract, len(files)), make([]error, len(files))
	var together errgroup.Group
	together.SetLimit(runtime.GOMAXPROCS(0))
	for i, file := range files {
		together.Go(func() error {
			data, err := fs.ReadFile(fsys, file)
			if err != nil {
				problems[i] = fmt.Errorf("read contract: %w", err)
				return nil
			}
			parsed[i], problems[i] = Parse(file, data)
			return nil
		})
	}
	_ = together.Wait() // every problem is told, not the first alone
	contracts := make(map[string]*Contract, len(files))
	for _, contract := range parsed {
		if contract != nil {
			contracts[contract.Ref()] = contract
		}
	}
	return contracts, errors.Join(problems...)
}

// Parse reads one contract file; its path names the pipeline and the contract.
func Parse(file string, data []byte) (*Contract, error) {
	c := &Contract{File: file, Name: strings.TrimSuffix(path.Base(file), path.Ext(file)), Pipeline: path.Base(path.Dir(path.Dir(file)))}
	doc, err := strictyaml.Decode(file, data, c)
	if err != nil {
		return nil, err
	}
	c.validate(doc)
	layout.Complete(doc.At("layouts"), c.Layouts)
	layout.CheckColumns(doc.At("layouts"), c.Layouts, c.Ref(), c.LayoutColumns())
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// validate reports every problem of the contract at its place.
func (c *Contract) validate(doc *strictyaml.Doc) {
	if !snakeCase.MatchString(c.Name) || !snakeCase.MatchString(c.Pipeline) {
		doc.At().Report("pipeline %q and contract %q must be snake_case: rename the folder or the file", c.Pipeline, c.Name)
	}
	if c.Version < 1 {
		doc.At("version").Report("version must be 1 or more")
	}
	if c.Grain == "" || c.Description == "" {
		doc.At("grain").Report("say what one row is (grain) and what the feed is (description)")
	}
	c.validateColumns(doc.At("columns"))
	c.validateLoad(doc.At("load"))
	c.validateLimits(doc.At("limits"))
	c.validateMigrations(doc.At("migrations"))
	for i, control := range c.Control {
		column := c.Column(control.Sum)
		if column == nil || column.Type != TypeMoney {
			doc.At("control", i, "sum").Report("sum must name a money column")
		} else if column.IsHidden() {
			doc.At("control", i, "sum").Report("%s is about single people: a sum of few rows would tell their amounts", control.Sum)
		}
		if control.From != ControlFooter && control.From != ControlLedger {
			doc.At("control", i, "from").Report("from must be footer or ledger")
		}
		if control.Required && control.From != ControlFooter {
			doc.At("control", i, "required").Report("only a footer can be required: nothing in the file is compared with the ledger")
		}
	}
	for i, skip := range c.Skip {
		if !snakeCase.MatchString(skip.Rule) || (skip.When == "" && skip.Rule != SkipBlank) {
			doc.At("skip", i).Report("a skip rule needs a snake_case name (rule) and a condition (when)")
		}
		for _, name := range c.namedIn(skip.When, unstored(ActionDrop)) {
			doc.At("skip", i, "when").Report("%s is dropped before its text is looked at", name)
		}
	}
	c.validateChecks(doc.At("checks"))
}

// validateChecks reports checks that could not tell a person what to correct.
func (c *Contract) validateChecks(at strictyaml.Spot) {
	seen := map[string]bool{}
	for i, check := range c.Checks {
		here := at.At(i)
		switch {
		case !snakeCase.MatchString(check.Name) || check.When == "" || (check.Severity != "error" && check.Severity != "warn"):
			here.Report("a check needs a snake_case name, a condition (when) and severity error or warn")
		case seen[check.Name]:
			here.At("name").Report("two checks are named %s: give each its own name", check.Name)
		case len(c.namedIn(check.When, stored)) == 0:
			here.At("when").Report("the condition of %s names no column of the contract: say which columns make a row wrong", check.Name)
		}
		for _, name := range c.namedIn(check.When, unstored(ActionDrop, ActionPlace)) {
			here.At("when").Report("checks are about what is stored, and %s is not: name what stands for it, or leave it out", name)
		}
		seen[check.Name] = true
	}
}

// stored gives the names by which SQL can speak of a column: its own, and those
// of what stands for it.
func stored(column *Column) []string {
	names := []string{column.Name}
	for _, raw := range column.raw() {
		names = append(names, raw.Name)
	}
	return names
}

// namedIn lists the contract's columns that an SQL condition names by one of
// their spellings, in the contract's order. Texts in quotes are no names.
func (c *Contract) namedIn(condition string, spellings func(*Column) []string) []string {
	words := wordPattern.FindAllString(quotedText.ReplaceAllString(condition, "''"), -1)
	var named []string
	for i := range c.Columns {
		column := &c.Columns[i]
		spelled := spellings(column)
		names := func(word string) bool {
			return slices.ContainsFunc(spelled, func(spelling string) bool { return strings.EqualFold(word, spelling) })
		}
		if slices.ContainsFunc(words, names) {
			named = append(named, column.Name)
		}
	}
	return named
}

func (c *Contract) validateLimits(at strictyaml.Spot) {
	if share := c.Limits.QuarantineShare; share != nil && (*share < 0 || *share > 1) {
		at.At("quarantine_share").Report("quarantine_share must be between 0 and 1")
	}
	if most := c.Limits.QuarantineMax; most != nil && *most < 0 {
		at.At("quarantine_max").Report("quarantine_max must be 0 or more")
	}
	if fewest := c.Limits.MinRows; fewest != nil && *fewest < 0 {
		at.At("min_rows").Report("min_rows must be 0 or more")
	}
}

func (c *Contract) validateColumns(at strictyaml.Spot) {
	if len(c.Columns) == 0 {
		at.Report("a contract needs at least one column")
	}
	seen := map[string]bool{}
	known := rules(nil)
	for i := range c.Columns {
		column := &c.Columns[i]
		problem := at.At(i).Report
		switch {
		case !snakeCase.MatchString(column.Name):
			problem("%q must be snake_case", column.Name)
		case seen[column.Name]:
			problem("%s is declared twice", column.Name)
		case slices.Contains(technicalColumns(), column.Name):
			problem("%s is a name of the engine's own", column.Name)
		}
		seen[column.Name] = true
		if _, ok := known[column.Type]; !ok {
			problem("%s: unknown type %q", column.Name, column.Type)
		}
		if column.Pattern != "" {
			if _, err := regexp.Compile(column.Pattern); err != nil {
				problem("%s: pattern: %v", column.Name, err)
			}
		}
		validateBounds(at.At(i), column)
		column.validatePersonal(at.At(i))
	}
	c.validateRaw(at)
}

func (c *Contract) validateLoad(at strictyaml.Spot) {
	problem := at.Report
	needs := func(what string, names []string) {
		if len(names) == 0 {
			problem("%s must name columns", what)
		}
		for _, name := range names {
			switch column := c.Column(name); {
			case column == nil:
				problem("%s names %q, which is no column", what, name)
			case column.IsHidden() && (what != "key" || column.Action != ActionPseudonymise):
				problem("%s names %s, whose values are not stored or not shown: choose another column", what, name)
			}
		}
	}
	switch c.Load.Mode {
	case ModeSnapshot:
		if len(c.Load.Slice) > 0 {
			needs("slice", c.Load.Slice)
		}
	case ModeAppend:
	case ModeReplacePeriod:
		needs("period", []string{c.Load.Period})
	case ModeUpsert:
		c.validateUpsert(at)
	default:
		problem("mode %q must be snapshot, append, upsert or replace_period", c.Load.Mode)
	}
	if c.Load.Mode != ModeUpsert && (c.Load.Newest != "" || c.Load.Deleted != nil) {
		problem("newest and deleted belong to mode upsert: use it, or remove them")
	}
	if period := c.Column(c.Load.Period); period != nil && !period.Type.isDay() {
		at.At("period").Report("period names %s, which is no date", period.Name)
	}
	switch c.Load.Identity {
	case IdentityOccurrence, IdentityNone:
	case IdentityKey:
		needs("key", c.Load.Key)
		for _, name := range c.Load.Key {
			if column := c.Column(name); column != nil && !column.Required {
				problem("key names %s, which may be empty: say required: true, as rows without a key cannot be told apart", name)
			}
		}
	default:
		problem("identity %q must be occurrence, key or none", c.Load.Identity)
	}
}

// validateUpsert reports what keeps the newest row of a key from being known.
func (c *Contract) validateUpsert(at strictyaml.Spot) {
	if c.Load.Identity != IdentityKey {
		at.Report("mode upsert needs identity: key and a key: the newest row of a key counts")
	}
	if c.Load.Newest != "" {
		switch column := c.Column(c.Load.Newest); {
		case column == nil:
			at.At("newest").Report("%s", layout.NoSuchColumn(c.Ref(), c.Load.Newest, layout.Names(c.LayoutColumns())))
		case !column.Required:
			at.At("newest").Report("newest names %s, which may be empty: say required: true, as a row without it is neither old nor new", column.Name)
		case column.Type == TypeText, column.Type == TypeBoolean, slices.Contains(c.Load.Key, column.Name):
			at.At("newest").Report("newest names %s: it must be a date, a time or a number that grows, and no part of the key", column.Name)
		}
	}
	if deleted := c.Load.Deleted; deleted != nil {
		if c.Column(deleted.Column) == nil {
			at.At("deleted", "column").Report("%s", layout.NoSuchColumn(c.Ref(), deleted.Column, layout.Names(c.LayoutColumns())))
		}
		if len(deleted.Values) == 0 {
			at.At("deleted").Report("deleted needs values: the texts that mean that a row is gone, as values: [D]")
		}
	}
}

// technicalColumns are the columns the engine adds to every raw relation.
func technicalColumns() []string {
	return []string{"source", "body_code", "line_key", "_load_id", "_source_file", "_source_row"}
}
