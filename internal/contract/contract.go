package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/layout"
)

// Contract is the agreement about one feed: one YAML file of a pipeline.
type Contract struct {
	Pipeline    string          `yaml:"-" json:"pipeline"`
	Name        string          `yaml:"-" json:"name"`
	File        string          `yaml:"-" json:"-"`
	Version     int             `yaml:"version" json:"version"`
	Migrations  []Migration     `yaml:"migrations" json:"-"`
	Description string          `yaml:"description" json:"-"`
	Grain       string          `yaml:"grain" json:"-"`
	Load        Load            `yaml:"load" json:"load"`
	Limits      Limits          `yaml:"limits" json:"-"`
	Control     []Control       `yaml:"control" json:"control,omitempty"`
	Skip        []SkipRule      `yaml:"skip" json:"skip,omitempty"`
	Columns     []Column        `yaml:"columns" json:"columns"`
	Checks      []RowCheck      `yaml:"checks" json:"checks,omitempty"`
	Layouts     []layout.Layout `yaml:"layouts" json:"-"`
}

// Mode says what a new file does to the rows already loaded.
type Mode string

// The load modes.
const (
	ModeSnapshot      Mode = "snapshot"       // a newer file of the same slice supersedes it; every slice is kept
	ModeAppend        Mode = "append"         // rows are added
	ModeUpsert        Mode = "upsert"         // the newest row of a key counts
	ModeReplacePeriod Mode = "replace_period" // a newer file that claims the same period supersedes it
)

// Identity says what makes two rows the same row.
type Identity string

// The identities of rows.
const (
	IdentityOccurrence Identity = "occurrence" // equal business columns and equal rank among equal rows of the file
	IdentityKey        Identity = "key"        // equal key columns
	IdentityNone       Identity = "none"       // rows have no identity; copies cannot be told apart
)

// Load is how the files of a feed enter the store.
type Load struct {
	Mode     Mode     `yaml:"mode" json:"mode"`
	Period   string   `yaml:"period" json:"period,omitempty"`
	Identity Identity `yaml:"identity" json:"identity"`
	Key      []string `yaml:"key" json:"key,omitempty"`
	Slice    []string `yaml:"slice" json:"slice,omitempty"`
	Newest   string   `yaml:"newest" json:"newest,omitempty"`   // upsert: the column by which the newest row of a key is known
	Deleted  *Deleted `yaml:"deleted" json:"deleted,omitempty"` // upsert: which rows say that their key is gone
}

// Deleted names the rows of an upsert feed that take their key away: those in
// which the column holds one of the values.
type Deleted struct {
	Column string   `yaml:"column" json:"column"`
	Values []string `yaml:"values" json:"values"`
}

// Limits bound what is accepted of one file before it is refused whole. What a
// contract leaves out is nil; 0 means none.
type Limits struct {
	QuarantineShare *float64 `yaml:"quarantine_share" json:"quarantine_share"` // most rows quarantined, as a share of its data rows
	QuarantineMax   *int64   `yaml:"quarantine_max" json:"quarantine_max"`     // most rows quarantined
	MinRows         *int64   `yaml:"min_rows" json:"min_rows"`                 // fewest rows loaded
}

// The limits of a contract that states none.
const (
	defaultQuarantineShare = 0.01
	defaultQuarantineMax   = 500
)

// oneWrongOf is the number of data rows from which one wrong row is no sign of a
// wrong file, however small its share must be: most of its rows are right.
const oneWrongOf = 3

// MostQuarantined is how many wrong rows are accepted of a file with that many
// data rows.
func (c *Contract) MostQuarantined(dataRows int64) int64 {
	share, most := defaultQuarantineShare, int64(defaultQuarantineMax)
	if c.Limits.QuarantineShare != nil {
		share = *c.Limits.QuarantineShare
	}
	if c.Limits.QuarantineMax != nil {
		most = *c.Limits.QuarantineMax
	}
	allowed := int64(share*float64(dataRows) + 1e-9) // 0.29 of 100 is 29
	if share > 0 && dataRows >= oneWrongOf {
		allowed = max(allowed, 1)
	}
	return min(most, allowed)
}

// FewestRows is how many rows a file must give. A file that replaces others
// must bring something in their place, unless the contract says otherwise.
func (c *Contract) FewestRows() int64 {
	switch {
	case c.Limits.MinRows != nil:
		return *c.Limits.MinRows
	case c.Load.Mode == ModeReplacePeriod, c.Load.Mode == ModeSnapshot:
		return 1
	}
	return 0
}

// Control is one control total: the sum of a money column over the data rows.
type Control struct {
	Sum      string        `yaml:"sum" json:"sum"`
	From     ControlSource `yaml:"from" json:"from"`
	Required bool          `yaml:"required" json:"required,omitempty"` // a file without its own total is refused
}

// ControlSource says what a control total is compared with.
type ControlSource string

// The sources of a control total.
const (
	ControlFooter ControlSource = "footer" // the value in the file's row skipped by the rule `total`
	ControlLedger ControlSource = "ledger" // nothing in the file: the sum is reported for comparison by a person
)

// RowsStandAlone says whether every row is judged by itself: neither another row
// of its file nor a total of the file has a say.
func (c *Contract) RowsStandAlone() bool {
	return c.Load.Identity == IdentityNone && len(c.Control) == 0
}

// SkipRule names rows that are no data. When is an SQL condition over the
// contract's columns as trimmed text, empty text being null.
type SkipRule struct {
	Rule string `yaml:"rule" json:"rule"`
	When string `yaml:"when" json:"when"`
}

// The skip rules with a meaning of their own.
const (
	SkipBlank = "blank" // every column empty; always applied
	SkipTotal = "total" // a footer whose values are control totals
)

// RowCheck is a condition over the typed columns of one row that makes the row
// wrong. An error quarantines the row, a warning counts it.
type RowCheck struct {
	Name     string `yaml:"name" json:"name"`
	When     string `yaml:"when" json:"when"`
	Severity string `yaml:"severity" json:"severity"`
	Remedy   string `yaml:"remedy" json:"-"` // what to do about such a row; empty: correct the named columns
}

// Column is one column of the contract.
type Column struct {
	Name        string            `yaml:"name" json:"name"`
	Type        Type              `yaml:"type" json:"type"`
	Required    bool              `yaml:"required" json:"required,omitempty"`
	Unit        string            `yaml:"unit" json:"-"`
	Description string            `yaml:"description" json:"-"`
	Example     string            `yaml:"example" json:"-"`
	Aliases     []string          `yaml:"aliases" json:"aliases,omitempty"`
	Values      []string          `yaml:"values" json:"values,omitempty"`
	Recode      map[string]string `yaml:"recode" json:"recode,omitempty"`
	Min         Bound             `yaml:"min" json:"min,omitempty"`
	Max         Bound             `yaml:"max" json:"max,omitempty"`
	Pattern     string            `yaml:"pattern" json:"pattern,omitempty"`
	Personal    Personal          `yaml:"personal" json:"personal,omitempty"`
	Action      Action            `yaml:"action" json:"action,omitempty"`
	Because     string            `yaml:"because" json:"-"`                 // why a direct identifier is kept
	Domain      string            `yaml:"domain" json:"domain,omitempty"`   // of pseudonyms: columns of one domain have one key for one person
	Numeric     bool              `yaml:"numeric" json:"numeric,omitempty"` // the domain's identifiers are numbers: only digits count
	CheckDigit  CheckDigit        `yaml:"check_digit" json:"check_digit,omitempty"`
	Shared      []string          `yaml:"shared" json:"shared,omitempty"` // numbers that many have, so that no key stands for them
	Band        *Band             `yaml:"band" json:"band,omitempty"`     // for action band
	Place       *Place            `yaml:"place" json:"place,omitempty"`   // for action place
}

// Personal is the personal-data class of a column.
type Personal string

// The classes of personal data.
const (
	PersonalNone     Personal = "none"
	PersonalIndirect Personal = "indirect"
	PersonalDirect   Personal = "direct"
	PersonalSpecial  Personal = "special"
)

// Action is what becomes of a personal column when its rows are loaded.
type Action string

// The actions.
const (
	ActionKeep         Action = "keep"         // it is stored as it is
	ActionPseudonymise Action = "pseudonymise" // a key stands for it
	ActionBand         Action = "band"         // the band it lies in is stored
	ActionPlace        Action = "place"        // the areas of the postcode are stored
	ActionDrop         Action = "drop"         // it is never read
)

// CheckDigit is how the last digit of a number follows from the others.
type CheckDigit string

// CheckDigitLuhn doubles every second digit from the right, the last one left out, and adds all digits up to a multiple of
// ten (ISO/IEC 7812-1, annex B).
const CheckDigitLuhn CheckDigit = "luhn"

// Ref is the name a source uses for the contract, for example "spend/payments".
func (c *Contract) Ref() string { return c.Pipeline + "/" + c.Name }

// Relation is the relation the feed loads into, for example
// "raw.spend_payments".
func (c *Contract) Relation() string { return RelationOf(c.Ref()) }

// RelationOf is the relation of the contract with that reference.
func RelationOf(ref string) string { return "raw." + strings.ReplaceAll(ref, "/", "_") }

// Column returns the column of that name, or nil.
func (c *Contract) Column(name string) *Column {
	for i := range c.Columns {
		if c.Columns[i].Name == name {
			return &c.Columns[i]
		}
	}
	return nil
}

// Digest identifies everything in the contract that decides how rows are
// read, judged and identified. Descriptions do not count.
func (c *Contract) Digest() (string, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("digest contract %s: %w", c.Ref(), err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// IsPersonal says whether values of the column must not be shown.
func (c *Column) IsPersonal() bool {
	return c.Personal != "" && c.Personal != PersonalNone
}

// IsHidden says whether the column tells who a person is, or what nobody need
// know of them: such values are in landed files alone.
func (c *Column) IsHidden() bool {
	return c.Personal == PersonalDirect || c.Personal == PersonalSpecial || (c.IsPersonal() && c.Action != ActionKeep)
}

// HasPersonal says whether any column of the contract is personal.
func (c *Contract) HasPersonal() bool { return len(c.PersonalColumns()) > 0 }

// PersonalColumns names the personal columns of the contract, also those that are not stored.
func (c *Contract) PersonalColumns() (names []string) {
	for i := range c.Columns {
		if c.Columns[i].IsPersonal() {
			names = append(names, c.Columns[i].Name)
		}
	}
	return names
}

// Shows says whether what stands in a wrong field may be shown; column is empty
// for a field without a name. Of a feed that tells who people are nothing is
// shown: in a row whose fields are shifted, any column may hold a name.
func (c *Contract) Shows(column string) bool {
	for i := range c.Columns {
		if c.Columns[i].IsHidden() || (column == "" && c.Columns[i].IsPersonal()) {
			return false
		}
	}
	found := c.Column(column)
	return found == nil || !found.IsPersonal()
}

// NeedsKey says whether keys stand for identifiers of the feed.
func (c *Contract) NeedsKey() bool { return c.has(ActionPseudonymise) }

// NeedsPlaces says whether postcodes of the feed are placed.
func (c *Contract) NeedsPlaces() bool { return c.has(ActionPlace) }

// NeedsDeciles says whether deciles stand for postcodes of the feed.
func (c *Contract) NeedsDeciles() bool {
	return slices.ContainsFunc(c.Columns, func(column Column) bool { return column.Place != nil && len(column.Place.Deciles) > 0 })
}

func (c *Contract) has(action Action) bool {
	return slices.ContainsFunc(c.Columns, func(column Column) bool { return column.Action == action })
}

// LayoutColumns lists the contract's columns as a layout needs to know them.
func (c *Contract) LayoutColumns() []layout.Column {
	columns := make([]layout.Column, len(c.Columns))
	for i := range c.Columns {
		column := &c.Columns[i]
		columns[i] = layout.Column{
			Name: column.Name, Type: string(column.Type), Aliases: column.Aliases, Required: column.Required, Personal: column.IsPersonal(), Hidden: column.IsHidden(),
		}
	}
	return columns
}

// DatedBy is the column that says which days the rows of a file are of: the
// period; of a snapshot the day it was taken; of an upsert feed the day of the
// last change. Empty where none does.
func (c *Contract) DatedBy() string {
	names := []string{c.Load.Period}
	switch c.Load.Mode {
	case ModeSnapshot:
		names = append(names, c.Load.Slice...)
	case ModeUpsert:
		names = append(names, c.Load.Newest)
	case ModeAppend, ModeReplacePeriod:
	}
	for _, name := range names {
		if column := c.Column(name); column != nil && column.Type.isDay() {
			return name
		}
	}
	return ""
}
