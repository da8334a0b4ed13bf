package assess_test

import (
	"encoding/csv"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
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
	for name, block := range map[string]string{"result.go": "Codes of|Flags of", "../netting/netting.go": "Codes of", "../appraisal/ratios.go": "Reasons why"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range parsed.Decls {
			constants, ok := declared.(*ast.GenDecl)
			if !ok || constants.Tok != token.CONST || !startsWithOneOf(constants.Doc.Text(), block) {
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
	if codes < 45 {
		t.Errorf("only %d codes were found", codes)
	}
}

func startsWithOneOf(text, beginnings string) bool {
	for beginning := range strings.SplitSeq(beginnings, "|") {
		if strings.HasPrefix(text, beginning) {
			return true
		}
	}
	return false
}

// TestEveryRowHasATest proves that each of the edge cases 61 to 92 of the methods page is a test named for it, in Go or beside a
// model.
func TestEveryRowHasATest(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, pattern := range []string{"../*/*_test.go", "../../../sql/impact/*.yaml", "../../../sql/stage/impact_*.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(names), err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(string(data), "\n") {
				if strings.HasPrefix(line, "func Test") || strings.HasPrefix(line, "  - name: row ") {
					text.WriteString(line + "\n")
				}
			}
		}
	}
	for row := 61; row <= 92; row++ {
		n := strconv.Itoa(row)
		if !regexp.MustCompile(`func Test\w*Row` + n + `\D|name: row ` + n + `\D`).MatchString(text.String()) {
			t.Errorf("row %d has no test named for it", row)
		}
	}
}

// TestNothingOfOtherPipelinesEnters proves that sustained tenancies, jobs from spend and the local multiplier enter only where a
// project declares them as outcomes: no model here reads what another pipeline makes, but for what is asked of every agreement.
func TestNothingOfOtherPipelinesEnters(t *testing.T) {
	t.Parallel()
	others := regexp.MustCompile(`(?i)\b(from|join)\s+(raw\.(?:[^i]|i[^m])|(spend|people|travel|housing_first|skills|indicators)\.|stage\.(?:[^i]|i[^m]))`)
	// Contracts, grants and investments are monitored alike (M23, M24): a union has what each brings.
	ofEveryAgreement := regexp.MustCompile(`(?i)\b(from|join)\s+stage\.(agreements|deliverables|deliverable_reports|recovery_actions)\b`)
	models := 0
	for _, pattern := range []string{"../../../sql/impact/*.sql", "../../../sql/stage/impact_*.sql"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_indicator_figures.sql") {
				continue // they take figures out of impact, and ask which years are over
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			models++
			data = ofEveryAgreement.ReplaceAll(data, nil)
			if found := others.Find(data); found != nil {
				t.Errorf("%s reads %s", name, found)
			}
		}
	}
	if models < 30 {
		t.Errorf("only %d models were read", models)
	}
}
