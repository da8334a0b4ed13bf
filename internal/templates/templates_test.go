package templates_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"socialvalue/internal/contract"
	"socialvalue/internal/templates"
)

func builtIn(t *testing.T) (map[string]*templates.Template, map[string]*contract.Contract) {
	t.Helper()
	contracts, err := contract.LoadAll(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	all, err := templates.Load(os.DirFS("../.."), contracts)
	if err != nil {
		t.Fatal(err)
	}
	return all, contracts
}

func write(t *testing.T, template *templates.Template, ask templates.Ask) (*excelize.File, []byte) {
	t.Helper()
	var out bytes.Buffer
	request := templates.Request{Year: "2024-25", Today: time.Date(2025, 4, 20, 9, 0, 0, 0, time.UTC), Site: "Our City Region", Files: os.DirFS("../.."), Ask: ask}
	if err := templates.Write(t.Context(), &out, template, request); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	return book, out.Bytes()
}

// The same template on the same day is the same bytes, headings are locked, and cells below are not.
func TestTheRegistersWorkbook(t *testing.T) {
	t.Parallel()
	all, _ := builtIn(t)
	book, first := write(t, all["registers"], nil)
	if _, second := write(t, all["registers"], nil); !bytes.Equal(first, second) {
		t.Error("written twice it has other bytes")
	}
	want := []string{
		"Read me", "Lists", "Register Engagement", "Register Partners", "Register Learning", "Register Voice", "Register Decisions", "Register Emissions",
		"Register Charter members", "Register Accreditations", "Register Foodbank points", "Register Grant agreements", "Commitments", "Actions", "Published figures", "Case studies", "Indicators",
	}
	if diff := cmp.Diff(want, book.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	if visible, err := book.GetSheetVisible("Lists"); err != nil || visible {
		t.Errorf("the lists are visible: %t, %v", visible, err)
	}
	rules, err := book.GetDataValidations("Commitments")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rules, func(rule *excelize.DataValidation) bool { return strings.HasPrefix(rule.Sqref, "E2:") })
	if i < 0 || rules[i].Formula1 != `"not_started,on_track,at_risk,off_track,met,withdrawn"` {
		t.Errorf("the states of a commitment are not offered: %+v", rules)
	}
	comments, err := book.GetComments("Actions")
	if err != nil || len(comments) != 10 {
		t.Errorf("%d hints, %v", len(comments), err)
	}
}

// A return has one sheet with ten questions.
func TestTheReturnOfASupplier(t *testing.T) {
	t.Parallel()
	all, contracts := builtIn(t)
	book, _ := write(t, all["supplier-return"], nil)
	var visible []string
	for _, sheet := range book.GetSheetList() {
		if shown, err := book.GetSheetVisible(sheet); err == nil && shown {
			visible = append(visible, sheet)
		}
	}
	if diff := cmp.Diff([]string{"Your return"}, visible); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	rows, err := book.GetRows("Your return")
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, row := range rows {
		if len(row) > 1 && row[0] != "" && row[1] != "" {
			numbers = append(numbers, row[0])
		}
	}
	if strings.Join(numbers, " ") != "1 2 3 4 5 6 7 8 9 10" {
		t.Errorf("the questions are numbered %v", numbers)
	}
	// Any measurement system or none: those of the reference data.
	text, err := os.ReadFile("../../sql/ref/impact_systems.csv")
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	systems := []string{"none"}
	for _, record := range records[1:] {
		systems = append(systems, record[0])
	}
	if diff := cmp.Diff(systems, contracts["impact/supplier_returns"].Column("system").Values); diff != "" {
		t.Errorf("the systems that a supplier may choose (-reference +contract):\n%s", diff)
	}
}

// Rows stand in the words of who fills them in, and a question that lacks a column is told.
func TestRowsOfTheRelease(t *testing.T) {
	t.Parallel()
	all, _ := builtIn(t)
	one, year, name, last := "1.0000", "2024-25", "Example University", "0"
	columns := []string{"entry_ref", "financial_year", "entry_name", "entry_value", "entry_base", "last_value", "evidence", "entry_owner", "entered_on"}
	var asked string
	answer := func(_ context.Context, question string) ([]string, [][]*string, error) {
		if strings.Contains(question, "'partners'") {
			asked = question
			return columns, [][]*string{{&one, &year, &name, &one, nil, &last, nil, nil, nil}}, nil
		}
		return []string{
			"entry_ref", "financial_year", "entry_name", "entry_value", "entry_base", "last_value", "evidence", "entry_owner", "entered_on",
			"commitment_id", "commitment_text", "last_status", "status", "due", "commitment_owner", "action_ref", "indicator_id", "deliverable", "action_text",
			"kind", "action_owner", "outcome", "breakdown", "breakdown_value", "published_value", "unit", "published_in", "page", "published_date",
			"definition_difference", "case_study_ref", "title", "role", "place", "indicators", "body", "consent_given", "consent_expires", "indicator_name",
			"indicator_owner", "vision", "corporate_objective", "marmot_priority", "pillar", "key_question",
		}, nil, nil
	}
	book, _ := write(t, all["registers"], answer)
	if value, err := book.GetCellValue("Register Partners", "D2"); err != nil || value != "yes" {
		t.Errorf("1 is told as %q, %v", value, err)
	}
	if !strings.Contains(asked, "financial_year = '2023-24'") || strings.Contains(asked, "{") {
		t.Errorf("asked: %s", asked)
	}
	request := templates.Request{Year: "2024-25", Files: os.DirFS("../.."), Ask: func(context.Context, string) ([]string, [][]*string, error) {
		return []string{"entry_ref"}, [][]*string{{&one}}, nil
	}}
	err := templates.Write(t.Context(), &bytes.Buffer{}, all["registers"], request)
	if err == nil || !strings.Contains(err.Error(), "fill sheet Register Engagement: question carried has no column financial_year") {
		t.Errorf("%v", err)
	}
}

// A template that would not come back is told with its line.
func TestMistakesOfATemplate(t *testing.T) {
	t.Parallel()
	_, contracts := builtIn(t)
	text := `title: Registers
for: somebody
file: drop/x.xlsx
sheets:
  - name: Entries
    contract: registers/entries
    layout: engagement
    columns:
      - {column: entry_nam}
      - {column: register}
      - {show: Something}
`
	_, err := templates.Load(fstest.MapFS{"pipelines/registers/templates/bad.yaml": {Data: []byte(text)}}, contracts)
	if err == nil {
		t.Fatal("it was accepted")
	}
	for _, want := range []string{
		"bad.yaml:9:18: contract registers/entries has no column entry_nam", "bad.yaml:10:18: layout engagement sets register: leave it out",
		"bad.yaml:11:16: layout engagement does not ignore \"Something\"", "entry_ref is required by contract registers/entries and not asked for",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}
