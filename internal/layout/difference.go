package layout

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Kind says in what way two lists of columns differ.
type Kind string

// The kinds of differences.
const (
	Missing  Kind = "missing"  // the contract has it, the file (or the other contract) has not
	Extra    Kind = "extra"    // the file has it, the contract has not
	Several  Kind = "several"  // several columns of the file claim to be it
	Constant Kind = "constant" // it is set to a constant and is in the file too, or the constant is for no column
	Type     Kind = "type"     // what it holds is of another type
	Order    Kind = "order"    // it stands in another place
)

// Difference is one way in which a file's columns are not those of a contract,
// or one contract's not those of another.
type Difference struct {
	Kind     Kind   `json:"kind"`
	Column   string `json:"column,omitempty"`   // of the contract
	Header   string `json:"header,omitempty"`   // of the file
	Position int    `json:"position,omitempty"` // in the file, from 1
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
	Refuses  bool   `json:"refuses"` // a file that differs so is not loaded
	Remedy   string `json:"remedy,omitempty"`
}

// WriteTable prints differences for a person, one a line; nothing when there is
// none.
func WriteTable(w io.Writer, differences []Difference) error {
	if len(differences) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "difference\tcolumn\tin the file\texpected\tfound\trefused\twhat to do")
	for _, d := range differences {
		header := d.Header
		if d.Position > 0 {
			header = strings.TrimSpace(fmt.Sprintf("%s (column %d)", header, d.Position))
		}
		refuses := "no"
		if d.Refuses {
			refuses = "yes"
		}
		fmt.Fprintln(t, strings.Join([]string{string(d.Kind), dash(d.Column), dash(header), dash(d.Expected), dash(d.Found), refuses, dash(d.Remedy)}, "\t"))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print the differences: %w", err)
	}
	return nil
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// outOfOrder lists what stands before something that it comes after by its rank,
// as few as possible: those that a longest ascending run leaves out.
func outOfOrder(ranks []int) []int {
	longest, before := make([]int, len(ranks)), make([]int, len(ranks))
	end := -1
	for i := range ranks {
		longest[i], before[i] = 1, -1
		for j := range i {
			if ranks[j] < ranks[i] && longest[j]+1 > longest[i] {
				longest[i], before[i] = longest[j]+1, j
			}
		}
		if end < 0 || longest[i] > longest[end] {
			end = i
		}
	}
	var kept []int
	for i := end; i >= 0; i = before[i] {
		kept = append(kept, i)
	}
	var moved []int
	for i := range ranks {
		if !slices.Contains(kept, i) {
			moved = append(moved, i)
		}
	}
	return moved
}

// CompareColumns lists how the columns of one contract differ from those of
// another: what is gone, what came, what changed its type or whether it must be
// there, what moved.
func CompareColumns(before, after []Column) []Difference {
	var differences []Difference
	find := func(columns []Column, name string) int {
		return slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
	}
	var ranks []int
	var shared []string
	for i, old := range before {
		at := find(after, old.Name)
		if at < 0 {
			differences = append(differences, Difference{
				Kind: Missing, Column: old.Name, Expected: kindOf(old), Refuses: true,
				Remedy: "say in a migration whether it was renamed or dropped",
			})
			continue
		}
		ranks, shared = append(ranks, at), append(shared, before[i].Name)
		if now := after[at]; kindOf(now) != kindOf(old) {
			differences = append(differences, Difference{
				Kind: Type, Column: old.Name, Expected: kindOf(old), Found: kindOf(now), Refuses: old.Type != now.Type,
				Remedy: "raise the version, and say it in a migration",
			})
		}
	}
	for _, now := range after {
		if find(before, now.Name) < 0 {
			d := Difference{Kind: Extra, Column: now.Name, Found: kindOf(now), Refuses: now.Required}
			if now.Required {
				d.Remedy = "set its value for rows kept before, in a migration"
			}
			differences = append(differences, d)
		}
	}
	found := inFileOrder(shared, ranks)
	for _, i := range outOfOrder(ranks) {
		differences = append(differences, Difference{
			Kind: Order, Column: shared[i], Expected: neighbour(shared, shared[i]), Found: neighbour(found, shared[i]),
		})
	}
	return differences
}

// inFileOrder puts names in the order of their ranks.
func inFileOrder(names []string, ranks []int) []string {
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return ranks[a] - ranks[b] })
	sorted := make([]string, len(names))
	for i, at := range order {
		sorted[i] = names[at]
	}
	return sorted
}

// neighbour says after which other name a name stands.
func neighbour(names []string, name string) string {
	if i := slices.Index(names, name); i > 0 {
		return "after " + names[i-1]
	}
	return "first"
}

// kindOf is a column's type and whether it must be there.
func kindOf(c Column) string {
	kind := c.Type
	if c.Required {
		kind += ", required"
	}
	return strings.TrimPrefix(kind, ", ")
}

// OrderDifferences lists the columns that stand elsewhere in the file than in
// the contract. Nothing depends on it where there is a header.
func (b *Binding) OrderDifferences() []Difference {
	var present []Bound
	var ranks []int
	for _, bound := range b.Columns {
		if bound.Index >= 0 {
			present, ranks = append(present, bound), append(ranks, bound.Index)
		}
	}
	names := make([]string, len(present))
	for i, bound := range present {
		names[i] = bound.Name
	}
	found := inFileOrder(names, ranks)
	var differences []Difference
	for _, i := range outOfOrder(ranks) {
		differences = append(differences, Difference{
			Kind: Order, Column: names[i], Header: present[i].Header, Position: ranks[i] + 1,
			Expected: neighbour(names, names[i]), Found: neighbour(found, names[i]),
		})
	}
	return differences
}

// Differences lists everything in which the file's columns do not fit. Names
// that may be a row of personal data are left out.
func (e *BindError) Differences() []Difference {
	var list []Difference
	for _, name := range e.Missing {
		list = append(list, Difference{Kind: Missing, Column: name, Expected: "required", Refuses: true, Remedy: "map it, or set it to a constant"})
	}
	for _, d := range e.Duplicates {
		list = append(list, Difference{
			Kind: Several, Column: d.Column, Found: strings.Join(d.Headers, ", "), Refuses: true,
			Remedy: "map one and ignore the others, or correct the header",
		})
	}
	for _, c := range e.Conflicts {
		list = append(list, Difference{
			Kind: Constant, Column: c.Column, Found: strings.Join(c.Headers, ", "), Refuses: true,
			Remedy: "remove the constant, or ignore that column",
		})
	}
	for _, name := range e.NoSuchColumn {
		list = append(list, Difference{Kind: Constant, Found: name, Refuses: true, Remedy: e.meant(name)})
	}
	if e.hidden() {
		return append(list, Difference{
			Kind: Extra, Found: fmt.Sprintf("%d names, none known", len(e.Header)), Refuses: true,
			Remedy: "look whether the header is missing: they may be a row of personal data and are not shown",
		})
	}
	suggested := e.Suggest()
	for _, u := range e.Unknown {
		d := Difference{Kind: Extra, Header: u.Header, Position: u.Index + 1, Refuses: true}
		switch column := suggested[u.Header]; {
		case u.Header == "":
			d.Remedy = `if it is empty and nothing follows it, add ignore: [""]; otherwise correct the header`
		case column != "":
			d.Expected, d.Remedy = column, fmt.Sprintf("perhaps map: {%q: %s}", u.Header, column)
		default:
			d.Remedy = fmt.Sprintf("to leave it aside, add ignore: [%q]", u.Header)
		}
		list = append(list, d)
	}
	return list
}
