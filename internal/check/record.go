//go:build duckdb_arrow

package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"socialvalue/internal/warehouse"
)

// kept is a result of an earlier run.
type kept struct {
	fingerprint string
	offending   int64
	sample      []string
	took        time.Duration
	problem     bool
}

func readResults(ctx context.Context, db *warehouse.DB) (all map[string]kept, err error) {
	if _, err := db.Exec(ctx, `
create schema if not exists _svw;
create table if not exists _svw.check_results (
    check_id varchar not null,
    check_name varchar not null,
    relation varchar,
    datasets varchar[] not null,
    severity varchar not null,
    scope varchar not null,
    description varchar,
    offending bigint,
    sample varchar not null,
    problem varchar,
    sql_text varchar not null,
    seconds double not null,
    fingerprint varchar not null,
    checked_at timestamp not null
)`); err != nil {
		return nil, fmt.Errorf("prepare the table of check results: %w", warehouse.Scrub(err))
	}
	rows, err := db.Query(ctx, "select check_id, fingerprint, coalesce(offending, 0), sample, seconds, problem is not null from _svw.check_results")
	if err != nil {
		return nil, fmt.Errorf("read earlier check results: %w", warehouse.Scrub(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	all = make(map[string]kept)
	for rows.Next() {
		var id, sample string
		var seconds float64
		var k kept
		if err := rows.Scan(&id, &k.fingerprint, &k.offending, &sample, &seconds, &k.problem); err != nil {
			return nil, fmt.Errorf("read earlier check results: %w", err)
		}
		if err := json.Unmarshal([]byte(sample), &k.sample); err != nil {
			return nil, fmt.Errorf("read the sample of %s: %w", id, err)
		}
		k.took = time.Duration(seconds * float64(time.Second))
		all[id] = k
	}
	return all, rows.Err()
}

// record replaces the results of checks that ran, and removes those of checks that are gone.
func record(ctx context.Context, db *warehouse.DB, results []Result, fresh map[string]string, known map[string]kept, now time.Time) error {
	var standing, rows []string
	for _, r := range results {
		fingerprint, ran := fresh[r.ID()]
		if !ran {
			standing = append(standing, r.ID())
			continue
		}
		row, err := r.row(fingerprint, now)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 && len(standing) == len(known) {
		return nil
	}
	return db.InTransaction(ctx, func(ctx context.Context) error {
		if _, err := db.Exec(ctx, "delete from _svw.check_results where not list_contains("+warehouse.TextList(standing)+"::varchar[], check_id)"); err != nil {
			return fmt.Errorf("remove old check results: %w", warehouse.Scrub(err))
		}
		if len(rows) == 0 {
			return nil
		}
		if _, err := db.Exec(ctx, "insert into _svw.check_results values\n"+strings.Join(rows, ",\n")); err != nil {
			return fmt.Errorf("record check results: %w", warehouse.Scrub(err))
		}
		return nil
	})
}

// row is a result as SQL.
func (r Result) row(fingerprint string, now time.Time) (string, error) {
	sample := r.Sample
	if sample == nil {
		sample = []string{}
	}
	keys, err := json.Marshal(sample)
	if err != nil {
		return "", fmt.Errorf("record %s: %w", r.ID(), err)
	}
	offending := strconv.FormatInt(r.Offending, 10)
	if r.Problem != "" {
		offending = "null"
	}
	return "(" + strings.Join([]string{
		warehouse.Text(r.ID()), warehouse.Text(r.Name), textOrNull(r.Relation), warehouse.TextList(r.Datasets) + "::varchar[]",
		warehouse.Text(string(r.Severity)), warehouse.Text(string(r.Scope)), textOrNull(r.Description), offending,
		warehouse.Text(string(keys)), textOrNull(r.Problem), warehouse.Text(r.SQL),
		strconv.FormatFloat(r.Took.Seconds(), 'g', -1, 64) + "::double", warehouse.Text(fingerprint),
		"timestamp " + warehouse.Text(now.UTC().Format("2006-01-02 15:04:05.999999")),
	}, ", ") + ")", nil
}

func textOrNull(text string) string {
	if text == "" {
		return "null"
	}
	return warehouse.Text(text)
}
