package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/forhr"
	"socialvalue/internal/intake"
	"socialvalue/internal/load"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// ExclusionsOptions say whose exclusions are written for HR, and who asked.
type ExclusionsOptions struct {
	Body     string // may be empty where there is one
	Snapshot string // empty: the latest
	By       string
	Args     []string
}

// ExclusionsFile is what was written for HR. It says nothing of a person.
type ExclusionsFile struct {
	RunID    string    `json:"run_id"`
	Body     string    `json:"body_code"`
	Snapshot string    `json:"snapshot_date"`
	File     string    `json:"file"`
	Rows     int       `json:"rows"`
	People   int       `json:"people"`
	Unknown  int       `json:"people_without_a_number"` // in no received file of people or posts
	Until    time.Time `json:"removed_after"`
}

// identifying are the relations whose received files hold payroll numbers, with the column that does.
func identifying() (relations []string, column string) {
	return []string{"raw.people_person", "raw.people_assignment"}, "person_key"
}

// ExclusionsForHR writes who is in no pay figure, or not in all, and why, with payroll numbers from the received files: one
// file, in a folder that HR alone reads, for so many days. It is in the journal, with counts alone.
func ExclusionsForHR(ctx context.Context, env workspace.Environment, options ExclusionsOptions) (written *ExclusionsFile, err error) {
	if env.Site.Groups[site.HRGroup] == "" {
		return nil, &workspace.ConfigurationError{Err: fmt.Errorf("svw.yaml says no group for HR: write groups: {%s: svw-hr}, a group of this machine with nobody else in it", site.HRGroup)}
	}
	lookUp := env.Group
	if lookUp == nil {
		lookUp = workspace.MachineGroup
	}
	group, err := lookUp(env.Site.Groups[site.HRGroup])
	if err != nil {
		return nil, &workspace.ConfigurationError{Err: err}
	}
	w, err := workspace.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	written = &ExclusionsFile{}
	if written.Body, written.Snapshot, err = chosenExclusions(ctx, w, options); err != nil {
		return nil, err
	}
	_, err = journalled(ctx, w, "people exclusions", options.Args, func(report *runreport.Report) error {
		written.RunID = report.RunID
		rows, err := exclusions(ctx, w, written)
		if err != nil {
			return err
		}
		numbers, err := payrollNumbers(ctx, w, intake.New(w, intake.Wanted{}, report), written)
		if err != nil {
			return err
		}
		folder := forhr.Folder{Root: env.Site.Warehouse.ForHR(), Group: group, Days: env.Site.ForHR.KeepDays}
		path, until, err := folder.Write(written.Body, written.Snapshot, withNumbers(rows, numbers, written), env.Now())
		if err != nil {
			return err
		}
		written.File, written.Until = path, until
		w.Env.Tell("exclusions for HR", fmt.Sprintf("%d rows of %d people, asked for by %s, in %s until %s",
			written.Rows, written.People, options.By, filepath.Base(path), until.Format(time.DateOnly)))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return written, nil
}

// chosenExclusions is the body and the snapshot that are asked for.
func chosenExclusions(ctx context.Context, w *workspace.Workspace, options ExclusionsOptions) (body, snapshot string, err error) {
	there, err := w.DB.Texts(ctx, "select table_name from information_schema.tables where table_schema = 'people' and table_name = 'pay_exclusions'")
	if err != nil {
		return "", "", fmt.Errorf("look for the exclusions: %w", err)
	}
	if len(there) == 0 {
		return "", "", &workspace.ConfigurationError{Err: errors.New("people.pay_exclusions is not built: svw run makes it")}
	}
	found, err := w.DB.Texts(ctx, "select distinct concat(body_code, ' ', snapshot_date) as found from stage.pay_people order by found")
	if err != nil {
		return "", "", fmt.Errorf("list the snapshots: %w", err)
	}
	var bodies, snapshots []string
	for _, each := range found {
		code, day, _ := strings.Cut(each, " ")
		bodies = append(bodies, code)
		if options.Body == "" || options.Body == code {
			snapshots = append(snapshots, day)
		}
	}
	bodies = slices.Compact(bodies)
	switch {
	case len(bodies) == 0:
		return "", "", &workspace.ConfigurationError{Err: errors.New("there are no staff: no file of people was loaded")}
	case options.Body == "" && len(bodies) > 1:
		return "", "", &workspace.ConfigurationError{Err: fmt.Errorf("name one of the bodies %s", strings.Join(bodies, ", "))}
	case options.Body != "" && !slices.Contains(bodies, options.Body):
		return "", "", &workspace.ConfigurationError{Err: fmt.Errorf("body %s has no staff; there are %s", options.Body, strings.Join(bodies, ", "))}
	case options.Snapshot != "" && !slices.Contains(snapshots, options.Snapshot):
		return "", "", &workspace.ConfigurationError{Err: fmt.Errorf("there is no snapshot %s; there are %s", options.Snapshot, strings.Join(snapshots, ", "))}
	}
	body, snapshot = options.Body, options.Snapshot
	if body == "" {
		body = bodies[0]
	}
	if snapshot == "" {
		snapshot = slices.Max(snapshots)
	}
	return body, snapshot, nil
}

// exclusion is one reason of one person.
type exclusion struct {
	Key    string `json:"person_key"`
	Reason string `json:"exclusion_reason"`
	Figure string `json:"figure_affected"`
	Label  string `json:"reason_label"`
}

func exclusions(ctx context.Context, w *workspace.Workspace, of *ExclusionsFile) ([]exclusion, error) {
	texts, err := w.DB.Texts(ctx, "select cast(to_json({'person_key': cast(person_key as varchar), 'exclusion_reason': exclusion_reason, "+
		"'figure_affected': figure_affected, 'reason_label': reason_label}) as varchar) from people.pay_exclusions where body_code = "+
		warehouse.Text(of.Body)+" and snapshot_date = "+warehouse.Text(of.Snapshot)+" order by exclusion_reason, person_key")
	if err != nil {
		return nil, fmt.Errorf("read the exclusions: %w", err)
	}
	rows := make([]exclusion, len(texts))
	for i, text := range texts {
		if err := json.Unmarshal([]byte(text), &rows[i]); err != nil {
			return nil, fmt.Errorf("read the exclusions: %w", err)
		}
	}
	return rows, nil
}

// payrollNumbers reads the received files of people and posts again, and gives payroll numbers by the keys of people.
func payrollNumbers(ctx context.Context, w *workspace.Workspace, in *intake.Intake, of *ExclusionsFile) (map[string]string, error) {
	numbers := map[string]string{}
	relations, column := identifying()
	for _, relation := range relations {
		for _, record := range w.Ledger.Records(relation) {
			if record.Status != load.StatusActive || record.Body != of.Body || record.Slice != of.Snapshot {
				continue
			}
			found, err := in.Identify(ctx, record, column)
			if err != nil {
				return nil, err
			}
			for key, number := range found {
				if _, known := numbers[key]; !known {
					numbers[key] = number
				}
			}
		}
	}
	return numbers, nil
}

// withNumbers makes the rows of the file, and counts them.
func withNumbers(rows []exclusion, numbers map[string]string, of *ExclusionsFile) [][]string {
	table := [][]string{{"body_code", "snapshot_date", "payroll_number", "exclusion_reason", "figure_affected", "reason"}}
	people := map[string]bool{}
	for _, row := range rows {
		number, known := numbers[row.Key]
		if !people[row.Key] && !known {
			of.Unknown++
		}
		people[row.Key] = true
		table = append(table, []string{of.Body, of.Snapshot, number, row.Reason, row.Figure, row.Label})
	}
	of.Rows, of.People = len(rows), len(people)
	return table
}
