package model

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Difference is one column in which a result is not what its YAML declares.
type Difference struct {
	Column   string `json:"column"`
	Problem  string `json:"problem"` // missing, extra or type
	Declared string `json:"declared,omitempty"`
	Result   string `json:"result,omitempty"`
}

func (d Difference) sentence(specFile string) string {
	switch d.Problem {
	case "missing":
		return fmt.Sprintf("the result has no column %s, which %s declares: select it, or remove it there", d.Column, specFile)
	case "extra":
		return fmt.Sprintf("the result has a column %s, which %s does not declare: declare it there, or leave it out", d.Column, specFile)
	}
	return fmt.Sprintf("column %s is %s, which does not fit the declared %s: cast it in the SELECT", d.Column, d.Result, d.Declared)
}

// ContractError says that a model's result is not what its YAML declares.
type ContractError struct {
	Relation    string       `json:"relation"`
	File        string       `json:"file"`
	SpecFile    string       `json:"spec_file"`
	Differences []Difference `json:"differences"`
}

func (e *ContractError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: the result of %s is not what %s declares; make one follow the other:\n", e.File, e.Relation, e.SpecFile)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  column\tproblem\tdeclared\tresult")
	for _, d := range e.Differences {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", d.Column, d.Problem, orDash(d.Declared), orDash(d.Result))
	}
	_ = w.Flush() // a strings.Builder takes everything
	return strings.TrimRight(b.String(), "\n")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// columnDifferences compares names alone, without regard to order.
func columnDifferences(declared []Column, result []string) []Difference {
	columns := make([]Column, len(result))
	for i, name := range result {
		columns[i].Name = name
	}
	return differences(declared, columns)
}

// differences compares a result with what is declared; a column without a type is compared by name alone.
func differences(declared, result []Column) []Difference {
	var found []Difference
	for _, d := range declared {
		switch r, ok := findFold(result, d.Name); {
		case !ok:
			found = append(found, Difference{d.Name, "missing", d.Type, ""})
		case r.Type != "" && !fits(r.Type, d.Type):
			found = append(found, Difference{d.Name, "type", d.Type, r.Type})
		}
	}
	for _, r := range result {
		if _, ok := findFold(declared, r.Name); !ok {
			found = append(found, Difference{r.Name, "extra", "", r.Type})
		}
	}
	return found
}

func findFold(columns []Column, name string) (Column, bool) {
	for _, c := range columns {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return Column{}, false
}
