//go:build duckdb_arrow

package run_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	socialvalue "socialvalue"
	"socialvalue/internal/fixtures/staff"
	"socialvalue/internal/runreport"
	"socialvalue/internal/warehouse"
)

// newStaffFlow makes the demonstration's site with its staff alone.
func newStaffFlow(t testing.TB) *flow {
	t.Helper()
	f := newFlow(t)
	f.keepPipelines(t, "geography", "people")
	return f
}

// TestStaff makes a run of the invented staff and looks at it from many sides.
func TestStaff(t *testing.T) {
	t.Parallel()
	f := newStaffFlow(t)
	report := f.run(t)
	if failed := append(modelsBy(report, "failed"), modelsBy(report, "held")...); len(failed) > 0 {
		t.Fatalf("not built: %v", failed)
	}
	if refused := filesBy(report, runreport.FileRefused); len(refused) > 0 {
		t.Fatalf("refused: %v", refused)
	}
	t.Run("populations agree with the truth", func(t *testing.T) { populationsAgree(t, f) })
	t.Run("no area of a home is kept", func(t *testing.T) { // methods 4.6: the decile alone
		got := f.built(t, `select concat(column_name, ' in ', schema_name, '.', table_name) from duckdb_columns()
			where (table_name like 'people_applications%' or table_name like 'people_person%' or table_name = 'pay_people' or table_name like 'recruitment_%' and table_name <> 'recruitment_residents') and (column_name like '%lsoa%' or column_name like '%postcode%')
			union all select 'no decile' where not exists (select 1 from raw.people_applications where home_imd_decile_2019 is not null and home_imd_decile_2025 is not null)
			union all select 'no decile of staff' where not exists (select 1 from raw.people_person where home_imd_decile_2019 is not null and home_imd_decile_2025 is not null)`)
		if len(got) > 0 {
			t.Error(got)
		}
	})
	t.Run("a home outside the area has no decile", func(t *testing.T) {
		got := f.built(t, `select distinct concat_ws('|', home_place_status, home_imd_decile is null, home_lad_code is null)
			from stage.recruitment_applications where home_place_status = 'outside_area'`)
		if diff := cmp.Diff([]string{"outside_area|true|true"}, got); diff != "" {
			t.Errorf("places of homes outside (-want +got):\n%s", diff)
		}
	})
	t.Run("indicators tell what the open tables tell", func(t *testing.T) { indicatorsTellWhatIsOpen(t, f) })
	t.Run("figures of the employer are those counted by hand", func(t *testing.T) { employerFigures(t, f) })
	t.Run("nothing small follows from the open tables", func(t *testing.T) { nothingSmallFollows(t, f) })
	t.Run("the open tables say no more than they may", func(t *testing.T) { saysNoMore(t, f) })
	// Numbers, names and days of birth are in landed files alone.
	t.Run("nothing of a person leaves the landed files", func(t *testing.T) {
		for _, folder := range []string{"warehouse/store", "warehouse/releases"} {
			nothingOfStaffIn(t, f.path(folder))
		}
	})
}

// built asks the build database, which nobody has open between two runs.
func (f *flow) built(t *testing.T, sql string) []string {
	t.Helper()
	db, err := warehouse.Open(t.Context(), f.path("warehouse/build/build.duckdb"), warehouse.Options{ReadOnly: true, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	texts, err := db.Texts(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// populationsAgree holds what was made of each snapshot against what its generator meant: who is relevant, on full pay,
// has a rate, was paid bonus, and how many are left out for each reason.
func populationsAgree(t *testing.T, f *flow) {
	data, err := socialvalue.Assets.ReadFile("fixtures/people/truth.json")
	if err != nil {
		t.Fatal(err)
	}
	var truth staff.Summary
	if err := json.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	var want []string
	reasons := map[string]int{}
	for _, s := range truth.Truth {
		want = append(want, fmt.Sprintf("%s|%s|%d|%d|%d|%d|%d", s.Body, s.Snapshot, s.Everybody, s.Relevant, s.FullPay, s.WithRate, s.BonusRecipients))
		for reason, n := range s.Reasons {
			reasons[strings.Join([]string{s.Body, s.Snapshot, reason}, "|")] = n
		}
	}
	got := f.built(t, `select concat_ws('|', body_code, snapshot_date, count(*), count(*) filter (where is_relevant),
		count(*) filter (where is_full_pay), count(hourly_rate_gbp), count(*) filter (where paid_bonus))
		from stage.pay_people group by body_code, snapshot_date order by body_code, snapshot_date`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body, snapshot, everybody, relevant, full pay, with rate, bonus (-want +got):\n%s", diff)
	}
	counted := map[string]int{}
	for _, line := range f.built(t, `select concat_ws('|', body_code, snapshot_date, reason) from
		(select body_code, snapshot_date, unnest(exclusion_reasons) as reason from stage.pay_people) as people`) {
		counted[line]++
	}
	if diff := cmp.Diff(reasons, counted); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

// nothingOfStaffIn looks for identifiers of the invented staff in every file of a folder, and in the names of all. What a
// Parquet file compresses is not seen; its columns of text are those that the contracts list.
func nothingOfStaffIn(t *testing.T, folder string) {
	t.Helper()
	for _, name := range []string{"L10001", "QQ000001A", "M10001", "QQ500001A", "LC000001", "MC000001"} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if strings.Contains(path, name) || bytes.Contains(data, []byte(name)) {
				t.Errorf("%s holds an identifier of a person", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
