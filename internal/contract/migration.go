package contract

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"socialvalue/internal/layout"
	"socialvalue/internal/strictyaml"
	"socialvalue/internal/warehouse"
)

// Migration says how rows kept under one version of the contract are read under
// the next. What it does not say is not done: a column that is gone must be
// dropped by name, a type that changed must be cast by name.
type Migration struct {
	From   int                          `yaml:"from"`
	Note   string                       `yaml:"note"`   // what changed and why, for people
	Rename map[string]string            `yaml:"rename"` // old name to new name
	Recode map[string]map[string]string `yaml:"recode"` // new name to: old text to new text
	Set    map[string]string            `yaml:"set"`    // new column to the value of rows that never had it
	Cast   []string                     `yaml:"cast"`   // new names of columns whose type changed
	Drop   []string                     `yaml:"drop"`   // old names of columns that are no more
}

// validateMigrations reports versions without a way to read the rows kept under
// the one before, and steps that name nothing.
func (c *Contract) validateMigrations(at strictyaml.Spot) {
	seen := map[int]bool{}
	for i := range c.Migrations {
		m, here := &c.Migrations[i], at.At(i)
		switch {
		case m.From < 1 || m.From >= c.Version:
			here.At("from").Report("from must be a version before this one, which is %d", c.Version)
		case seen[m.From]:
			here.At("from").Report("two migrations begin at version %d: keep one", m.From)
		case strings.TrimSpace(m.Note) == "":
			here.Report("the migration from version %d needs a note: what changed, and why", m.From)
		}
		seen[m.From] = true
		c.validateMigration(here, m)
	}
	for version := 1; version < c.Version; version++ {
		if !seen[version] {
			at.Report("version is %d, but nothing says how rows kept under version %d are read: add migrations: [{from: %d, note: …}]",
				c.Version, version, version)
		}
	}
}

func (c *Contract) validateMigration(at strictyaml.Spot, m *Migration) {
	check := func(name string, spot strictyaml.Spot) {
		if c.Column(c.nameNow(name, m.From+1)) == nil && !c.droppedLater(name, m.From+1) {
			spot.Report("%s", layout.NoSuchColumn(c.Ref(), name, layout.Names(c.LayoutColumns())))
		}
	}
	targets := map[string]string{}
	for _, old := range slices.Sorted(maps.Keys(m.Rename)) {
		name := m.Rename[old]
		if other, twice := targets[name]; twice {
			at.At("rename").Report("%s and %s both become %s: keep one, and drop the other", other, old, name)
		}
		targets[name] = old
		check(name, at.At("rename", old))
		if slices.Contains(m.Drop, old) {
			at.At("drop").Report("%s is both renamed and dropped: keep one", old)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Recode)) {
		check(name, at.At("recode").Key(name))
	}
	for _, name := range m.Cast {
		check(name, at.At("cast"))
	}
	for _, name := range slices.Sorted(maps.Keys(m.Set)) {
		check(name, at.At("set").Key(name))
		if column := c.Column(c.nameNow(name, m.From+1)); column != nil && !readable(column, m.Set[name]) {
			at.At("set").Key(name).Report("the value set for %s is not one: it must be %s", name, rules(nil)[column.Type].accepts)
		}
	}
}

// nameNow is what a column of that version's name is called today.
func (c *Contract) nameNow(name string, version int) string {
	for ; version < c.Version; version++ {
		if m := c.migration(version); m != nil && m.Rename[name] != "" {
			name = m.Rename[name]
		}
	}
	return name
}

func (c *Contract) droppedLater(name string, version int) bool {
	for ; version < c.Version; version++ {
		m := c.migration(version)
		switch {
		case m == nil:
		case slices.Contains(m.Drop, name):
			return true
		case m.Rename[name] != "":
			name = m.Rename[name]
		}
	}
	return false
}

func (c *Contract) migration(from int) *Migration {
	for i := range c.Migrations {
		if c.Migrations[i].From == from {
			return &c.Migrations[i]
		}
	}
	return nil
}

// readable says whether a text is one of the column's type. Dates are ISO.
func readable(column *Column, text string) bool {
	pattern := rules(nil)[column.Type].pattern
	return pattern == "" || regexp.MustCompile("^(?:"+pattern+")$").MatchString(text)
}

// Stored is a column of rows kept in the store, with its SQL type.
type Stored struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// NewerError says that rows were kept under a contract that this program does
// not know.
type NewerError struct {
	Contract      string
	Known, Stored int
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("rows are kept under version %d of contract %s, and this svw knows version %d: install the newer svw, "+
		"or put the newer contract into the site", e.Stored, e.Contract, e.Known)
}

// ReadStored gives the SQL of each of the contract's columns, in order, over a
// table `stored` of rows that were kept under a version and with these columns.
// It follows the written migrations. Within a version only what cannot be
// misread is allowed: an optional column that was added, a number that has more
// digits now.
func (c *Contract) ReadStored(version int, columns []Stored) ([]string, error) {
	if version > c.Version {
		return nil, &NewerError{Contract: c.Ref(), Known: c.Version, Stored: version}
	}
	rows := make(storedRows, len(columns))
	for _, column := range columns {
		rows[column.Name] = &storedColumn{expr: "stored." + warehouse.Ident(column.Name), sqlType: column.Type}
	}
	for from := version; from < c.Version; from++ {
		m := c.migration(from)
		if m == nil {
			return nil, c.cannotRead(version, "no migration leads from version %d to %d", from, from+1)
		}
		if err := rows.migrate(m); err != nil {
			return nil, c.cannotRead(version, "the migration from version %d %w", from, err)
		}
	}
	items := make([]string, len(c.Columns))
	for i := range c.Columns {
		column := &c.Columns[i]
		stored := rows[column.Name]
		delete(rows, column.Name)
		item, err := stored.as(column)
		if err != nil {
			return nil, c.cannotRead(version, "%w", err)
		}
		items[i] = item
	}
	for _, name := range technicalColumns() {
		delete(rows, name)
	}
	if len(rows) > 0 {
		return nil, c.cannotRead(version, "they have %s, which the contract has no more and no migration drops or renames",
			strings.Join(slices.Sorted(maps.Keys(rows)), ", "))
	}
	return items, nil
}

func (c *Contract) cannotRead(version int, format string, args ...any) error {
	return fmt.Errorf("rows kept under version %d of contract %s cannot be read under version %d: %w; raise the version and write it as a migration in %s",
		version, c.Ref(), c.Version, fmt.Errorf(format, args...), c.File)
}

// storedRows are the columns of kept rows on their way to today's names.
type storedRows map[string]*storedColumn

type storedColumn struct {
	expr    string
	sqlType string
	cast    bool    // the migration says that its type changed
	text    *string // the value set for rows that never had it
}

func (rows storedRows) migrate(m *Migration) error {
	for _, name := range m.Drop {
		if rows[name] == nil {
			return fmt.Errorf("drops %s, which they do not have", name)
		}
		delete(rows, name)
	}
	moved := storedRows{}
	for old, name := range m.Rename {
		if rows[old] == nil {
			return fmt.Errorf("renames %s, which they do not have", old)
		}
		moved[name] = rows[old]
		delete(rows, old)
	}
	for name, column := range moved {
		if rows[name] != nil {
			return fmt.Errorf("renames a column to %s, which they have already", name)
		}
		rows[name] = column
	}
	for name, texts := range m.Recode {
		column := rows[name]
		if column == nil || column.sqlType != "VARCHAR" {
			return fmt.Errorf("recodes %s, which is no text of theirs", name)
		}
		var branches strings.Builder
		for _, old := range slices.Sorted(maps.Keys(texts)) {
			fmt.Fprintf(&branches, " when %s then %s", warehouse.Text(old), warehouse.Text(texts[old]))
		}
		column.expr = "case " + column.expr + branches.String() + " else " + column.expr + " end"
	}
	for name, text := range m.Set {
		if rows[name] != nil {
			return fmt.Errorf("sets %s, which they have already", name)
		}
		rows[name] = &storedColumn{text: &text}
	}
	for _, name := range m.Cast {
		if rows[name] == nil {
			return fmt.Errorf("casts %s, which they do not have", name)
		}
		rows[name].cast = true
	}
	return nil
}

// as is the SQL that reads a kept column as the contract has it now. No cast is
// made that could change or lose a value without a word.
func (s *storedColumn) as(column *Column) (string, error) {
	rule := rules(nil)[column.Type]
	name := warehouse.Ident(column.Name)
	switch {
	case s == nil && column.Required:
		return "", fmt.Errorf("they have no %s, which is required: set its value", column.Name)
	case s == nil:
		return "cast(null as " + rule.sqlType + ") as " + name, nil
	case s.text != nil:
		return "cast(" + rule.read(warehouse.Text(*s.text)) + " as " + rule.sqlType + ") as " + name, nil
	case s.cast && column.Type == TypeCode && s.sqlType == "VARCHAR":
		return "upper(" + s.expr + ") as " + name, nil
	case s.sqlType == rule.sqlType:
		return s.expr + " as " + name, nil
	case widens(s.sqlType, rule.sqlType), s.cast && castable(s.sqlType, rule.sqlType):
		return "cast(" + s.expr + " as " + rule.sqlType + ") as " + name, nil
	case castable(s.sqlType, rule.sqlType):
		return "", fmt.Errorf("their %s is %s and must be %s: say cast: [%s]", column.Name, s.sqlType, rule.sqlType, column.Name)
	}
	return "", fmt.Errorf("their %s is %s, which cannot be made %s without a guess: keep the old column under another name, "+
		"or take the files in again", column.Name, s.sqlType, rule.sqlType)
}

// widens says whether every value of one SQL type is one of another, unchanged.
func widens(from, to string) bool {
	return to == "DECIMAL(38,10)" && slices.Contains([]string{"BIGINT", "DECIMAL(18,2)", "DECIMAL(18,6)"}, from)
}

// castable says whether a cast that a migration asks for keeps every value, or
// fails with a word.
func castable(from, to string) bool {
	return widens(from, to) || to == "VARCHAR" || from == "DATE" && to == "TIMESTAMP" ||
		from == "BIGINT" && (to == "DECIMAL(18,2)" || to == "DECIMAL(18,6)")
}
