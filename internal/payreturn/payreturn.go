//go:build duckdb_arrow

// Package payreturn takes the gender pay gap returns out of a release, so that one can be written as the file of the GOV.UK
// service, or compared with what was published.
package payreturn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"socialvalue/internal/query"
	"socialvalue/pipelines/people/govuk"
)

// Tier is the restricted file that has the returns, Dataset their table in it.
const (
	Tier    = "people"
	Dataset = "people.gov_uk_return"
)

// ErrChoice says that what was asked for names no return, or not one alone.
var ErrChoice = errors.New("no such return")

// Row is the return of a body at a snapshot.
type Row struct {
	Body, Snapshot string
	Return         govuk.Return
}

// Rows reads all returns of a release, the latest snapshot first, bodies in the order of their code.
func Rows(ctx context.Context, file *query.File) ([]Row, error) {
	columns := append([]string{"body_code", "snapshot_date", "employer_name", "employer_id"}, govuk.ReturnColumns()...)
	answer, err := file.Ask(ctx, "select "+strings.Join(columns, ", ")+" from "+Dataset+" order by snapshot_date desc, body_code")
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", Dataset, err)
	}
	rows := make([]Row, len(answer.Rows))
	for i, values := range answer.Rows {
		rows[i] = Row{Body: values[0].Text, Snapshot: values[1].Text}
		rows[i].Return.EmployerName, rows[i].Return.EmployerID = values[2].Text, values[3].Text
		for _, f := range govuk.All() {
			value := values[4+int(f)]
			if value.Null {
				continue
			}
			number, err := strconv.ParseFloat(value.Text, 64)
			if err != nil {
				return nil, fmt.Errorf("read %s: column %s: %w", Dataset, columns[4+int(f)], err)
			}
			rows[i].Return.Values[f] = &number
		}
	}
	return rows, nil
}

// Choose is the return of a body at a snapshot. Without a snapshot it is the latest; without a body there must be one
// alone. What is wrong is ErrChoice, with what there is.
func Choose(rows []Row, body, snapshot string) (Row, error) {
	if len(rows) == 0 {
		return Row{}, fmt.Errorf("%w: the release has none; %s is empty", ErrChoice, Dataset)
	}
	if snapshot == "" {
		snapshot = rows[0].Snapshot
	}
	at := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Snapshot != snapshot })
	if len(at) == 0 {
		return Row{}, fmt.Errorf("%w: there is no snapshot %s; there are %s", ErrChoice, snapshot, told(rows, func(r Row) string { return r.Snapshot }))
	}
	if body == "" && len(at) > 1 {
		return Row{}, fmt.Errorf("%w: the file has one body; name one of %s", ErrChoice, told(at, func(r Row) string { return r.Body }))
	}
	for _, r := range at {
		if body == "" || r.Body == body {
			return r, nil
		}
	}
	return Row{}, fmt.Errorf("%w: body %s has none at %s; there are %s", ErrChoice, body, snapshot, told(at, func(r Row) string { return r.Body }))
}

func told(rows []Row, of func(Row) string) string {
	var names []string
	for _, r := range rows {
		if !slices.Contains(names, of(r)) {
			names = append(names, of(r))
		}
	}
	return strings.Join(names, ", ")
}

// Counterpart is the published return of the same employer: of its number where both have one, or of its name, whatever
// the case of the letters. ErrChoice when there is none.
func Counterpart(published []govuk.Published, ours govuk.Return) (govuk.Published, error) {
	for _, same := range []func(govuk.Published) bool{
		func(p govuk.Published) bool { return ours.EmployerID != "" && p.EmployerID == ours.EmployerID },
		func(p govuk.Published) bool { return strings.EqualFold(p.EmployerName, ours.EmployerName) },
	} {
		if i := slices.IndexFunc(published, same); i >= 0 {
			return published[i], nil
		}
	}
	return govuk.Published{}, fmt.Errorf("%w: the file has none of %s", ErrChoice, ours.EmployerName)
}
