//go:build duckdb_arrow

package housingfirst_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socialvalue"
	"socialvalue/internal/estimators"
	"socialvalue/internal/fixtures/housingfirst"
	"socialvalue/internal/inspect"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// contracts are those with layouts for each system: all about people.
func contracts() []string {
	return []string{"person", "referral", "need", "housing_status", "tenancy", "support", "assessment", "contact", "outcome", "closure"}
}

// trying is a site whose sources can be tried.
func trying(t *testing.T, dir, sources string) workspace.Environment {
	t.Helper()
	settings := "name: Files\nversion: 1\nbodies: [{code: ours, name: Ours}]\narea: {name: Area, lad_codes: [E08000012]}\n" +
		"baseline_year: 2022-23\nduckdb: {memory_limit: 1GB, threads: 1, temp_limit: 2GB}\nsources:\n" + sources
	if err := os.WriteFile(filepath.Join(dir, "svw.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	place, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	files, err := place.Files(socialvalue.Assets)
	if err != nil {
		t.Fatal(err)
	}
	return workspace.Environment{
		Site: place, Files: files, Estimators: estimators.All(), Version: "test",
		Now:   func() time.Time { return time.Date(2030, time.June, 30, 0, 0, 0, 0, time.UTC) },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// Methods, B2: which system the service uses is not known, so the same people are read from each.
func TestAnyCaseSystemIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var sources strings.Builder
	spellings := []housingfirst.Spelling{housingfirst.ByName, housingfirst.InForm, housingfirst.MainStay}
	for _, spelling := range spellings {
		folder := filepath.Join(dir, "drop", string(spelling))
		if err := os.MkdirAll(folder, 0o750); err != nil {
			t.Fatal(err)
		}
		dst, err := os.OpenRoot(folder)
		if err != nil {
			t.Fatal(err)
		}
		options := housingfirst.DefaultOptions()
		options.People, options.Spelling = 20, spelling
		if _, err := housingfirst.Generate(t.Context(), os.DirFS("../../fixtures/geography"), dst, options); err != nil {
			t.Fatal(err)
		}
		if err := dst.Close(); err != nil {
			t.Fatal(err)
		}
		for _, contract := range contracts() {
			fmt.Fprintf(&sources, "  - {name: %s_%s, contract: housingfirst/%s, body: ours, from: drop/%s/%s_*.csv, name_pattern: '%s_(?P<extract_date>\\d{4}-\\d{2}-\\d{2})\\.csv$'}\n",
				spelling, contract, contract, spelling, contract, contract)
		}
	}
	env := trying(t, dir, sources.String())
	rows := map[string]int64{}
	for _, spelling := range spellings {
		for _, contract := range contracts() {
			trials, err := inspect.TestSource(t.Context(), env, fmt.Sprintf("%s_%s", spelling, contract), 0)
			if err != nil || len(trials) != 1 {
				t.Fatalf("%s %s: %d files, %v", spelling, contract, len(trials), err)
			}
			got := trials[0]
			wrong := int64(0)
			if contract == "tenancy" {
				wrong = 1 // B-03: it ends before it starts
			}
			layout := string(spelling)
			if got.Refused != "" || got.Quarantined != wrong || got.Rows == 0 || got.Layout != layout {
				t.Errorf("%s %s: %d rows right, %d wrong (%s), refused %q, layout %s", spelling, contract, got.Rows, got.Quarantined, got.Reasons, got.Refused, got.Layout)
			}
			if before, known := rows[contract]; known && before != got.Rows {
				t.Errorf("%s %s: %d rows, %d in another spelling", spelling, contract, got.Rows, before)
			}
			rows[contract] = got.Rows
			if strings.Contains(got.Refused+got.Reasons, "Invented") || strings.Contains(got.Refused+got.Reasons, "QQ") {
				t.Errorf("%s %s: a message shows a value of a person", spelling, contract)
			}
		}
	}
}

// A system that nobody knows may export under the contracts' own names, in any order and with columns of its own missing.
func TestColumnsUnderTheirOwnNamesAreRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var sources strings.Builder
	for contract, text := range map[string]string{
		"person":         "registered_on,person_key,age_band,sex\n2023-04-05,X1,1980-05-04,F\n",
		"referral":       "referral_key,person_key,referral_date,decision,referring_lad_code\nR1,X1,2023-04-05,ACCEPTED,E08000012\n",
		"need":           "person_key,assessed_date,need_type,need_level\nX1,2023-04-05,DEBT,HIGH\n",
		"housing_status": "person_key,housing_status,from_date,to_date\nX1,HOSTEL,2023-04-05,\n",
		"tenancy":        "tenancy_key,person_key,start_date,end_date,end_reason\nT1,X1,2023-04-05,2024-04-05,TRANSFER\n",
		"support":        "person_key,support_date,is_achieved\nX1,2023-04-05,true\n",
		"assessment":     "assessment_key,person_key,wave,instrument,due_date\nA1,X1,BASELINE,ONS4,2023-04-05\n",
		"contact":        "person_key,period_start,period_end,contact_type,contacts,information_source\nX1,2022-04-05,2023-04-04,ARRESTS,0,SELF_REPORT\n",
		"outcome":        "person_key,outcome_date,outcome_domain,from_level,to_level\nX1,2023-04-05,HOME,2,3\n",
		"closure":        "person_key,closed_date,closure_reason\nX1,2023-04-05,GRADUATED\n",
		"peer_posts":     "post_ref,delivery_team,post_kind,is_filled\nP-1,North,PEER_SUPPORT_WORKER,true\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, "drop"), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "drop", contract+"_2025-05-31.csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&sources, "  - {name: own_%s, contract: housingfirst/%s, body: ours, from: drop/%s_*.csv, name_pattern: '%s_(?P<extract_date>\\d{4}-\\d{2}-\\d{2})\\.csv$'}\n", contract, contract, contract, contract)
	}
	env := trying(t, dir, sources.String())
	for _, contract := range append(contracts(), "peer_posts") {
		trials, err := inspect.TestSource(t.Context(), env, "own_"+contract, 0)
		if err != nil || len(trials) != 1 {
			t.Fatalf("%s: %d files, %v", contract, len(trials), err)
		}
		if got := trials[0]; got.Refused != "" || got.Rows != 1 || got.Quarantined != 0 || got.Layout != "by_name" {
			t.Errorf("%s: %d rows right, %d wrong (%s), refused %q, layout %s", contract, got.Rows, got.Quarantined, got.Reasons, got.Refused, got.Layout)
		}
	}
}

// National identifiers are read only where the site names the agreement they are held under.
func TestIdentifiersNeedAnAgreement(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source := func(name, header, set string) string {
		folder := filepath.Join(dir, "drop", name)
		if err := os.MkdirAll(folder, 0o750); err != nil {
			t.Fatal(err)
		}
		text := header + "\nHF0001,QQ123456A,999 123 4567\nHF0002,,\n"
		if err := os.WriteFile(filepath.Join(folder, "identifiers_2025-05-31.csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("  - {name: %s, contract: housingfirst/identifiers, body: ours, from: drop/%s/*.csv, name_pattern: 'identifiers_(?P<extract_date>\\d{4}-\\d{2}-\\d{2})\\.csv$'%s}\n", name, name, set)
	}
	env := trying(t, dir, source("without", "Client ID,NI Number,NHS Number", "")+
		source("by_itself", "Client ID,NI Number,Agreement_Ref", "")+
		source("with", "Client ID,NI Number,NHS Number", ", set: {agreement_ref: DSA-2024-017}"))
	for name, taken := range map[string]bool{"without": false, "by_itself": false, "with": true} {
		trials, err := inspect.TestSource(t.Context(), env, name, 0)
		if err != nil || len(trials) != 1 {
			t.Fatalf("%s: %d files, %v", name, len(trials), err)
		}
		if got := trials[0]; (got.Refused == "") != taken || taken && got.Rows != 2 {
			t.Errorf("%s an agreement: %d rows, refused %q", name, got.Rows, got.Refused)
		}
	}
}
