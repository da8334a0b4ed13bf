package load

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Which loads count follows from the set of loads alone: their order does not
// matter, deciding again changes nothing, and a reverted document leaves the
// others as if it had never come.
func TestDecideIsAFunctionOfTheSet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
		n := rapid.IntRange(1, 12).Draw(t, "loads")
		records := make([]*Record, n)
		for i := range records {
			pick := func(what string, most int) int { return rapid.IntRange(0, most).Draw(t, what) }
			r := &Record{
				ID: fmt.Sprintf("load-%02d", i), Relation: "raw.demo_payments", Source: fmt.Sprint("source ", pick("source", 1)),
				FileSHA256: fmt.Sprint("file ", pick("file", 3)), Member: fmt.Sprint(pick("member", 1)), Status: StatusActive,
				FileModified: start.AddDate(0, 0, pick("modified", 3)), ReceivedAt: start.AddDate(0, 1, pick("received", 3)),
			}
			switch pick("claim", 2) {
			case 0:
				r.Slice = fmt.Sprint("slice ", pick("slice", 1))
			case 1:
				r.PeriodStart, r.PeriodEnd = fmt.Sprintf("2024-0%d-01", 1+pick("month", 1)), "2024-12-31"
			}
			if pick("reverted", 4) == 0 {
				r.Reverted = &Reverted{By: "x"}
			}
			records[i] = r
		}
		decided := apply(records)
		for i, r := range apply(rapid.Permutation(records).Draw(t, "order")) {
			if r != decided[i] {
				t.Fatalf("in another order %s is %s, not %s", i, r, decided[i])
			}
		}
		again := make([]*Record, 0, n)
		var rest []*Record
		reverted := revertedAmong(records)
		for _, r := range records {
			after := *r
			after.Status, after.SupersededBy = decided[r.ID].status, decided[r.ID].by
			again = append(again, &after)
			if reverted[r.revertKey()] == nil {
				rest = append(rest, r)
			} else if decided[r.ID].status != StatusReverted {
				t.Fatalf("%s is %s though it was reverted", r.ID, decided[r.ID].status)
			}
		}
		if changed := decide(again); len(changed) > 0 {
			t.Fatalf("deciding again changes %d loads", len(changed))
		}
		for id, r := range apply(rest) {
			if r != decided[id] {
				t.Fatalf("beside reverted loads %s is %s, without them %s", id, decided[id], r)
			}
		}
	})
}

// decision is what becomes of a load.
type decision struct {
	status Status
	by     string
}

func (d decision) String() string { return string(d.status) + " by " + d.by }

// apply decides over copies, and gives what becomes of each load.
func apply(records []*Record) map[string]decision {
	decided := map[string]decision{}
	for _, r := range records {
		decided[r.ID] = decision{r.Status, r.SupersededBy}
	}
	for _, r := range decide(records) {
		decided[r.ID] = decision{r.Status, r.SupersededBy}
	}
	return decided
}
