//go:build duckdb_arrow

package release

import (
	"fmt"
	"slices"
)

// publicationsWithBoth is how many publications must have had a column marked as
// deprecated, beside what takes its place, before it may go.
const publicationsWithBoth = 2

// SchemaProblems says what a plan would do to the columns that people already
// use: those of the publications, oldest first, or of the current release where
// nothing is published yet. Columns are added freely. One goes, under whatever
// name it would come back, only after two publications that had it marked as
// deprecated; without publications, after a release that had. The type of a
// column never changes: the new one is another column.
func SchemaProblems(publications []*Manifest, current *Manifest, datasets []Dataset) []string {
	reference := publications
	if len(publications) == 0 && current != nil {
		reference = []*Manifest{current}
	}
	if len(reference) == 0 {
		return nil
	}
	var problems []string
	for _, dataset := range datasets {
		record, known := reference[len(reference)-1].Dataset(dataset.Name)
		if !known || dataset.Held {
			continue
		}
		for _, column := range record.Columns {
			at := slices.IndexFunc(dataset.Columns, func(c Column) bool { return c.Name == column.Name })
			where := dataset.DefinedIn + ": " + dataset.Name + "." + column.Name
			if at < 0 {
				if !announced(publications, current, dataset.Name, column.Name) {
					problems = append(problems, where+" is in use and would be gone: keep it, marked `deprecated: why and what instead`, until two publications have had it so; "+
						"a column that takes its place says `renamed_from: "+column.Name+"`")
				}
				continue
			}
			if now := canonical(dataset.Columns[at : at+1])[0].Type; now != column.Type {
				problems = append(problems, fmt.Sprintf("%s is in use as %s and would become %s: keep it as it is and add a column with another name", where, column.Type, now))
			}
		}
	}
	return problems
}

// announced says whether a column was marked as deprecated for long enough.
func announced(publications []*Manifest, current *Manifest, dataset, column string) bool {
	needed, manifests := publicationsWithBoth, publications
	if len(publications) == 0 {
		needed, manifests = 1, []*Manifest{current}
	}
	count := 0
	for _, manifest := range manifests {
		record, _ := manifest.Dataset(dataset)
		if slices.ContainsFunc(record.Columns, func(c Column) bool { return c.Name == column && c.Deprecated != "" }) {
			count++
		}
	}
	return count >= needed
}
