//go:build duckdb_arrow

package release

import (
	"slices"
	"strings"
	"testing"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/manifest"
)

func TestLayout(t *testing.T) {
	t.Parallel()
	dataset := func(name string, tier manifest.Tier, domains ...string) Dataset {
		return Dataset{Name: name, Tier: tier, Domains: domains}
	}
	plan := Plan{
		Datasets: []Dataset{
			dataset("geo.district", manifest.TierOpen), dataset("geo.postcode", manifest.TierRestricted, "travel", "spend", "spend"), dataset("indicators.measurements", manifest.TierOpen),
			dataset("spend.payments", manifest.TierRestricted), dataset("spend.local_spend", manifest.TierOpen), dataset("travel.reach", manifest.TierOpen), dataset("skills.adult_education", manifest.TierOpen),
			{Name: "spend.owners", Tier: manifest.TierOpen, NoInternal: true},
		},
		Masks: disclosure.Masks{"spend.owners": {Relation: "protected.owners", Hash: "o"}, "travel.reach": {Relation: "protected.reach", Hash: "m"}, "spend.local_spend": {}},
	}
	items, places := layout(plan)
	if want := []string{"open", "skills", "spend", "travel"}; !slices.Equal(places, want) {
		t.Errorf("places = %v, want %v", places, want)
	}
	want := map[string]string{
		"geo.district": "open skills spend travel", "geo.postcode": "spend travel", "indicators.measurements": "open skills spend travel",
		"spend.payments": "spend", "spend.local_spend": "open spend", "travel.reach": "open travel", "travel.reach_internal": "travel",
		"skills.adult_education": "open skills", "spend.owners": "open spend",
	}
	for _, it := range items {
		if got := strings.Join(it.places, " "); got != want[it.Name] {
			t.Errorf("%s stands in %s, want %s", it.Name, got, want[it.Name])
		}
		delete(want, it.Name)
		switch it.Name {
		case "travel.reach":
			if it.source != "protected.reach" || it.maskHash != "m" {
				t.Errorf("%s is read from %s", it.Name, it.source)
			}
		case "spend.owners":
			if it.source != "protected.owners" {
				t.Errorf("%s is read from %s", it.Name, it.source)
			}
		case "travel.reach_internal":
			if it.source != "travel.reach" || it.Tier != manifest.TierRestricted {
				t.Errorf("%s is read from %s, tier %s", it.Name, it.source, it.Tier)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("nowhere: %v", want)
	}
}

func TestValidateNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	sound := func() Plan {
		return Plan{
			DuckDB: "v1.5.5", Masks: disclosure.Masks{"geo.ward": {}},
			Datasets: []Dataset{
				{
					Name: "geo.ward", DefinedIn: "sql/geo/ward.yaml", Kind: manifest.KindTable, Tier: manifest.TierOpen, Formats: []string{"parquet"}, Licence: "OGL-UK-3.0",
					Description: "Wards", Grain: "one ward", InputsHash: "1", Key: []string{"ward_code"}, Columns: []manifest.Column{{Name: "ward_code", Type: "VARCHAR", Description: "Code"}},
				},
				{
					Name: "spend.mine", Kind: manifest.KindView, Tier: manifest.TierRestricted, ViewSQL: "select ward_code from geo.ward", Reads: []string{"geo.ward"},
					Description: "Wards", Grain: "one ward", InputsHash: "1", Key: []string{"ward_code"}, Columns: []manifest.Column{{Name: "ward_code", Type: "VARCHAR", Description: "Code"}},
				},
			},
		}
	}
	for _, test := range []struct {
		name   string
		change func(p *Plan)
		want   string
	}{
		{"sound", func(*Plan) {}, ""},
		{"name", func(p *Plan) { p.Datasets[0].Name = "geo.Ward" }, "sql/geo/ward.yaml: geo.Ward: not a dataset name"},
		{"a name that leaves the folder", func(p *Plan) { p.Datasets[0].Name = "geo.../x" }, "not a dataset name"},
		{"twice", func(p *Plan) { p.Datasets[1] = p.Datasets[0] }, "geo.ward: two datasets have this name"},
		{"a name of the release's own", func(p *Plan) { p.Datasets[0].Name = "meta.sources" }, "meta.sources: this name belongs to the release itself"},
		{"unjudged", func(p *Plan) { p.Masks = nil }, "disclosure control has not judged"},
		{"no order", func(p *Plan) { p.Datasets[0].Key = nil }, "neither order_by nor key"},
		{"no Parquet", func(p *Plan) { p.Datasets[0].Formats = []string{"csv"} }, "add parquet to its formats"},
		{"format", func(p *Plan) { p.Datasets[0].Formats = []string{"parquet", "xlsx"} }, `format "xlsx"`},
		{"kind", func(p *Plan) { p.Datasets[0].Kind = "thing" }, `kind "thing"`},
		{"tier", func(p *Plan) { p.Datasets[0].Tier = "secret" }, `tier "secret"`},
		{"licence", func(p *Plan) { p.Datasets[0].Licence = "" }, "needs a licence"},
		{"type", func(p *Plan) { p.Datasets[0].Columns[0].Type = "HUGEINT" }, "column ward_code: type HUGEINT cannot be released"},
		{"undescribed column", func(p *Plan) { p.Datasets[0].Columns[0].Description = "" }, "column ward_code needs a description"},
		{"key of no column", func(p *Plan) { p.Datasets[0].Key = []string{"x"} }, "x is in its key or order"},
		{"shared and restricted", func(p *Plan) { p.Datasets[0].Tier = manifest.TierRestricted }, "shared schema geo needs its domains"},
		{"a domain named open", func(p *Plan) { p.Datasets[1].Domains = []string{"open"} }, `"open" is not a name for a domain`},
		{"an open view of restricted rows", func(p *Plan) {
			p.Datasets[0].Tier, p.Datasets[0].Domains = manifest.TierRestricted, []string{"spend"}
			p.Datasets[1].Tier, p.Masks = manifest.TierOpen, disclosure.Masks{"spend.mine": {}}
		}, "the view reads geo.ward, which does not stand in the open file"},
		{"a view of nothing", func(p *Plan) { p.Datasets[1].Reads = []string{"geo.gone"} }, "the view reads geo.gone"},
		{"query", func(p *Plan) { p.Queries = []Query{{Name: "q", Tier: "people"}} }, `its tier is "people", but this release has only: open, spend`},
		{"query name", func(p *Plan) { p.Queries = []Query{{Name: "../q", Tier: "open"}} }, "query ../q: not a name"},
		{"macro", func(p *Plan) { p.Macros = []Macro{{Name: "m"}} }, "macro m"},
		{"no version", func(p *Plan) { p.DuckDB = "" }, "no DuckDB version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan := sound()
			test.change(&plan)
			err := plan.validate()
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("validate = %v, want %q", err, test.want)
			}
		})
	}
}

func FuzzParseType(f *testing.F) {
	for _, seed := range []string{"varchar", "DECIMAL(18,2)", "numeric ( 38 , 10 )", "TIMESTAMP WITH TIME ZONE", "int[]", "struct(a int)", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		known, err := manifest.ParseType(text)
		if err != nil {
			return
		}
		// A name it gives is one it knows, and stays.
		again, err := manifest.ParseType(known.Name)
		if err != nil || again != known {
			t.Errorf("%q is %v, and that is %v, %v", text, known, again, err)
		}
		if strings.ContainsAny(known.Name, `'";`) {
			t.Errorf("%q would reach SQL as %s", text, known.Name)
		}
	})
}
