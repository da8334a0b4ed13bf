package disclosure

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Column is one column of a relation, with its class of personal data.
type Column struct {
	Name     string
	Type     string
	Personal string // none (or empty), indirect, direct, special
}

// Rules is the `disclosure:` section of an open table: what in it counts
// people, how the counts add up, and what hangs on them. Everything that an
// attacker could add or subtract has to stand here, so a column that nothing
// here speaks of is refused.
type Rules struct {
	Counts     []Count     `yaml:"counts"`
	AddsUp     []Sum       `yaml:"adds_up"`
	Nests      []Nest      `yaml:"nests"`
	Within     []Within    `yaml:"within"`
	Includes   []Inclusion `yaml:"includes"`
	Statistics []Statistic `yaml:"statistics"`
	Repeats    []Repeat    `yaml:"repeats"`
	Plain      []string    `yaml:"not_about_people"` // measures that say nothing of a person, such as a target
	ShownWhere string      `yaml:"shown_where"`      // BOOLEAN column: where it is not true, the model has chosen to withhold the row's measures
	Sensitive  bool        `yaml:"sensitive"`        // also a nought, and a whole group, says something of its people
}

// Count is a column of numbers of people. Two counts of the same people are
// one: those with the same `of` and the same values of the same dimensions, in
// one table or in two. That is how tables are linked.
type Count struct {
	Column string              `yaml:"column"`
	Of     string              `yaml:"of"`    // who is counted; default: this column of this table
	By     map[string]string   `yaml:"by"`    // dimension → column that describes the row; default, where there is no fixed either: every key column under its own name
	Fixed  map[string]string   `yaml:"fixed"` // dimension → value, the same in every row
	When   map[string][]string `yaml:"when"`  // only in rows with these values of the key, or of a text beside it
	Round  int64               `yaml:"round"` // published as a multiple of it; a column named …_rounded always is
}

// Sum says that counts add up: those that differ in the dimensions `over`
// alone, one sum for each value of `each`, make the one that `total` describes.
type Sum struct {
	Of    string            `yaml:"of"` // default: every count of the table
	Over  []string          `yaml:"over"`
	Each  []string          `yaml:"each"`
	Total map[string]string `yaml:"total"` // dimension → value; "" is null
	Rest  string            `yaml:"rest"`  // rounding: that of two parts and more hides a small number that they leave of their total
}

// restByRounding is the value of `rest:` of a Sum.
const restByRounding = "rounding"

// Nest says that the values of one breakdown make those of another, such as
// wards and districts. A value that `through` does not know is its own parent.
type Nest struct {
	Of        string  `yaml:"of"`
	Breakdown string  `yaml:"breakdown"` // the dimension that names the breakdown
	Value     string  `yaml:"value"`     // the dimension that names its value
	Part      string  `yaml:"part"`
	Whole     string  `yaml:"whole"`
	Through   Through `yaml:"through"`
}

// Through is the relation that knows which part belongs to which whole.
type Through struct {
	Relation string `yaml:"relation"`
	Part     string `yaml:"part"`
	Whole    string `yaml:"whole"`
}

// Within says that one count of a row is part of another, as those who passed
// are of those who sat: the rest can be worked out.
type Within struct {
	Part  string `yaml:"part"`
	Whole string `yaml:"whole"`
}

// Inclusion says that the people of one value of a dimension are all among
// those of another, as all without apprentices are among all.
type Inclusion struct {
	Of        string `yaml:"of"`
	Dimension string `yaml:"dimension"`
	Part      string `yaml:"part"`
	Whole     string `yaml:"whole"`
}

// Statistic is a group of columns that is withheld whenever a count it is made
// from is.
type Statistic struct {
	Columns []string            `yaml:"columns"`
	Needs   []string            `yaml:"needs"`    // count columns of the row
	OfTotal bool                `yaml:"of_total"` // also made from the totals that those counts are part of, as a share is
	Kind    string              `yaml:"kind"`     // count (default), pay or bonus: which minimum holds
	When    map[string][]string `yaml:"when"`
	// Again is, by column, SQL that makes the published value anew: of counts it sees what is shown
	// of them, rounded or null. A share made so says nothing that its counts do not.
	Again map[string]string `yaml:"again"`
}

// Repeat is a group of columns that shows again what another row shows: that
// of the value before in the key column `over`.
type Repeat struct {
	Columns []string `yaml:"columns"`
	Over    string   `yaml:"over"`
	Of      string   `yaml:"of"` // the column that is repeated
}

// CountColumns names the columns that count people.
func (r *Rules) CountColumns() []string {
	if r == nil {
		return nil
	}
	counts, _ := r.measures()
	return counts
}

// Kinds of statistic, by the minimum of people that they need.
const (
	kindCount = "count"
	kindPay   = "pay"
	kindBonus = "bonus"
)

// Columns by which a row says what it withholds.
const (
	WithheldColumn   = "withheld"   // names of withheld columns, comma-separated
	SuppressedColumn = "suppressed" // true: the row's measures are withheld
)

// Problem is a mistake in a `disclosure:` section, at a path below it.
type Problem struct {
	Path []any
	Text string
}

// Check reports what is wrong with the section for a table with these columns
// and this key.
func (r *Rules) Check(columns []Column, key []string) []Problem {
	c := &ruleCheck{rules: r, key: key, columns: map[string]Column{}, spoken: map[string]bool{}}
	for _, column := range columns {
		c.columns[column.Name] = column
	}
	c.counts()
	c.sums()
	c.statistics()
	c.coverage(columns)
	return c.found
}

type ruleCheck struct {
	rules   *Rules
	key     []string
	columns map[string]Column
	spoken  map[string]bool
	counted []string
	found   []Problem
}

func (c *ruleCheck) add(path []any, format string, args ...any) {
	c.found = append(c.found, Problem{path, fmt.Sprintf(format, args...)})
}

// measure reports a name that is no column, or one of the key.
func (c *ruleCheck) measure(name string, path ...any) {
	_, known := c.columns[name]
	switch {
	case !known:
		c.add(path, "no column %q: name one of the table's", name)
	case slices.Contains(c.key, name):
		c.add(path, "%s is part of the key, which is always shown", name)
	}
	c.spoken[name] = true
}

func (c *ruleCheck) when(when map[string][]string, path ...any) {
	for _, name := range slices.Sorted(maps.Keys(when)) {
		if !c.describes(name) {
			c.add(append(path, "when"), "%s describes no row: name a column of the key, or one of text or date", name)
		}
	}
}

// describes says whether a column tells what a row is about: it is of the key, or a label beside it, which everybody sees.
func (c *ruleCheck) describes(name string) bool {
	column, known := c.columns[name]
	return slices.Contains(c.key, name) || known && !isMeasure(column.Type)
}

func (c *ruleCheck) counts() {
	if len(c.rules.Counts) == 0 {
		c.add(nil, "no counts: name the columns that count people, as counts: [{column: headcount_rounded}]")
	}
	for i, count := range c.rules.Counts {
		at := []any{"counts", i}
		c.measure(count.Column, append(at, "column")...)
		c.counted = append(c.counted, count.Column)
		if column, known := c.columns[count.Column]; known && !isInteger(column.Type) {
			c.add(at, "%s is %s: people are counted in BIGINT", count.Column, column.Type)
		}
		if count.Round < 0 || count.Round == 1 {
			c.add(at, "round is the base of rounding, as round: 5")
		}
		for _, dimension := range slices.Sorted(maps.Keys(count.By)) {
			if name := count.By[dimension]; !c.describes(name) {
				c.add(append(at, "by"), "%s describes no row: name a column of the key, or one of text or date", name)
			}
		}
		c.when(count.When, at...)
	}
}

// dimensions are those of the counts that a sum speaks of; all of them must
// have those it names.
func (c *ruleCheck) hasDimensions(of string, names []string, path ...any) {
	for _, count := range c.rules.Counts {
		if of != "" && count.Of != of {
			continue
		}
		for _, name := range names {
			_, has := count.By[name]
			_, fixed := count.Fixed[name]
			if has || fixed || len(count.By) == 0 && len(count.Fixed) == 0 && slices.Contains(c.key, name) {
				continue
			}
			c.add(path, "%s is no dimension of %s: name those of its `by`, or key columns", name, count.Column)
		}
	}
	if of != "" && !slices.ContainsFunc(c.rules.Counts, func(count Count) bool { return count.Of == of }) {
		c.add(path, "no count here is of %q", of)
	}
}

func (c *ruleCheck) sums() {
	for i, sum := range c.rules.AddsUp {
		at := []any{"adds_up", i}
		if len(sum.Over) == 0 || len(sum.Total) == 0 {
			c.add(at, "write over: the dimensions that are summed, and total: the values of the row that holds the sum")
		}
		for _, name := range slices.Concat(sum.Each, slices.Sorted(maps.Keys(sum.Total))) {
			if !slices.Contains(sum.Over, name) {
				c.add(at, "%s must be one of over", name)
			}
		}
		if !slices.Contains([]string{"", restByRounding}, sum.Rest) {
			c.add(append(at, "rest"), "rest is rounding, or not there")
		}
		c.hasDimensions(sum.Of, sum.Over, at...)
	}
	for i, nest := range c.rules.Nests {
		at := []any{"nests", i}
		for _, text := range []string{nest.Breakdown, nest.Value, nest.Part, nest.Whole, nest.Through.Relation, nest.Through.Part, nest.Through.Whole} {
			if text == "" {
				c.add(at, "write breakdown, value, part, whole and through: {relation, part, whole}")
				break
			}
		}
		c.hasDimensions(nest.Of, []string{nest.Breakdown, nest.Value}, at...)
	}
	for i, one := range c.rules.Includes {
		c.hasDimensions(one.Of, []string{one.Dimension}, "includes", i)
		if one.Part == "" || one.Whole == "" {
			c.add([]any{"includes", i}, "write dimension, part and whole")
		}
	}
	for i, one := range c.rules.Within {
		for _, name := range []string{one.Part, one.Whole} {
			if !slices.Contains(c.counted, name) {
				c.add([]any{"within", i}, "%q is not one of counts", name)
			}
		}
	}
}

func (c *ruleCheck) statistics() {
	for i, statistic := range c.rules.Statistics {
		at := []any{"statistics", i}
		for k, name := range statistic.Columns {
			c.measure(name, "statistics", i, "columns", k)
		}
		if len(statistic.Columns) == 0 || len(statistic.Needs) == 0 {
			c.add(at, "write columns, and needs: the counts of people they are made from")
		}
		for k, name := range statistic.Needs {
			if !slices.Contains(c.counted, name) {
				c.add([]any{"statistics", i, "needs", k}, "%q is not one of counts", name)
			}
		}
		if !slices.Contains([]string{"", kindCount, kindPay, kindBonus}, statistic.Kind) {
			c.add(append(at, "kind"), "kind is count, pay or bonus")
		}
		for _, name := range slices.Sorted(maps.Keys(statistic.Again)) {
			if !slices.Contains(statistic.Columns, name) {
				c.add(append(at, "again"), "%s is not one of columns", name)
			}
		}
		c.when(statistic.When, at...)
	}
	for i, repeat := range c.rules.Repeats {
		at := []any{"repeats", i}
		for k, name := range repeat.Columns {
			c.measure(name, "repeats", i, "columns", k)
		}
		if !slices.Contains(c.key, repeat.Over) {
			c.add(at, "over is a column of the key, by whose order the row before is found")
		}
		if !c.spoken[repeat.Of] || slices.Contains(c.rules.Plain, repeat.Of) {
			c.add(at, "of is a count or a statistic of the table")
		}
	}
	for i, name := range c.rules.Plain {
		c.measure(name, "not_about_people", i)
	}
}

// coverage sees to it that every number has been spoken of, and that rows can
// say what they withhold.
func (c *ruleCheck) coverage(columns []Column) {
	says := false
	if name := c.rules.ShownWhere; name != "" {
		if column := c.columns[name]; !strings.EqualFold(column.Type, "BOOLEAN") {
			c.add([]any{"shown_where"}, "%s is no BOOLEAN column", name)
		}
		c.spoken[name] = true
	}
	for _, column := range columns {
		switch {
		case column.Name == WithheldColumn && column.Type == "VARCHAR", column.Name == SuppressedColumn && column.Type == "BOOLEAN":
			says = true
		case slices.Contains(c.key, column.Name), c.spoken[column.Name], !isMeasure(column.Type):
		default:
			c.add(nil, "nothing is said of %s: put it under counts, statistics, repeats or not_about_people", column.Name)
		}
	}
	if !says {
		c.add(nil, "the table has neither `withheld` (VARCHAR) nor `suppressed` (BOOLEAN): its rows cannot say what is withheld")
	}
}

func isInteger(typeName string) bool {
	return slices.Contains([]string{"SMALLINT", "INTEGER", "INT", "BIGINT"}, strings.ToUpper(typeName))
}

// isMeasure says whether a column of that type may give people away. Texts and
// dates of the key's rows are labels.
func isMeasure(typeName string) bool {
	upper := strings.ToUpper(typeName)
	return isInteger(upper) || strings.HasPrefix(upper, "DECIMAL") || strings.HasPrefix(upper, "NUMERIC") ||
		slices.Contains([]string{"TINYINT", "HUGEINT", "DOUBLE", "BOOLEAN", "BOOL", "INTERVAL"}, upper)
}

// rounded says whether the counts of a column are published rounded.
func (c Count) rounded() bool { return c.Round > 0 || strings.HasSuffix(c.Column, "_rounded") }

// of is the name of the people that a count of a relation counts.
func (c Count) of(relation string) string {
	if c.Of != "" {
		return c.Of
	}
	return relation + "." + c.Column
}

// dimensions describes the people that a count of a row counts.
func (c Count) dimensions(key []string, r *row) map[string]string {
	found := maps.Clone(c.Fixed)
	if found == nil {
		found = map[string]string{}
	}
	for dimension, column := range c.By {
		found[dimension] = r.labels[column]
	}
	if len(c.By) == 0 && len(c.Fixed) == 0 {
		for _, name := range key {
			found[name] = r.labels[name]
		}
	}
	return found
}

// labels are the columns that describe rows: the key, and what counts are told
// by, and rules are limited by, beside it.
func (r *Rules) labels(key []string) []string {
	names := slices.Clone(key)
	add := func(column string) {
		if !slices.Contains(names, column) {
			names = append(names, column)
		}
	}
	for _, count := range r.Counts {
		for _, dimension := range slices.Sorted(maps.Keys(count.By)) {
			add(count.By[dimension])
		}
		for _, column := range slices.Sorted(maps.Keys(count.When)) {
			add(column)
		}
	}
	for _, statistic := range r.Statistics {
		for _, column := range slices.Sorted(maps.Keys(statistic.When)) {
			add(column)
		}
	}
	return names
}

// again is the SQL that makes a published value anew, or nothing.
func (r *Rules) again(column string) string {
	for _, statistic := range r.Statistics {
		if expression := statistic.Again[column]; expression != "" {
			return expression
		}
	}
	return ""
}

// measures are the columns that may have to be withheld.
func (r *Rules) measures() (counts, others []string) {
	for _, count := range r.Counts {
		counts = append(counts, count.Column)
	}
	for _, statistic := range r.Statistics {
		others = append(others, statistic.Columns...)
	}
	for _, repeat := range r.Repeats {
		others = append(others, repeat.Columns...)
	}
	slices.Sort(counts)
	slices.Sort(others)
	return slices.Compact(counts), slices.Compact(others)
}
