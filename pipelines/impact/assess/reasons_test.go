package assess_test

import (
	"encoding/csv"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestEveryCodeHasAReason proves that whatever is refused is told in words, with a remedy: every code of the packages stands in
// ref.impact_reasons.
func TestEveryCodeHasAReason(t *testing.T) {
	t.Parallel()
	file, err := os.Open("../../../sql/ref/impact_reasons.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, row := range rows {
		known[row[0]] = row[1] != "" && row[2] != ""
	}
	codes := 0
	for name, block := range map[string]string{"result.go": "Codes of", "../netting/netting.go": "Codes of", "../appraisal/ratios.go": "Reasons why"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range parsed.Decls {
			constants, ok := declared.(*ast.GenDecl)
			if !ok || constants.Tok != token.CONST || !strings.HasPrefix(constants.Doc.Text(), block) {
				continue
			}
			for _, spec := range constants.Specs {
				for _, value := range spec.(*ast.ValueSpec).Values {
					code, err := strconv.Unquote(value.(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					codes++
					if !known[code] {
						t.Errorf("%s: %s has no reason and remedy in sql/ref/impact_reasons.csv", name, code)
					}
				}
			}
		}
	}
	if codes < 35 {
		t.Errorf("only %d codes were found", codes)
	}
}
