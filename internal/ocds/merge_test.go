package ocds_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"socialvalue/internal/ocds"
)

func last(t *testing.T, texts ...string) string {
	t.Helper()
	var releases []ocds.Dated
	for i, text := range texts {
		releases = append(releases, ocds.Dated{ID: fmt.Sprint(i), Released: fmt.Sprintf("2024-01-0%dT00:00:00", i+1), Text: text})
	}
	states, err := ocds.Compile(releases)
	if err != nil || len(states) != len(texts) {
		t.Fatal(states, err)
	}
	return states[len(states)-1].Text
}

func TestReleasesAreMergedAsTheStandardSays(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		releases []string
		want     string
	}{
		"a later value wins": {
			[]string{`{"tender":{"title":"old","status":"active"}}`, `{"tender":{"title":"new"}}`},
			`{"tag":["compiled"],"tender":{"status":"active","title":"new"}}`,
		},
		"null takes away": {
			[]string{`{"tender":{"title":"old","value":{"amount":1}}}`, `{"tender":{"value":null}}`},
			`{"tag":["compiled"],"tender":{"title":"old"}}`,
		},
		"entries are matched by id, as number or text": {
			[]string{`{"awards":[{"id":1,"value":{"amount":19000.00}},{"id":2}]}`, `{"awards":[{"id":"1","value":{"amount":24000}},{"id":3}]}`},
			`{"awards":[{"id":"1","value":{"amount":24000}},{"id":2},{"id":3}],"tag":["compiled"]}`,
		},
		"texts are replaced as a whole": {
			[]string{`{"tender":{"submissionMethod":["a","b"]}}`, `{"tender":{"submissionMethod":["c"]}}`},
			`{"tag":["compiled"],"tender":{"submissionMethod":["c"]}}`,
		},
		"criteria without ids are replaced, not doubled": {
			[]string{`{"tender":{"awardCriteria":{"criteria":[{"name":"Price","weight":60},{"name":"Quality","weight":40}]}}}`, `{"tender":{"awardCriteria":{"criteria":[{"name":"Price","weight":50},{"name":"Quality","weight":50,"x":null}]}}}`},
			`{"tag":["compiled"],"tender":{"awardCriteria":{"criteria":[{"name":"Price","weight":50},{"name":"Quality","weight":50}]}}}`,
		},
		"identifiers are replaced as a whole": {
			[]string{`{"parties":[{"id":"p","additionalIdentifiers":[{"id":"1"},{"id":"2"}]}]}`, `{"parties":[{"id":"p","additionalIdentifiers":[{"id":"3"}]}]}`},
			`{"parties":[{"additionalIdentifiers":[{"id":"3"}],"id":"p"}],"tag":["compiled"]}`,
		},
		"an object takes the place of a text": {
			[]string{`{"buyer":"x"}`, `{"buyer":{"id":"y"}}`},
			`{"buyer":{"id":"y"},"tag":["compiled"]}`,
		},
	} {
		if got := last(t, tc.releases...); got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tc.want)
		}
	}
}

// The later date wins; of one date the greater id.
func TestDatesThenIDsDecide(t *testing.T) {
	t.Parallel()
	states, err := ocds.Compile([]ocds.Dated{
		{ID: "b", Released: "2024-01-02T00:00:00", Text: `{"x":"second, b"}`},
		{ID: "z", Released: "2024-01-01T00:00:00", Text: `{"x":"first"}`},
		{ID: "a", Released: "2024-01-02T00:00:00", Text: `{"x":"second, a"}`},
	})
	want := []string{`{"tag":["compiled"],"x":"first"}`, `{"tag":["compiled"],"x":"second, a"}`, `{"tag":["compiled"],"x":"second, b"}`}
	var got []string
	for _, state := range states {
		got = append(got, state.Text)
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", states, err)
	}
}

// The order in which packages arrive does not matter.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		releases := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ocds.Dated {
			number := rapid.IntRange(0, 3)
			return ocds.Dated{
				ID:       fmt.Sprint(number.Draw(t, "id")),
				Released: fmt.Sprintf("2024-01-0%dT00:00:00", 1+number.Draw(t, "day")),
				Text: rapid.SampledFrom([]string{
					`{"awards":[{"id":%d,"value":{"amount":%d}}]}`, `{"tender":{"title":"%d","lots":[{"id":"%d"}]}}`,
					`{"tender":{"title":null},"x":[%d,%d]}`, `{"awards":[{"id":%d,"value":null},{"title":"%d"}]}`,
				}).Draw(t, "form"),
			}
		}), 1, 7).Draw(t, "releases")
		for i := range releases {
			releases[i].Text = fmt.Sprintf(releases[i].Text, i%3, i)
		}
		want, err := ocds.Compile(releases)
		if err != nil {
			t.Fatal(err)
		}
		shuffled := rapid.Permutation(releases).Draw(t, "shuffled")
		got, err := ocds.Compile(shuffled)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q, %v\nnot %q", got, err, want)
		}
	})
}
