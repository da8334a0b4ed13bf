//go:build duckdb_arrow

package spend_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"socialvalue"
	"socialvalue/internal/estimators"
	"socialvalue/internal/model"
	"socialvalue/internal/site"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// row is a row of the fixture; a column it does not name is null.
type row map[string]*string

// edgeCases is testdata/edge_cases.yaml: a ledger small enough to add up by hand.
type edgeCases struct {
	Site struct {
		AsOf       string   `yaml:"as_of"`
		StartMonth string   `yaml:"financial_year_start_month"`
		StartDay   string   `yaml:"financial_year_start_day"`
		Bodies     []row    `yaml:"bodies"`
		Area       []string `yaml:"area"`
	} `yaml:"site"`
	Districts     []row `yaml:"districts"`
	MassAddresses []row `yaml:"mass_addresses"`
	Postcodes     []row `yaml:"postcodes"`
	LSOAs         []row `yaml:"lsoas"`
	Wards         []row `yaml:"wards"`
	Lines         []row `yaml:"lines"`
	// Lists are rows of the supplier lists and registers, by contract.
	Lists  map[string][]row `yaml:"lists"`
	Expect struct {
		Published           []string `yaml:"published"`
		DuplicateCandidates []row    `yaml:"duplicate_candidates"`
		Payments            []row    `yaml:"payments"`
	} `yaml:"expect"`
}

func TestEdgeCases(t *testing.T) {
	t.Parallel()
	cases := read(t, "testdata/edge_cases.yaml")
	w := build(t, cases)
	w.checkPayments(t, cases)
	t.Run("the over-£500 file holds the lines expected", func(t *testing.T) {
		columns := []string{"document_ref", "document_line", "line_amount_gbp"}
		got := w.texts(t, "spend.published_payments", columns, "true")
		var want []string
		for _, line := range cases.Lines {
			if slices.Contains(cases.Expect.Published, *line["n"]) {
				want = append(want, strings.Join([]string{text(line["document_ref"]), text(line["document_line"]), text(line["amount_gbp"])}, "|"))
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
	t.Run("one invoice paid twice is queued", func(t *testing.T) {
		for _, want := range cases.Expect.DuplicateCandidates {
			columns := []string{"document_ref", "earlier_document_ref", "days_apart", "resemblance"}
			values := make([]string, len(columns))
			for i, name := range columns {
				values[i] = text(want[name])
			}
			if diff := cmp.Diff([]string{strings.Join(values, "|")}, w.texts(t, "spend.duplicate_candidates", columns, "true")); diff != "" {
				t.Errorf("candidates (-want +got):\n%s", diff)
			}
		}
	})
	t.Run("local spend is what was added up apart from the models", func(t *testing.T) {
		data, err := os.ReadFile("testdata/edge_cases_local_spend.csv")
		if err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		columns, want := records[0], make([]string, 0, len(records))
		for _, record := range records[1:] {
			for i := range record {
				if record[i] == "" {
					record[i] = "null"
				}
			}
			want = append(want, strings.Join(record, "|"))
		}
		slices.Sort(want)
		got := w.texts(t, "spend.local_spend", columns,
			"breakdown in ('all', 'without_capital', 'without_top3', 'lad', 'imd_decile', 'flow_class')")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n(-want +got):\n%s", strings.Join(columns, "|"), diff)
		}
	})
}

// ours are the stages of spend and what other feeds tell of suppliers; the others make places.
var ours = regexp.MustCompile(`^stage\.(spend_|supplier_|.*_supplier_(mentions|evidence)$)`)

// TestSupplierCases plays what is known of suppliers at the places of TestEdgeCases.
func TestSupplierCases(t *testing.T) {
	t.Parallel()
	cases, places := read(t, "testdata/supplier_cases.yaml"), read(t, "testdata/edge_cases.yaml")
	cases.Site, cases.Districts, cases.Postcodes = places.Site, places.Districts, places.Postcodes
	cases.LSOAs, cases.Wards, cases.MassAddresses = places.LSOAs, places.Wards, places.MassAddresses
	w := build(t, cases)
	w.checkPayments(t, cases)
	t.Run("E19 the parts of a consortium", func(t *testing.T) {
		want := []string{"Here Ltd|60.01|true", "There Ltd|40.00|false"}
		if diff := cmp.Diff(want, w.texts(t, "spend.consortium_parts", []string{"member_name", "amount_gbp", "is_local"}, "true")); diff != "" {
			t.Errorf("parts (-want +got):\n%s", diff)
		}
		// Both parts are in their district, and the line counts once.
		want = []string{"E08000011|60.01|60.01", "outside_area|40.00|0.00"}
		if diff := cmp.Diff(want, w.texts(t, "stage.spend_share_cells", []string{"breakdown_value", "spend_gbp", "local_gbp"},
			"body_code = 'E47000004' and local_definition = 'reg_office' and breakdown = 'lad' and supplier_key = "+
				"(select supplier_key from spend.payments where supplier_name = 'Bridge Consortium')")); diff != "" {
			t.Errorf("cells (-want +got):\n%s", diff)
		}
	})
}

func read(t *testing.T, name string) edgeCases {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var cases edgeCases
	if err := yaml.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// checkPayments holds every line against what is expected of it, in a test named for the rows of section E it shows.
func (b built) checkPayments(t *testing.T, cases edgeCases) {
	t.Helper()
	shows := map[string]string{}
	for _, line := range cases.Lines {
		shows[*line["n"]] = *line["case"]
	}
	for _, want := range cases.Expect.Payments {
		t.Run(shows[*want["n"]]+", line "+*want["n"], func(t *testing.T) {
			var columns, values []string
			for name, value := range want {
				switch name {
				case "n":
				case "duplicate_of":
					columns, values = append(columns, name), append(values, lineKey(*value))
				default:
					columns, values = append(columns, name), append(values, text(value))
				}
			}
			got := b.texts(t, "spend.payments", columns, "line_key = "+warehouse.Text(lineKey(*want["n"])))
			if diff := cmp.Diff([]string{strings.Join(values, "|")}, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", strings.Join(columns, "|"), diff)
			}
		})
	}
}

// built is a database in which the spend models were made from the fixture.
type built struct{ db *warehouse.DB }

// build makes the spend models from the fixture.
func build(t *testing.T, cases edgeCases) built {
	t.Helper()
	given := map[string][]row{
		"geo.postcode": cases.Postcodes, "geo.lsoa": cases.LSOAs, "geo.ward": cases.Wards, "geo.district": cases.Districts,
		"raw.spend_payments": rawLines(cases.Lines), "site.bodies": cases.Site.Bodies, "site.area": areaRows(cases.Site.Area),
		"site.as_of": {{"as_of": &cases.Site.AsOf}},
		"site.settings": {{
			"financial_year_start_month": &cases.Site.StartMonth, "financial_year_start_day": &cases.Site.StartDay,
		}},
	}
	for contract, rows := range cases.Lists {
		given["raw.spend_"+contract] = listRows(contract, rows)
	}
	return buildFrom(t, given, map[string][]row{"ref.spend_mass_addresses": cases.MassAddresses},
		"spend.local_spend", "spend.published_payments", "spend.duplicate_candidates")
}

// buildFrom makes the inputs given, the shipped reference data with the rows added, and every spend model that the targets
// need. Feeds that are not given are there and empty.
func buildFrom(t *testing.T, given, added map[string][]row, targets ...string) built {
	t.Helper()
	project := project(t)
	db, err := warehouse.Open(t.Context(), "", warehouse.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	wanted := append(project.Ancestors(targets...), targets...)
	relations := slices.Clone(wanted)
	for relation := range given {
		if !slices.Contains(relations, relation) {
			relations = append(relations, relation)
		}
	}
	if err := project.Scaffold(t.Context(), db, relations); err != nil {
		t.Fatal(err)
	}
	for relation, rows := range given {
		insert(t, db, project, relation, rows)
	}
	for _, relation := range project.Order {
		node := project.Nodes[relation]
		if given[relation] != nil || !slices.Contains(wanted, relation) || strings.HasPrefix(relation, "geo.") ||
			strings.HasPrefix(relation, "stage.") && !ours.MatchString(relation) {
			continue
		}
		if _, err := db.Exec(t.Context(), "drop table if exists "+warehouse.Relation(relation)); err != nil {
			t.Fatal(err)
		}
		if _, err := project.Produce(t.Context(), db, node, nil); err != nil {
			t.Fatal(err)
		}
		insert(t, db, project, relation, added[relation])
	}
	return built{db}
}

// project is the one a site with nothing of its own has.
func project(t *testing.T) *model.Project {
	t.Helper()
	dir := t.TempDir()
	settings := "name: Edge cases\nversion: 1\nbodies: [{code: E47000004, name: Authority, role: authority}]\n" +
		"area: {name: Area, lad_codes: [E08000012]}\ntime_zone: Europe/London\nbaseline_year: 2022-23\n"
	if err := os.WriteFile(filepath.Join(dir, "svw.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	project, err := workspace.Project(t.Context(), workspace.Environment{
		Site: s, Files: socialvalue.Assets, Estimators: estimators.All(), Version: "test",
		Now: func() time.Time { return time.Date(2025, time.June, 30, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// rawLines are the lines as they stand after loading: constants of the source and the columns of the engine filled in.
func rawLines(lines []row) []row {
	constants := map[string]string{"amount_basis": "net", "coverage": "ledger", "posting_date_basis": "posting"}
	raw := make([]row, 0, len(lines))
	for _, line := range lines {
		key, file, number := lineKey(*line["n"]), "ledger.csv", *line["n"]
		r := row{"line_key": &key, "_source_file": &file, "_source_row": &number}
		for name, value := range constants {
			r[name] = &value
		}
		for name, value := range line {
			switch name {
			case "n", "case":
			case "source_file", "source_row":
				r["_"+name] = value
			default:
				r[name] = value
			}
		}
		raw = append(raw, r)
	}
	return raw
}

// listRows are rows of a supplier list as they stand after loading.
func listRows(contract string, rows []row) []row {
	raw := make([]row, 0, len(rows))
	for i, r := range rows {
		number, file := strconv.Itoa(i+2), contract+".csv"
		key := lineKey(number)
		r["line_key"], r["source"], r["_source_file"], r["_source_row"] = &key, &contract, &file, &number
		raw = append(raw, r)
	}
	return raw
}

func areaRows(codes []string) []row {
	rows := make([]row, len(codes))
	for i := range codes {
		rows[i] = row{"lad_code": &codes[i]}
	}
	return rows
}

func lineKey(n string) string {
	return "00000000-0000-0000-0000-" + strings.Repeat("0", 12-len(n)) + n
}

func insert(t *testing.T, db *warehouse.DB, project *model.Project, relation string, rows []row) {
	t.Helper()
	columns, ok := project.Columns(relation)
	if !ok {
		t.Fatalf("%s: columns not known", relation)
	}
	for i, r := range rows {
		values := make([]string, len(columns))
		for j, c := range columns {
			values[j] = "null"
			if value := r[c.Name]; value != nil {
				values[j] = fmt.Sprintf("cast(%s as %s)", warehouse.Text(*value), c.Type)
			}
		}
		if _, err := db.Exec(t.Context(), "insert into "+warehouse.Relation(relation)+" values ("+strings.Join(values, ", ")+")"); err != nil {
			t.Fatalf("%s, row %d: %v", relation, i+1, err)
		}
	}
}

// texts are rows of a relation as text, sorted.
func (b built) texts(t *testing.T, relation string, columns []string, where string) []string {
	t.Helper()
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = "coalesce(cast(" + c + " as varchar), 'null')"
	}
	rows, err := b.db.Texts(t.Context(), "select concat_ws('|', "+strings.Join(parts, ", ")+") from "+warehouse.Relation(relation)+
		" where "+where+" order by 1")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(rows)
	return rows
}

func text(value *string) string {
	if value == nil {
		return "null"
	}
	return *value
}
