package pipeline_test

import (
	"testing"
	"testing/fstest"

	"socialvalue/internal/pipeline"
)

// FuzzLoad reads any text as a pipeline: it is accepted under its folder's name,
// or refused with words.
func FuzzLoad(f *testing.F) {
	f.Add([]byte("name: p\nretention: {landing_days: 90, store_years: 7}\nfreshness: {stale_after: 45d}\npersonal: false\n"))
	f.Add([]byte("name: p\nfreshness: {stale_after: 9999d}\ndisabled: true\n"))
	f.Add([]byte("name: other\nfreshness: {stale_after: [1]}\n"))
	f.Add([]byte("name: p\nretention: {landing_days: -1}\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, data []byte) {
		pipelines, err := pipeline.LoadAll(fstest.MapFS{"pipelines/p/pipeline.yaml": &fstest.MapFile{Data: data}})
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}
			return
		}
		for name, p := range pipelines {
			if name != "p" || p.Name != "p" || p.Freshness.StaleAfter < 0 || p.Retention.LandingDays < 0 || p.Retention.StoreYears < 0 {
				t.Fatalf("accepted %+v", p)
			}
		}
	})
}
