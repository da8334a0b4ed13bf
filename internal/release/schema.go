//go:build duckdb_arrow

package release

import (
	"fmt"
	"slices"

	"socialvalue/internal/manifest"
)

// publicationsWithBoth is how many publications must have had a column marked as
// deprecated, beside what takes its place, before it may go.
const publicationsWithBoth = 2

// SchemaProblems says what a plan would do to the columns that people already
// use: of each dataset those of the publications, oldest first, or of the current
// release where it was never published. Columns are added freely. One goes, under
// whatever name it would come back, only after two publications that had it
// marked as deprecated; without publications, after a release that had. The type
// of a column never changes: the new one is another column.
func SchemaProblems(publications []*manifest.Manifest, current *manifest.Manifest, datasets []Dataset) []string {
	var problems []string
	for _, dataset := range datasets {
		published := recordsOf(publications, dataset.Name)
		forms, needed := published, publicationsWithBoth
		if len(published) == 0 {
			forms, needed = recordsOf([]*manifest.Manifest{current}, dataset.Name), 1
		}
		if len(forms) == 0 || dataset.Held {
			continue
		}
		record := forms[len(forms)-1]
		for _, column := range record.Columns {
			at := slices.IndexFunc(dataset.Columns, func(c manifest.Column) bool { return c.Name == column.Name })
			where := dataset.DefinedIn + ": " + dataset.Name + "." + column.Name
			if at < 0 {
				if !announced(forms, column.Name, needed) {
					problems = append(problems, where+" is in use and would be gone: keep it, marked `deprecated: why and what instead`, until two publications have had it so; "+
						"a column that takes its place says `renamed_from: "+column.Name+"`")
				}
				continue
			}
			if now := manifest.Canonical(dataset.Columns[at : at+1])[0].Type; now != column.Type {
				problems = append(problems, fmt.Sprintf("%s is in use as %s and would become %s: keep it as it is and add a column with another name", where, column.Type, now))
			}
		}
	}
	return problems
}

// recordsOf are the forms that a dataset had in manifests, in their order.
func recordsOf(manifests []*manifest.Manifest, dataset string) (records []manifest.DatasetRecord) {
	for _, manifest := range manifests {
		if manifest == nil {
			continue
		}
		if record, found := manifest.Dataset(dataset); found {
			records = append(records, record)
		}
	}
	return records
}

// announced says whether a column was marked as deprecated for long enough.
func announced(forms []manifest.DatasetRecord, column string, needed int) bool {
	count := 0
	for _, record := range forms {
		if slices.ContainsFunc(record.Columns, func(c manifest.Column) bool { return c.Name == column && c.Deprecated != "" }) {
			count++
		}
	}
	return count >= needed
}
