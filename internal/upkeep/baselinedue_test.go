package upkeep

import (
	"strings"
	"testing"
	"time"

	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// The baseline is due on the day after its year has ended, by the site's own calendar.
func TestWhenABaselineIsDue(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ settings, now, want string }{
		{"", "2024-06-01T05:00:00Z", "svw.yaml names no baseline_year"},
		{"baseline_year: 2023-24", "2024-03-31T22:59:59Z", "2023-24 goes on until 2024-03-31"},
		{"baseline_year: 2023-24", "2024-03-31T23:00:00Z", ""}, // midnight in London
		{"baseline_year: 2023-24\nfinancial_year_start: 08-01", "2024-07-31T12:00:00Z", "2023-24 goes on until 2024-07-31"},
		{"baseline_year: 2023-24\nfinancial_year_start: 08-01", "2024-08-01T12:00:00Z", ""},
		{"baseline_year: 2023-24\nas_of: 2024-03-31", "2026-06-01T05:00:00Z", "2023-24 goes on until 2024-03-31"},
	} {
		text := "name: Ours\nversion: 1\nbodies: [{code: us, name: Us}]\narea: {name: Here, lad_codes: [E08000012]}\n" + tc.settings + "\n"
		s, err := site.Parse(t.TempDir(), "svw.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, tc.now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := notDue(workspace.Environment{Site: s, Now: func() time.Time { return now }})
		if err != nil || got != tc.want {
			t.Errorf("%s at %s: %q, %v, want %q", strings.ReplaceAll(tc.settings, "\n", ", "), tc.now, got, err, tc.want)
		}
	}
}
