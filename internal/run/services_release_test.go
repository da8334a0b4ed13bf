//go:build duckdb_arrow

package run_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	socialvalue "socialvalue"
	"socialvalue/internal/contract"
	"socialvalue/internal/manifest"
	"socialvalue/internal/query"
	"socialvalue/internal/runreport"
)

// TestServices makes a run of the people services and geography alone, and searches all that it releases.
func TestServices(t *testing.T) {
	t.Parallel()
	f := newFlow(t)
	f.disableAllBut(t, "geography", "housingfirst", "skills")
	head, rest, _ := strings.Cut(f.read(t, "svw.yaml"), "  # ---- spend\n")
	_, rest, _ = strings.Cut(rest, "  # ---- housing first")
	rest, _, found := strings.Cut(rest, "  # ---- impact\n")
	if !found {
		t.Fatal("svw.yaml of the demonstration has other parts")
	}
	f.write(t, "svw.yaml", head+"  # ---- housing first"+rest)
	report := f.run(t)
	if failed := append(modelsBy(report, "failed"), modelsBy(report, "held")...); len(failed) > 0 {
		t.Fatalf("not built: %v", failed)
	}
	if refused := filesBy(report, runreport.FileRefused); len(refused) > 0 {
		t.Fatalf("refused: %v", refused)
	}
	servicesAgree(t, f)
	t.Run("each supporting measure has figures", func(t *testing.T) {
		got := f.texts(t, "skills", `select indicator_id, max(denominator) >= 10 or indicator_id = 'M26' from skills.supporting_measures
			where measured_value between ci_low and ci_high group by indicator_id order by indicator_id`)
		if diff := cmp.Diff([]string{"M26 true", "SP15 true", "SP16 true", "SP17 true", "SP18 true", "SP19 true"}, got); diff != "" {
			t.Errorf("measures with a value within its interval (-want +got):\n%s", diff)
		}
		if t.Failed() || testing.Verbose() {
			t.Log(strings.Join(f.texts(t, "skills", `select indicator_id, figure, period, base, round(measured_value, 3), denominator, is_final, null_reason
				from skills.supporting_measures where breakdown = 'all' order by all`), "\n"))
		}
	})
	t.Run("indicators tell what the open tables tell", func(t *testing.T) { servicesIndicatorsAreOpen(t, f) })
	t.Run("need, health and offending stay in the build area", func(t *testing.T) { needsStay(t, f) })
	t.Run("no identifier of a person leaves the landed files", func(t *testing.T) { identifiersStay(t, f) })
	t.Run("rows about people carry months", func(t *testing.T) { daysAreMonths(t, f) })
}

// servicesIndicatorsAreOpen: every figure of SP11 to SP19 and M26 is a cell of an open table, and withheld where that is.
func servicesIndicatorsAreOpen(t *testing.T, f *flow) {
	const measured = ` from indicators.measurements as m where m.measured_value is not null and m.indicator_id `
	for name, question := range map[string]string{
		"homes kept": measured + `= 'SP11' and not exists (select 1 from housing_first.sustainment as s where s.landmark_label = m.breakdown_value and s.survival = m.measured_value
			and s.ci_low = m.ci_low and s.people = m.denominator and m.financial_year = case when m.breakdown = 'landmark' then s.cohort else s.financial_year end)`,
		"outcomes": measured + `in ('SP12', 'SP13', 'SP14') and not exists (select 1 from housing_first.outcomes as o where o.financial_year = m.financial_year
			and m.measured_value in (o.acceptance_share, o.housed_share, o.swemwbs_change, o.life_satisfaction_change, o.anxiety_change, o.record_completeness_share))`,
		"programme": measured + `in ('SP15', 'SP16', 'SP17') and not exists (select 1 from skills.households_into_work as h where h.financial_year = m.financial_year and h.base = 'participant'
			and m.measured_value in (h.job_entry_share, h.sustained_13_weeks_share, h.sustained_26_weeks_share, h.most_deprived_share)
			and m.numerator in (h.job_entries, h.sustained_13_weeks, h.sustained_26_weeks, h.most_deprived))`,
		"learning": measured + `in ('SP18', 'SP19') and not exists (select 1 from skills.adult_education as e where e.academic_year = m.financial_year and e.provider_name = 'all'
			and m.measured_value in (e.most_deprived_share, e.achievement_share) and m.numerator in (e.most_deprived, e.aims_achieved))`,
		"reach": measured + `= 'M26' and not exists (select 1 from skills.adult_education as e where e.academic_year = m.financial_year and e.most_deprived_share = m.numerator)`,
		"what the build area knows and the open tables do not": ` from indicators.measurements as m where m.indicator_id = 'SP15' and m.measured_value is not null`,
	} {
		if got := f.texts(t, "open", "select count(*)::varchar"+question); !slices.Equal(got, []string{"0"}) {
			t.Errorf("%s: %v figures are no cells of the open tables", name, got)
		}
	}
	if got := f.built(t, "select count(*)::varchar from indicators.measurements where indicator_id = 'SP15' and measured_value is not null"); got[0] == "0" {
		t.Error("the build database has no figure of SP15: that it is withheld shows nothing")
	}
	got := f.texts(t, "open", "select distinct m.indicator_id"+measured+"between 'SP11' and 'SP19' or m.indicator_id = 'M26' and m.measured_value is not null order by 1")
	if diff := cmp.Diff([]string{"M26", "SP11", "SP12", "SP13", "SP14", "SP17", "SP18", "SP19"}, got); diff != "" {
		t.Errorf("measures with an open figure (-want +got):\n%s", diff)
	}
}

// sensitive are the words of need, health and offending that a site's people are recorded with, in small letters, by the
// service. Words that say nothing (other, not known) are none. Barriers of circumstances are told as counts.
func sensitive(t *testing.T) map[string][]string {
	t.Helper()
	words := map[string][]string{"skills": {"health", "mental_health", "conviction"}}
	for name, column := range map[string]string{
		"need": "need_type", "housing_status": "housing_status", "tenancy": "end_reason", "closure": "closure_reason",
	} {
		text, err := builtIn("pipelines/housingfirst/contracts/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		c, err := contract.Parse("pipelines/housingfirst/contracts/"+name+".yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, of := range c.Columns {
			for _, value := range of.Values {
				if of.Name == column && !slices.Contains([]string{"OTHER", "NOT_KNOWN"}, value) {
					words["housing_first"] = append(words["housing_first"], strings.ToLower(value))
				}
			}
		}
	}
	if len(words["housing_first"]) < 25 {
		t.Fatalf("only %v", words)
	}
	return words
}

// needsStay looks into each cell of each table of the release, in all its forms.
func needsStay(t *testing.T, f *flow) {
	if raw := f.built(t, "select count(*) > 100 from raw.housingfirst_need where need_type = 'MENTAL_HEALTH'"); raw[0] != "true" {
		t.Fatalf("nothing to search for: %v", raw)
	}
	words := sensitive(t)
	seen := map[string]int{}
	look := func(form, file, cell string) {
		seen[form]++
		for service, of := range words {
			foreign := service == "skills" && strings.Contains(file, "restricted/housing_first") || service == "housing_first" && strings.Contains(file, "restricted/skills")
			if !foreign && slices.Contains(of, strings.ToLower(cell)) {
				t.Errorf("%s has a cell %q", file, cell)
			}
		}
	}
	current := f.path("warehouse/releases/current")
	for _, place := range []string{"open", "housing_first", "skills"} {
		for column, texts := range textColumns(t, current+"/"+manifest.DatabasePath(place)) {
			for _, text := range texts {
				look("database", manifest.DatabasePath(place)+" "+column, text)
			}
		}
	}
	walkRelease(t, current, func(name string, data []byte) {
		switch filepath.Ext(name) {
		case ".csv":
			reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
			reader.FieldsPerRecord = -1
			rows, err := reader.ReadAll()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, row := range rows {
				for _, cell := range row {
					look("csv", name, cell)
				}
			}
		case ".parquet":
			for _, cell := range parquetTexts(t, name, data) {
				look("parquet", name, cell)
			}
		}
	})
	for _, form := range []string{"database", "csv", "parquet"} {
		if seen[form] < 1000 {
			t.Errorf("only %d cells of %s were looked at", seen[form], form)
		}
	}
}

// textColumns are the different texts of each column of a released database.
func textColumns(t *testing.T, path string) map[string][]string {
	t.Helper()
	db, err := query.Open(t.Context(), path, query.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(question string) [][]query.Value {
		answer, err := db.Ask(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Rows
	}
	texts := map[string][]string{}
	for _, row := range ask("select table_schema, table_name, column_name from information_schema.columns where data_type = 'VARCHAR'") {
		name := row[0].Text + "." + row[1].Text + "." + row[2].Text
		for _, cell := range ask(fmt.Sprintf(`select distinct %q from %q.%q where %q is not null`, row[2].Text, row[0].Text, row[1].Text, row[2].Text)) {
			texts[name] = append(texts[name], cell[0].Text)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return texts
}

// parquetTexts are the texts of a Parquet file: those of its pages, their dictionaries and the bounds of row groups.
func parquetTexts(t *testing.T, name string, data []byte) []string {
	t.Helper()
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var texts []string
	for _, group := range file.Metadata().RowGroups {
		for _, chunk := range group.Columns {
			texts = append(texts, string(chunk.MetaData.Statistics.MinValue), string(chunk.MetaData.Statistics.MaxValue))
		}
	}
	values := make([]parquet.Value, 512)
	for _, group := range file.RowGroups() {
		for _, chunk := range group.ColumnChunks() {
			if chunk.Type().Kind() != parquet.ByteArray {
				continue
			}
			pages := chunk.Pages()
			for {
				page, err := pages.ReadPage()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if dictionary := page.Dictionary(); dictionary != nil {
					for i := range dictionary.Len() {
						texts = append(texts, dictionary.Index(int32(i)).String())
					}
				}
				reader := page.Values()
				for {
					n, err := reader.ReadValues(values)
					for _, value := range values[:n] {
						texts = append(texts, value.String())
					}
					if err != nil {
						break
					}
				}
				parquet.Release(page)
			}
			if err := pages.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return texts
}

// walkRelease reads each file of a release.
func walkRelease(t *testing.T, folder string, look func(name string, data []byte)) {
	t.Helper()
	resolved, err := filepath.EvalSymlinks(folder)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(resolved, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil {
			look(filepath.ToSlash(path), data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// identifiersStay looks for numbers and names of people in what is stored and in what is released.
func identifiersStay(t *testing.T, f *flow) {
	identifiers := []string{"HF0001", "QQ000156A", "9990001001", "Invented Person"}
	for _, file := range []string{"participants_2025-05-31.csv", "aims_2022-23.csv"} {
		data, err := socialvalue.Assets.ReadFile("fixtures/skills/" + file)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for at, name := range rows[0] {
			if slices.Contains([]string{"Participant Reference", "Household Reference", "LearnRefNumber", "ULN"}, name) {
				identifiers = append(identifiers, rows[1][at])
			}
		}
	}
	if len(identifiers) != 8 {
		t.Fatalf("identifiers %v", identifiers)
	}
	for _, folder := range []string{"warehouse/store", "warehouse/releases"} {
		walkRelease(t, f.path(folder), func(name string, data []byte) {
			for _, identifier := range identifiers {
				if strings.Contains(name, identifier) || bytes.Contains(data, []byte(identifier)) {
					t.Errorf("%s holds %s", name, identifier)
				}
			}
		})
	}
}

// daysAreMonths asks of each table with rows about people whether a day in it is more than a month.
func daysAreMonths(t *testing.T, f *flow) {
	about := 0
	for _, place := range []string{"housing_first", "skills"} {
		for _, row := range f.ask(t, place, `select day.table_schema, day.table_name, day.column_name from information_schema.columns as day
			where (day.data_type = 'DATE' or day.data_type like 'TIMESTAMP%') and exists (select 1 from information_schema.columns as who
			where who.table_schema = day.table_schema and who.table_name = day.table_name and who.column_name in ('person_key', 'participant_key', 'learner_key', 'household_key'))`).Rows {
			about++
			if n := f.texts(t, place, fmt.Sprintf("select count(*) from %s.%s where extract(day from %s) <> 1", row[0].Text, row[1].Text, row[2].Text)); n[0] != "0" {
				t.Errorf("%s.%s.%s has %s days that are no month", row[0].Text, row[1].Text, row[2].Text, n[0])
			}
		}
	}
	if about != 2 {
		t.Errorf("%d columns with months, want two of housing_first.cases", about)
	}
}
