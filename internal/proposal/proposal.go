//go:build duckdb_arrow

// Package proposal assesses the workbook of one applicant: it makes a site of its own around it, for the time of the
// assessment, and has the pipeline impact do what it does every night. So what an applicant is told is what the authority's
// warehouse would say, and no row is read by other rules.
package proposal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/proposalbook"
	"socialvalue/internal/query"
	"socialvalue/internal/run"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// Request says what to assess.
type Request struct {
	File   string    // the workbook
	Shared string    // folder with parameters.csv and proxies.csv that every project may use; empty: none
	Dir    string    // an empty folder to work in
	AsOf   time.Time // day up to which years are over
}

// sharedFeeds are the contracts a folder of shared rows may bring.
func sharedFeeds() []string { return []string{"parameters", "proxies"} }

// Assess assesses a workbook. Mistakes of the workbook are in the assessment; an error is that it could not be made.
func Assess(ctx context.Context, env workspace.Environment, request Request) (*Assessment, error) {
	others, err := pipeline.AllBut(env.Files, "impact") // they would be built from nothing
	if err != nil {
		return nil, err
	}
	submission, err := lay(request, others, env.Now().Add(-stood))
	if err != nil {
		return nil, err
	}
	if env.Site, err = site.Load(request.Dir); err != nil {
		return nil, fmt.Errorf("make a site around the workbook: %w", err)
	}
	if env.Files, err = env.Site.Files(env.Files); err != nil {
		return nil, fmt.Errorf("make a site around the workbook: %w", err)
	}
	report, err := run.Run(ctx, env, run.Options{Trigger: "assess", Args: []string{"impact", "assess"}})
	if err != nil {
		return nil, err
	}
	a := &Assessment{Submission: submission, AsOf: request.AsOf.Format(time.DateOnly), Projects: []Project{}}
	for _, file := range report.Files {
		if file.Status == runreport.FileRefused {
			a.RefusedSheets = append(a.RefusedSheets, RefusedSheet{strings.TrimPrefix(file.Source, "sheet_"), strings.TrimPrefix(file.Reason, "drop/")})
		}
	}
	if len(report.NoFiles) == len(proposalbook.Contracts()) || len(report.Files) == 0 {
		return nil, fmt.Errorf("read the workbook: none of its sheets was found: begin with svw impact template")
	}
	for _, model := range report.Models {
		if model.Status != runreport.StatusBuilt {
			return nil, fmt.Errorf("assess the workbook: %s %s: %s", model.Relation, model.Status, model.Reason)
		}
	}
	return a, a.read(ctx, env.Site)
}

// lay puts the workbook, a site file and what else is given into the folder.
func lay(request Request, files map[string][]byte, written time.Time) (submission string, err error) {
	data, err := os.ReadFile(request.File)
	if err != nil {
		return "", fmt.Errorf("read the workbook: %w", err)
	}
	name := filepath.Base(request.File)
	submission = regexp.MustCompile(`[^A-Z0-9]+`).ReplaceAllString(strings.ToUpper(strings.TrimSuffix(name, filepath.Ext(name))), "-")
	if submission = strings.Trim(submission, "-"); submission == "" || submission == "SHARED" {
		submission = "WORKBOOK"
	}
	var text strings.Builder
	// Nothing of an assessment hangs on the body or the area, which every site must name.
	fmt.Fprintf(&text, "name: Assessment\nversion: 1\nbodies: [{code: applicant, name: Applicant, role: authority}]\n"+
		"area: {name: not asked, lad_codes: [E08000012]}\ntime_zone: Europe/London\n"+
		"financial_year_start: 04-01\nbaseline_year: 2022-23\nas_of: %s\nwarehouse: warehouse\nsources:\n", request.AsOf.Format(time.DateOnly))
	for _, ref := range proposalbook.Contracts() {
		_, feed, _ := strings.Cut(ref, "/")
		fmt.Fprintf(&text, "  - {name: sheet_%s, contract: %s, from: drop/*.xlsx, set: {submission: %s}}\n", feed, ref, submission)
	}
	files[filepath.Join("drop", submission+".xlsx")] = data
	if request.Shared != "" {
		for _, feed := range sharedFeeds() {
			rows, err := os.ReadFile(filepath.Join(request.Shared, feed+".csv"))
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				return "", fmt.Errorf("read shared %s: %w", feed, err)
			}
			files[filepath.Join("drop", "shared", feed+".csv")] = rows
			fmt.Fprintf(&text, "  - {name: shared_%s, contract: impact/%s, from: drop/shared/%s.csv, set: {submission: SHARED}}\n", feed, feed, feed)
		}
	}
	files[site.FileName] = []byte(text.String())
	return submission, place(request.Dir, files, written)
}

// stood is how long the laid-out files have been there, so that nobody waits for them to be complete.
const stood = time.Hour

// place writes files as of a moment.
func place(dir string, files map[string][]byte, when time.Time) error {
	for name, data := range files {
		path := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(path), 0o750)
		if err == nil {
			err = os.WriteFile(path, data, 0o640)
		}
		if err == nil {
			err = os.Chtimes(path, when, when)
		}
		if err != nil {
			return fmt.Errorf("lay out the assessment: %w", err)
		}
	}
	return nil
}

// read reads what came out.
func (a *Assessment) read(ctx context.Context, s *site.Site) (err error) {
	file := filepath.Join(s.Warehouse.Releases(), "current", "restricted", "impact", "social_value_impact.duckdb")
	db, err := query.Open(ctx, file, query.Limits{})
	if err != nil {
		return fmt.Errorf("read the assessment: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var projects []Project
	var values []Value
	var outcomes []Outcome
	var adjustments []Adjustment
	var swings []Swing
	for _, from := range []struct {
		into  any
		table string
		order string
	}{
		{&projects, "impact.projects_internal", "project_id"},
		{&values, "impact.project_values_internal", "project_id, stage, level, system"},
		{&outcomes, "impact.project_totals_internal", "project_id, stage, level, system, outcome_id"},
		{&adjustments, "impact.adjustment_values_internal", "project_id, level, system, value_for_cost desc nulls last, adjustment_id"},
		{&swings, "impact.sensitivity_internal", "project_id, stage, level, system, swing_rank"},
		{&a.Refusals, "impact.refusals", "refusal_number"},
		{&a.QuarantinedRows, "meta.quarantine", "source_file, source_row"},
	} {
		if err := rows(ctx, db, "select * from "+from.table+" order by "+from.order, from.into); err != nil {
			return fmt.Errorf("read %s: %w", from.table, err)
		}
	}
	for _, p := range projects {
		p.Values, p.Outcomes = of(values, p.ID, func(v Value) string { return v.Project }), of(outcomes, p.ID, func(o Outcome) string { return o.Project })
		p.Adjustments = of(adjustments, p.ID, func(x Adjustment) string { return x.Project })
		p.WorthMost, p.Notes = worthMost(p.Adjustments), notes(p)
		p.Sensitivity = of(swings, p.ID, func(x Swing) string { return x.Project })
		a.Projects = append(a.Projects, p)
	}
	return nil
}

func of[T any](all []T, project string, is func(T) string) []T {
	some := []T{}
	for _, x := range all {
		if is(x) == project {
			some = append(some, x)
		}
	}
	return some
}

// rows puts an answer into a slice of structs.
func rows(ctx context.Context, db *query.File, question string, into any) error {
	answer, err := db.Ask(ctx, question)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := answer.Write(&text, query.JSON); err != nil {
		return err
	}
	if err := json.Unmarshal(text.Bytes(), into); err != nil {
		return fmt.Errorf("understand the answer: %w", err)
	}
	return nil
}

// Template writes the empty workbook.
func Template(env workspace.Environment, file string) (err error) {
	contracts, err := contract.LoadAll(env.Files)
	if err != nil {
		return fmt.Errorf("read the contracts: %w", err)
	}
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("make the workbook: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return proposalbook.Write(out, contracts, nil)
}
