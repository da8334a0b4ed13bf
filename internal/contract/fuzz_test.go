package contract_test

import (
	"os"
	"path/filepath"
	"testing"

	"socialvalue/internal/contract"
)

// FuzzParse reads any text as a contract: it is accepted and can be named by a
// digest, or refused with words.
func FuzzParse(f *testing.F) {
	shipped, err := filepath.Glob("../../pipelines/*/contracts/*.yaml")
	if err != nil || len(shipped) == 0 {
		f.Fatalf("%d contracts, %v", len(shipped), err)
	}
	for _, file := range shipped {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("version: 1\ngrain: a\ndescription: b\nload: {mode: append, identity: none}\ncolumns: [{name: a, type: text, pattern: '(', description: c}]"))
	f.Add([]byte("columns: [{name: a, type: money, min: x, recode: {a: b}, values: [c]}]\nlayouts: [{when: {header_has: ['*']}}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := contract.Parse("pipelines/p/contracts/c.yaml", data)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}
			return
		}
		if _, err := c.Digest(); err != nil {
			t.Fatal(err)
		}
		if c.Relation() != "raw.p_c" || len(c.Columns) == 0 || len(c.LayoutColumns()) != len(c.Columns) {
			t.Fatalf("accepted %+v", c)
		}
	})
}
