//go:build duckdb_arrow

package contract_test

import (
	"errors"
	"strings"
	"testing"

	"socialvalue/internal/contract"
)

// grown is a contract at its third version.
const grown = `
version: 3
description: x
grain: one line
load: {mode: append, identity: occurrence}
migrations:
  - {from: 1, note: names, rename: {a: b}, drop: [z]}
  - {from: 2, note: more, rename: {b: c}, set: {n: "7"}, cast: [t]}
columns:
  - {name: c, type: text}
  - {name: n, type: integer, required: true}
  - {name: t, type: text}
`

func TestMigrationsAreWritten(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, from, to, want string }{
		{"whole", "", "", ""},
		{"no way from a version", "  - {from: 1, note: names, rename: {a: b}, drop: [z]}\n", "", "nothing says how rows kept under version 1 are read"},
		{"no note", "note: names, ", "", "needs a note"},
		{"beyond", "version: 3", "version: 2", "must be a version before this one"},
		{"twice", "from: 2", "from: 1", "two migrations begin at version 1"},
		{"an unknown column", "cast: [t]", "cast: [tt]", `has no column "tt"`},
		{"an unknown name on the way", "rename: {a: b}", "rename: {a: bb}", `has no column "bb"`},
		{"a value that is none", `n: "7"`, `n: "x"`, "must be a whole number"},
		{"both renamed and dropped", "drop: [z]", "drop: [a]", "both renamed and dropped"},
		{"two into one", "rename: {a: b}", "rename: {a: b, y: b}", "both become b"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := contract.Parse("pipelines/demo/contracts/lines.yaml", []byte(strings.Replace(grown, tc.from, tc.to, 1)))
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestReadStored(t *testing.T) {
	t.Parallel()
	c, err := contract.Parse("pipelines/demo/contracts/lines.yaml", []byte(grown))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		version int
		columns []contract.Stored
		want    string // of the SQL or of the error
	}{
		{"through both", 1, stored("a VARCHAR", "z VARCHAR", "t BIGINT"), `as BIGINT) as "n"; cast(stored."t" as VARCHAR) as "t"`},
		{"as it stands", 3, stored("c VARCHAR", "n BIGINT", "line_key UUID"), `stored."c" as "c"; stored."n" as "n"; cast(null as VARCHAR) as "t"`},
		{"what is dropped is not there", 1, stored("a VARCHAR", "t VARCHAR"), "drops z, which they do not have"},
		{"what nobody named", 3, stored("c VARCHAR", "n BIGINT", "extra VARCHAR"), "they have extra"},
		{"a required column", 3, stored("c VARCHAR"), "they have no n, which is required"},
		{"another type", 3, stored("c VARCHAR", "n VARCHAR"), "cannot be made BIGINT without a guess"},
		{"a type that must be cast", 3, stored("c DATE", "n BIGINT"), "say cast: [c]"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			items, err := c.ReadStored(tc.version, tc.columns)
			got := strings.Join(items, "; ")
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, tc.want) {
				t.Errorf("got %s\nwant %s", got, tc.want)
			}
		})
	}
	var newer *contract.NewerError
	if _, err := c.ReadStored(4, nil); !errors.As(err, &newer) {
		t.Errorf("got %v", err)
	}
}

// stored are columns of kept rows, each a name and an SQL type.
func stored(texts ...string) []contract.Stored {
	columns := make([]contract.Stored, len(texts))
	for i, text := range texts {
		columns[i].Name, columns[i].Type, _ = strings.Cut(text, " ")
	}
	return columns
}
