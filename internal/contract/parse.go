package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// LoadAll reads every contract of every pipeline under pipelines/ in fsys, by
// reference ("spend/payments"). All problems of all files are reported together.
func LoadAll(fsys fs.FS) (map[string]*Contract, error) {
	files, err := fs.Glob(fsys, "pipelines/*/contracts/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list contracts: %w", err)
	}
	contracts := make(map[string]*Contract, len(files))
	var problems []error
	for _, file := range files {
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			problems = append(problems, fmt.Errorf("read contract: %w", err))
			continue
		}
		contract, err := Parse(file, data)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		contracts[contract.Ref()] = contract
	}
	return contracts, errors.Join(problems...)
}

// Parse reads one contract file; its path names the pipeline and the contract.
func Parse(file string, data []byte) (*Contract, error) {
	c := &Contract{File: file, Name: strings.TrimSuffix(path.Base(file), path.Ext(file)), Pipeline: path.Base(path.Dir(path.Dir(file)))}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	return c, nil
}

// validate reports every problem of the contract at once.
func (c *Contract) validate() error {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s: "+format, append([]any{c.File}, args...)...))
	}
	if !snakeCase.MatchString(c.Name) || !snakeCase.MatchString(c.Pipeline) {
		problem("pipeline %q and contract %q must be snake_case", c.Pipeline, c.Name)
	}
	if c.Version < 1 {
		problem("version: must be 1 or more")
	}
	if c.Grain == "" || c.Description == "" {
		problem("grain and description: say what one row is and what the feed is")
	}
	c.validateColumns(problem)
	c.validateLoad(problem)
	for _, control := range c.Control {
		column := c.Column(control.Sum)
		if column == nil || column.Type != TypeMoney {
			problem("control: sum %q must name a money column", control.Sum)
		}
		if control.From != ControlFooter && control.From != ControlLedger {
			problem("control: from %q must be footer or ledger", control.From)
		}
	}
	for _, skip := range c.Skip {
		if !snakeCase.MatchString(skip.Rule) || (skip.When == "" && skip.Rule != SkipBlank) {
			problem("skip: rule %q needs a snake_case name and a condition `when`", skip.Rule)
		}
	}
	for _, check := range c.Checks {
		if !snakeCase.MatchString(check.Name) || check.When == "" || (check.Severity != "error" && check.Severity != "warn") {
			problem("checks: %q needs a snake_case name, a condition `when` and severity error or warn", check.Name)
		}
	}
	for i := range c.Layouts {
		if err := c.Layouts[i].Validate(); err != nil {
			problem("layouts[%d]: %w", i, err)
		}
	}
	return errors.Join(problems...)
}

func (c *Contract) validateColumns(problem func(string, ...any)) {
	if len(c.Columns) == 0 {
		problem("columns: a contract needs at least one column")
	}
	seen := map[string]bool{}
	known := rules(nil)
	for i := range c.Columns {
		column := &c.Columns[i]
		switch {
		case !snakeCase.MatchString(column.Name):
			problem("columns: %q must be snake_case", column.Name)
		case seen[column.Name]:
			problem("columns: %s is declared twice", column.Name)
		case slices.Contains(technicalColumns, column.Name):
			problem("columns: %s is a name of the engine's own", column.Name)
		}
		seen[column.Name] = true
		if _, ok := known[column.Type]; !ok {
			problem("columns: %s: unknown type %q", column.Name, column.Type)
		}
		if column.Pattern != "" {
			if _, err := regexp.Compile(column.Pattern); err != nil {
				problem("columns: %s: pattern: %w", column.Name, err)
			}
		}
		switch column.Personal {
		case "", PersonalNone:
		case PersonalIndirect, PersonalDirect, PersonalSpecial:
			if column.Action == "" {
				problem("columns: %s: personal data need an action", column.Name)
			}
		default:
			problem("columns: %s: personal %q must be none, indirect, direct or special", column.Name, column.Personal)
		}
		switch column.Action {
		case "", "keep":
		case "pseudonymise", "band", "place", "drop":
			problem("columns: %s: action %s is not available yet; keep personal columns out of the map", column.Name, column.Action)
		default:
			problem("columns: %s: unknown action %q", column.Name, column.Action)
		}
	}
}

func (c *Contract) validateLoad(problem func(string, ...any)) {
	needs := func(what string, names []string) {
		if len(names) == 0 {
			problem("load: %s must name columns", what)
		}
		for _, name := range names {
			if c.Column(name) == nil {
				problem("load: %s names %q, which is no column", what, name)
			}
		}
	}
	switch c.Load.Mode {
	case ModeSnapshot:
		for _, name := range c.Load.Slice {
			if c.Column(name) == nil {
				problem("load: slice names %q, which is no column", name)
			}
		}
	case ModeAppend:
	case ModeReplacePeriod:
		needs("period", []string{c.Load.Period})
	case ModeUpsert:
		problem("load: mode upsert is not available yet")
	default:
		problem("load: mode %q must be snapshot, append, upsert or replace_period", c.Load.Mode)
	}
	switch c.Load.Identity {
	case IdentityOccurrence, IdentityNone:
	case IdentityKey:
		needs("key", c.Load.Key)
	default:
		problem("load: identity %q must be occurrence, key or none", c.Load.Identity)
	}
}

// technicalColumns are the columns the engine adds to every raw relation.
var technicalColumns = []string{"source", "body_code", "line_key", "_load_id", "_source_file", "_source_row"}
