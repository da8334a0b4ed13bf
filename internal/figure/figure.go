// Package figure is what a dataset's definition says of its figures: which of
// them are headlines, and which rows of another dataset they come from. It is
// said in YAML beside the model, travels in the manifests of releases, and is
// read by those who compare releases and trace a figure to its rows.
package figure

// Headline is a measure that people quote. A change of it between two releases
// is told in a sentence.
type Headline struct {
	Measure string   `json:"measure" yaml:"measure"`
	Label   string   `json:"label" yaml:"label"` // as in "local share"
	Unit    string   `json:"unit,omitempty" yaml:"-"`
	When    string   `json:"when,omitempty" yaml:"when"` // condition on the dataset's columns; empty: every row
	Names   []string `json:"names" yaml:"names"`         // columns that say which figure it is
	Rows    *Rows    `json:"rows,omitempty" yaml:"rows"`
}

// Rows are the rows of another dataset that a headline is made from, and how a
// change of theirs is put in words.
type Rows struct {
	Dataset string            `json:"dataset" yaml:"dataset"`
	Match   map[string]string `json:"match" yaml:"match"` // column of the figure → column of the rows
	When    string            `json:"when,omitempty" yaml:"when"`
	Same    []string          `json:"same,omitempty" yaml:"same"` // columns by which a row is known again whose key is another now
	File    string            `json:"file,omitempty" yaml:"file"` // columns that say where a row came from
	Line    string            `json:"line,omitempty" yaml:"line"`
	Amount  string            `json:"amount,omitempty" yaml:"amount"`
	New     Words             `json:"new" yaml:"new"`
	Gone    Words             `json:"gone" yaml:"gone"`
	Changes []Change          `json:"changes" yaml:"changes"`
}

// Change is one way in which a row can change. The first that fits is told.
type Change struct {
	Columns []string `json:"columns" yaml:"columns"`
	Per     string   `json:"per,omitempty" yaml:"per"` // column whose values are counted, as the supplier; empty: the rows
	Say     Words    `json:"say" yaml:"say"`
}

// Words are how one and how many of a thing are called.
type Words []string

// Of says how many in words.
func (w Words) Of(n int64) string {
	if n == 1 {
		return "one " + w[0]
	}
	return Number(n) + " " + w[len(w)-1]
}

// Explanation says which rows a figure is the sum of.
type Explanation struct {
	Tier   string  `yaml:"tier"` // the file that has the rows: open, or a domain
	SQL    string  `yaml:"sql"`  // a SELECT in which `explained` is the one row of the figure
	Totals []Total `yaml:"totals"`

	Reads []string `yaml:"-"`
}

// Total says that a measure of the figure is the sum of a column of its rows, or
// their number.
type Total struct {
	Measure string `yaml:"measure"`
	Sum     string `yaml:"sum"`  // a column; empty: the number of rows
	When    string `yaml:"when"` // a column that is true in the rows that count; empty: all
}
