//go:build duckdb_arrow

package run_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/runreport"
)

// wrongEntries are rows of registers that tell too little or too much, and last a district whose figures are not out yet.
const wrongEntries = `engagement_reach,R-08,2024-25,A small one,4,30,,,2025-04-24,,
engagement_reach,R-09,2024-25,All but few,28,30,,,2025-04-24,,
territorial_emissions,Wirral,2024-25,Wirral,1100,324,,,2025-04-24,,
own_emissions,4,2024-25,Scope 4,9,,,,2025-04-24,,
reviews,Y-08,2024-25,A review of a year that runs,,,,,2025-04-24,2025-03-01,
reviews,Y-09,2024-25,A review without a day,,,,,2025-04-24,,
territorial_emissions,E08000015,2024-25,Wirral,,,,,2025-04-24,,
`

// TestProvider makes a run of travel and the registers alone: the supporting indicators of the provider of services and of the
// civic leader are cells of the open tables, counted by hand from the files, and an absent feed is a reason and no nought.
func TestProvider(t *testing.T) {
	t.Parallel()
	f := newFlow(t)
	f.keepPipelines(t, "geography", "registers", "travel", "travel_kept")
	const entries = "drop/registers/entries_2024-25.csv"
	f.write(t, entries, f.read(t, entries)+wrongEntries)
	report := f.run(t)
	read := 0
	for _, file := range report.Files {
		if file.File != entries {
			continue
		}
		read++
		if file.Status != runreport.FileLoaded || file.Quarantined != int64(strings.Count(wrongEntries, "\n"))-1 || file.Skipped != 1 {
			t.Errorf("%s: %s, with %d rows quarantined and %d skipped: %s", entries, file.Status, file.Quarantined, file.Skipped, file.Reason)
		}
	}
	if read != 1 {
		t.Errorf("%s was read %d times", entries, read)
	}
	if failed := append(modelsBy(report, "failed"), modelsBy(report, "held")...); len(failed) > 0 {
		t.Fatalf("not built: %v", failed)
	}
	t.Run("figures are those of the files", func(t *testing.T) { providerFigures(t, f) })
	t.Run("figures are cells of the open tables", func(t *testing.T) { providerFiguresAreOpen(t, f) })
	t.Run("without journeys nobody is inactive", func(t *testing.T) { providerWithoutJourneys(t, f) })
}

// providerFigures holds one figure of each indicator against what the files say. Of the passes of Merseytravel 761 people hold
// one on 31 March 2023, 533 of them an older person's; 149 of these live in decile 1, with 68,322 residents of pension age.
// 744 were active, and the homes of 12 are nowhere. 200 of the 482 accounts of the tunnels are in deciles 1 and 2.
func providerFigures(t *testing.T, f *flow) {
	got := f.texts(t, "open", `
		select concat_ws(' | ', indicator_id, financial_year, breakdown_value, measured_value, numerator, denominator)
		from indicators.measurements
		where measured_value is not null and coalesce(iod_edition, '2019') = '2019' and (
			indicator_id in ('SP01', 'SP02', 'SP05', 'SP06') and breakdown in ('merseytravel_passes', 'slope_index') and breakdown_value in ('1', 'merseytravel_passes')
			or indicator_id in ('SP03', 'SP04', 'SP07', 'SP09', 'SP10') and breakdown_value = 'merseytravel_passes'
			or indicator_id = 'SP08' and breakdown_value = '1 and 2'
			or indicator_id in ('SP20', 'CL01a', 'CL01b', 'CL02', 'CL04', 'CL05', 'CL06') and breakdown = 'all' and financial_year in ('2023-24', '2024-25'))
		order by all`)
	want := []string{
		"CL01a | 2023-24 | all | 6153.6", // 988.0 + 828.9 + 1540.6 + 871.2 + 789.8 + 1135.1
		"CL01b | 2023-24 | all | 3.8861 | 1583.5",
		"CL02 | 2023-24 | all | 7617.3",
		"CL02 | 2024-25 | all | 7065.2",                         // 2105.8 + 4755.0 + 204.4
		"CL04 | 2024-25 | all | 0.666666666667 | 4.0 | 6.0",     // of one partner nobody says in 2023-24: no share
		"CL05 | 2023-24 | all | 0.375 | 165.0 | 440.0",          // 120 + 45 of 310 + 130
		"CL05 | 2024-25 | all | 0.439130434783 | 202.0 | 460.0", // 150 + 52 of 340 + 120
		"CL06 | 2023-24 | all | 165.0",                          // 31 March to 12 September 2024
		"SP01 | 2022-23 | 1 | 0.0022 | 150.0 | 68322.0",
		"SP02 | 2022-23 | merseytravel_passes | -0.000857",
		"SP03 | 2022-23 | merseytravel_passes | 0.98 | 745.0 | 760.0",
		"SP04 | 2022-23 | merseytravel_passes | 8.0",  // 6,214 journeys in 289,833 days
		"SP05 | 2022-23 | 1 | 0.35",                   // 1,527 of 4,318
		"SP06 | 2022-23 | 1 | 1.325 | 0.35 | 0.26413", // 68,322 of 258,668
		"SP07 | 2022-23 | merseytravel_passes | 0.02", // 142 of 6,214
		"SP08 | 2022-23 | 1 and 2 | 0.0009 | 200.0 | 221528.0",
		"SP08 | 2022-23 | 1 and 2 | 0.417 | 200.0 | 480.0",
		"SP09 | 2022-23 | merseytravel_passes | 0.987 | 750.0 | 760.0",
		"SP10 | 2022-23 | merseytravel_passes | 0.987 | 750.0 | 760.0",
		"SP20 | 2023-24 | all | 0.8 | 4.0 | 5.0",
		"SP20 | 2024-25 | all | 1.0 | 4.0 | 4.0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

// providerFiguresAreOpen expects each figure of travel among the cells that the open tables show.
func providerFiguresAreOpen(t *testing.T, f *flow) {
	const measured = "select count(*)::varchar from indicators.measurements as m where m.measured_value is not null and m.indicator_id "
	for name, question := range map[string]string{
		"take-up of a decile": measured + `= 'SP01' and m.breakdown_value <> '1 and 2' and not exists (select 1 from travel.pass_holders as h where h.iod_edition = m.iod_edition
			and h.take_up_share = m.measured_value and h.holders_rounded = m.numerator and h.issuing_authority || '_passes' = m.breakdown)`,
		"use and records": measured + `in ('SP03', 'SP04', 'SP07', 'SP09', 'SP10') and not exists (select 1 from travel.pass_holders as h where h.pass_group = 'all'
			and m.measured_value in (h.active_share, h.journeys_per_pass, h.peak_share, h.complete_share, h.placed_share) and h.issuing_authority || '_passes' = m.breakdown_value)`,
		"what is withheld of Halton":                  measured + `in ('SP02', 'SP05', 'SP06') and (m.breakdown = 'halton_passes' or m.breakdown_value = 'halton_passes')`,
		"tunnels, with few accounts outside the area": measured + `in ('SP09', 'SP10') and m.breakdown_value = 'tunnel_accounts'`,
	} {
		if got := f.texts(t, "open", question); got[0] != "0" {
			t.Errorf("%s: %s figures are no open cells", name, got[0])
		}
	}
}

// providerWithoutJourneys takes the feed of journeys away.
func providerWithoutJourneys(t *testing.T, f *flow) {
	before, rest, found := strings.Cut(f.read(t, "svw.yaml"), "  - name: journeys\n")
	_, after, ended := strings.Cut(rest, "  - name: operators\n")
	if !found || !ended {
		t.Fatal("svw.yaml of the demonstration has no feed of journeys before that of operators")
	}
	f.write(t, "svw.yaml", before+"  - name: operators\n"+after)
	report := f.run(t)
	if failed := append(modelsBy(report, "failed"), modelsBy(report, "held")...); len(failed) > 0 {
		t.Fatalf("not built: %v", failed)
	}
	got := f.texts(t, "open", `
		select concat_ws(' ', indicator_id, count(measured_value), string_agg(distinct null_reason, ' ' order by null_reason) filter (where breakdown_value in ('1', 'merseytravel_passes', 'free_travel_from_60')))
		from indicators.measurements
		where indicator_id in ('M26', 'SP03', 'SP04', 'SP05', 'SP06', 'SP07') and financial_year = '2022-23' and breakdown_value not like 'halton%' and breakdown_value <> 'tunnel_accounts'
		group by indicator_id
		order by indicator_id`)
	want := []string{"M26 0 not_supplied", "SP03 0 not_supplied", "SP04 0 not_supplied", "SP05 0 not_supplied", "SP06 0 not_supplied", "SP07 0 not_supplied"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures that rest on journeys (-want +got):\n%s", diff)
	}
	if got := f.texts(t, "open", "select count(measured_value)::varchar from indicators.measurements where indicator_id = 'SP01' and breakdown = 'merseytravel_passes' and iod_edition = '2019'"); got[0] != "12" {
		t.Errorf("take-up, which needs no journeys, has %s figures", got[0])
	}
}
