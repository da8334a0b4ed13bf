//go:build duckdb_arrow

package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/model"
	"socialvalue/internal/warehouse"
)

// Result is what a check found.
type Result struct {
	Check
	Offending int64         // rows that should not be there
	Sample    []string      // the keys of up to five of them; never a value of a personal column
	Problem   string        // why the check could not be run; then it counts as failing
	Took      time.Duration // of the scan it shared, in equal parts
	Reused    bool          // from an earlier run, on the same rows
}

// Passed says whether nothing was found.
func (r Result) Passed() bool { return r.Offending == 0 && r.Problem == "" }

// Options are what checks need besides the database.
type Options struct {
	Outside map[string]string // fingerprints of the relations made elsewhere, as for a build
	Now     func() time.Time
	Full    bool // run again what is known
	// Changed says of incremental relations which days changed since what fingerprint: a check of single rows that
	// passed then looks at those days alone.
	Changed map[string]Change
}

// Change is how an incremental relation became what it is.
type Change struct {
	Before string // its fingerprint then
	Column string // its day
	Days   []string
}

const sampled = 5

// Run runs the checks whose relations changed since they last ran, takes the others' results from then, and records
// all in _svw.check_results. A check of a relation that was never built has no result.
func Run(ctx context.Context, db *warehouse.DB, checks []Check, options Options) ([]Result, error) {
	relations, err := model.BuiltFingerprints(ctx, db)
	if err != nil {
		return nil, err
	}
	for relation, fingerprint := range options.Outside {
		relations[relation] = fingerprint
	}
	known, err := readResults(ctx, db)
	if err != nil {
		return nil, err
	}
	r := runner{db: db, now: options.Now}
	results := make([]Result, 0, len(checks))
	fresh := make(map[string]string) // ID → fingerprint
	var due []int
	for _, check := range checks {
		fingerprint, ok := check.fingerprint(relations)
		if !ok {
			continue
		}
		before, ran := known[check.ID()]
		if ran && !before.problem && before.fingerprint == fingerprint && !options.Full {
			results = append(results, Result{Check: check, Offending: before.offending, Sample: before.sample, Took: before.took, Reused: true})
			continue
		}
		fresh[check.ID()] = fingerprint
		due = append(due, len(results))
		results = append(results, Result{Check: options.narrowed(check, before, relations)})
	}
	for _, group := range byScan(results, due) {
		if err := r.run(ctx, results, group); err != nil {
			return nil, err
		}
	}
	return results, record(ctx, db, results, fresh, known, options.Now())
}

// byScan groups results that one scan can answer: conditions on the same rows of the same relation.
func byScan(results []Result, due []int) [][]int {
	var groups [][]int
	shared := make(map[string]int) // rows → their group
	for _, i := range due {
		c := results[i].Check
		if c.condition == "" || c.alone {
			groups = append(groups, []int{i})
			continue
		}
		if g, ok := shared[c.rows]; ok {
			groups[g] = append(groups[g], i)
			continue
		}
		shared[c.rows] = len(groups)
		groups = append(groups, []int{i})
	}
	return groups
}

type runner struct {
	db  *warehouse.DB
	now func() time.Time
}

// run counts the offences of a group in one scan, and samples those found. The error is for a cancelled run only: what
// goes wrong with a check is in its result.
func (r runner) run(ctx context.Context, results []Result, group []int) error {
	began := r.now()
	counts, err := r.count(ctx, results, group)
	if cancelled := ctx.Err(); cancelled != nil {
		return fmt.Errorf("check %s: %w", results[group[0]].ID(), cancelled)
	}
	if err != nil && len(group) > 1 {
		// One of them cannot be run; alone, each tells.
		for _, i := range group {
			if err := r.run(ctx, results, []int{i}); err != nil {
				return err
			}
		}
		return nil
	}
	for k, i := range group {
		result := &results[i]
		if err != nil {
			result.Problem = err.Error()
			continue
		}
		if result.Offending = counts[k]; result.Offending > 0 {
			if result.Sample, err = r.sample(ctx, result.Check); err != nil {
				return fmt.Errorf("sample what %s found: %w", result.ID(), err)
			}
		}
	}
	for _, i := range group {
		results[i].Took = r.now().Sub(began) / time.Duration(len(group))
	}
	return nil
}

func (r runner) count(ctx context.Context, results []Result, group []int) ([]int64, error) {
	first := results[group[0]].Check
	query := "select count(*) from (" + first.offences + "\n) as offences"
	if len(group) > 1 {
		parts := make([]string, len(group))
		for k, i := range group {
			parts[k] = "count(*) filter (where " + results[i].condition + ")"
		}
		query = "select " + strings.Join(parts, ", ") + " from " + first.rows + " as checked"
	}
	counts := make([]int64, len(group))
	into := make([]any, len(group))
	for i := range counts {
		into[i] = &counts[i]
	}
	if err := r.db.One(ctx, query, nil, into...); err != nil {
		return nil, warehouse.Scrub(err)
	}
	return counts, nil
}

// sample gives the keys of the first offences, in their order.
func (r runner) sample(ctx context.Context, c Check) ([]string, error) {
	text := c.sample
	if text == "" {
		columns, err := r.shown(ctx, c)
		if err != nil || len(columns) == 0 {
			return nil, err
		}
		parts := make([]string, len(columns))
		for i, name := range columns {
			parts[i] = warehouse.Text(name+" = ") + " || coalesce(cast(" + warehouse.Ident(name) + " as varchar), 'null')"
		}
		text = strings.Join(parts, " || ', ' || ")
	}
	keys, err := r.db.Texts(ctx, fmt.Sprintf("select distinct %s as key_text from (%s\n) as offences order by 1 limit %d", text, c.offences, sampled))
	return keys, warehouse.Scrub(err)
}

// shown are the columns of a SQL check's rows that belong to a key and may be shown.
func (r runner) shown(ctx context.Context, c Check) ([]string, error) {
	columns, err := r.db.Texts(ctx, "select column_name from (describe "+c.SQL+"\n)")
	if err != nil {
		return nil, warehouse.Scrub(err)
	}
	return slices.DeleteFunc(columns, func(name string) bool { return !slices.Contains(c.keys, name) }), nil
}
