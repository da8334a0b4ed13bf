//go:build duckdb_arrow

package release

import "socialvalue/internal/manifest"

// Suppressions is the table of withheld cells. Those of a domain's own datasets
// say why in its restricted file.
const Suppressions = "meta.suppressions"

// Names of the other tables that the release writes itself.
const (
	metaRelease    = "meta.release"
	metaSources    = "meta.sources"
	metaRuns       = "meta.runs"
	metaQuarantine = "meta.quarantine"
	metaChecks     = "meta.checks"
	metaOverrides  = "meta.overrides"
	metaColumns    = "meta.columns"
	metaEditions   = "meta.editions"
	metaFreshness  = "meta.freshness"
)

// metaNames are the names of the relations that the release writes itself.
func metaNames() map[string]bool {
	names := map[string]bool{metaFreshness: true}
	for _, table := range metaDefinitions() {
		names[table.Name] = true
	}
	return names
}

// metaDefinitions describes the tables that the release writes itself. Their
// order of columns is that of the cells in meta.go.
func metaDefinitions() []Dataset {
	definitions := []Dataset{
		{
			Name: metaRelease, Tier: manifest.TierOpen, Description: "What this release is and how far the data in it reach",
			Grain: "one domain of datasets in this release", Key: []string{"release_id", "domain"},
			Columns: []manifest.Column{
				{Name: "release_id", Type: "VARCHAR", Description: "Name of the release: the time it was made (UTC) and four digits of its content's hash", Example: "20250630T023000Z-1f3a"},
				{Name: "domain", Type: "VARCHAR", Description: "Schema of the datasets that the row speaks of", Example: "spend"},
				{Name: "built_at", Type: "TIMESTAMPTZ", Unit: "UTC", Description: "When the release was made"},
				{Name: "data_up_to", Type: "DATE", Description: "Last day that the feeds of the domain are of; null where none has come that says so"},
				{Name: "held_back", Type: "VARCHAR", Unit: "JSON list", Description: "Datasets that stay at their earlier content: a check failed or, in a publication, they were not approved this time", Example: "[]"},
				{Name: "software_version", Type: "VARCHAR", Description: "Version of svw that made the release"},
				{Name: "schema_version", Type: "VARCHAR", Description: "Version of the published columns"},
				{Name: "duckdb_version", Type: "VARCHAR", Description: "Version of DuckDB that wrote the files", Example: "v1.5.5"},
				{Name: "not_publishable", Type: "VARCHAR", Unit: "JSON list", Description: "Datasets that the ledger of what was published speaks against: they cannot be published as they are", Example: "[]"},
			},
		},
		{
			Name: metaSources, Tier: manifest.TierOpen, Description: "What came in from each source that is active in this release",
			Grain: "one source", Key: []string{"source"},
			Columns: []manifest.Column{
				{Name: "source", Type: "VARCHAR", Description: "Name of the source in the site file", Example: "leeds"},
				{Name: "contract", Type: "VARCHAR", Description: "Contract that its files must meet", Example: "spend/payments"},
				{Name: "domain", Type: "VARCHAR", Description: "Domain that the source belongs to; null where several share it"},
				{Name: "supplied", Type: "BOOLEAN", Description: "Whether anything has come from the source"},
				{Name: "data_to", Type: "DATE", Description: "Last day that its data cover; in the open file, of a source with rows about people, the last day that its files say they are of"},
				{Name: "received_at", Type: "TIMESTAMPTZ", Unit: "UTC", Description: "When its newest file arrived"},
				{Name: "stale_after", Type: "TIMESTAMPTZ", Unit: "UTC", Description: "When silence from the source becomes too long; meta.freshness compares it with the present"},
				{Name: "files", Type: "BIGINT", Unit: "files", Description: "Files that are active; null, as all counts, in the open file where its rows are about people"},
				{Name: "rows_read", Type: "BIGINT", Unit: "rows", Description: "Records in those files: loaded, duplicate, quarantined and skipped ones"},
				{Name: "rows_loaded", Type: "BIGINT", Unit: "rows", Description: "Records that were loaded"},
				{Name: "rows_duplicate", Type: "BIGINT", Unit: "rows", Description: "Records that another file of the source holds too"},
				{Name: "rows_quarantined", Type: "BIGINT", Unit: "rows", Description: "Records that were refused by a rule and kept aside"},
				{Name: "rows_skipped", Type: "BIGINT", Unit: "rows", Description: "Records passed over by a declared rule, such as blank and total lines"},
				{Name: "control_total_gbp", Type: "DECIMAL(18,2)", Unit: "GBP", Description: "Money total that the files claim for themselves; null where they claim none"},
				{Name: "key_ids", Type: "VARCHAR", Description: "Ids of the keys that stand for identifiers of people, comma-separated; null where it has none"},
			},
		},
		{
			Name: metaRuns, Tier: manifest.TierRestricted, Description: "Runs of the warehouse",
			Grain: "one run", Key: []string{"run_id"},
			Columns: []manifest.Column{
				{Name: "run_id", Type: "VARCHAR", Description: "Name of the run"},
				{Name: "started_at", Type: "TIMESTAMPTZ", Unit: "UTC", Description: "When it started"},
				{Name: "finished_at", Type: "TIMESTAMPTZ", Unit: "UTC", Description: "When it ended; null for the run that made this release"},
				{Name: "run_status", Type: "VARCHAR", Description: "How it ended"},
				{Name: "reason", Type: "VARCHAR", Description: "What started it"},
				{Name: "datasets_built", Type: "BIGINT", Unit: "datasets", Description: "Datasets that it built anew"},
			},
			OrderBy: []string{"started_at"},
		},
		{
			Name: metaQuarantine, Tier: manifest.TierRestricted, Description: "Records that were not loaded, and why",
			Grain: "one refused record and rule", Key: []string{"load_id", "source_row", "column_name", "rule_name"},
			Columns: []manifest.Column{
				{Name: "source", Type: "VARCHAR", Description: "Name of the source in the site file"},
				{Name: "source_file", Type: "VARCHAR", Description: "File that holds the record"},
				{Name: "source_row", Type: "BIGINT", Unit: "line", Description: "Line of the record in the file, counting the header"},
				{Name: "column_name", Type: "VARCHAR", Description: "Column that broke the rule; null where the record as a whole did"},
				{Name: "rule_name", Type: "VARCHAR", Description: "Rule that refused the record"},
				{Name: "reason", Type: "VARCHAR", Description: "What is wrong, in words"},
				{Name: "shown_value", Type: "VARCHAR", Description: "The offending text, masked; always null for personal columns"},
				{Name: "load_id", Type: "VARCHAR", Description: "Load that refused the record"},
				{Name: "quarantined_at", Type: "TIMESTAMPTZ", Unit: "UTC", Description: "When it was refused"},
			},
			OrderBy: []string{"source", "source_file", "source_row", "column_name", "rule_name", "load_id"},
		},
		{
			Name: metaChecks, Tier: manifest.TierRestricted, Description: "Checks made before this release, and their outcome",
			Grain: "one check of one dataset", Key: []string{"check_name", "dataset"},
			Columns: []manifest.Column{
				{Name: "check_name", Type: "VARCHAR", Description: "Name of the check"},
				{Name: "dataset", Type: "VARCHAR", Description: "Dataset that was checked; null for the release as a whole"},
				{Name: "severity", Type: "VARCHAR", Description: "error: the dataset is held; warn: it is released"},
				{Name: "check_scope", Type: "VARCHAR", Description: "dataset, or release: a failure stops everything"},
				{Name: "outcome", Type: "VARCHAR", Description: "passed, warned or failed"},
				{Name: "offending_rows", Type: "BIGINT", Unit: "rows", Description: "Rows that broke the check"},
				{Name: "description", Type: "VARCHAR", Description: "What the check makes sure of"},
			},
		},
		{
			Name: metaOverrides, Tier: manifest.TierRestricted, Description: "Corrections by people that are applied in this release",
			Grain: "one correction of one cell", Key: []string{"dataset", "column_name", "record_key", "decided_on", "decided_by"},
			Columns: []manifest.Column{
				{Name: "dataset", Type: "VARCHAR", Description: "Dataset that is corrected"},
				{Name: "column_name", Type: "VARCHAR", Description: "Column that is corrected"},
				{Name: "record_key", Type: "VARCHAR", Description: "Key of the corrected row; null where the column is personal"},
				{Name: "override_value", Type: "VARCHAR", Description: "Value put in; null where the column is personal"},
				{Name: "reason", Type: "VARCHAR", Description: "Why"},
				{Name: "decided_by", Type: "VARCHAR", Description: "Who decided it"},
				{Name: "decided_on", Type: "DATE", Description: "When it was decided"},
				{Name: "expires_on", Type: "DATE", Description: "Last day on which it applies; null: until withdrawn"},
				{Name: "rows_changed", Type: "BIGINT", Unit: "rows", Description: "Rows that it changed in this release"},
			},
		},
		{
			Name: Suppressions, Tier: manifest.TierOpen, Description: "Cells of the open datasets that are withheld",
			Grain: "one withheld cell", Key: []string{"dataset", "cell_key", "column_name"},
			Columns: []manifest.Column{
				{Name: "dataset", Type: "VARCHAR", Description: "Dataset of the cell"},
				{Name: "cell_key", Type: "VARCHAR", Unit: "JSON object", Description: "Key of the cell's row"},
				{Name: "column_name", Type: "VARCHAR", Description: "Column of the cell"},
				{Name: "mark", Type: "VARCHAR", Description: "Mark that stands in its place in CSV files", Example: "[c]"},
				{Name: "explanation", Type: "VARCHAR", Description: "What the mark means: one sentence, the same for all cells"},
				{Name: "withholding", Type: "VARCHAR", Description: "In restricted files: primary, or secondary so that a primary one cannot be worked out"},
				{Name: "withholding_rule", Type: "VARCHAR", Description: "In restricted files: the rule that withheld the cell"},
			},
		},
		{
			Name: metaColumns, Tier: manifest.TierOpen, Description: "Every column of every table and view in this file",
			Grain: "one column", Key: []string{"dataset", "column_name"},
			Columns: []manifest.Column{
				{Name: "dataset", Type: "VARCHAR", Description: "Table or view", Example: "spend.local_spend"},
				{Name: "column_name", Type: "VARCHAR", Description: "Column", Example: "local_gbp"},
				{Name: "column_position", Type: "INTEGER", Description: "Place of the column in its table, from 1"},
				{Name: "data_type", Type: "VARCHAR", Description: "DuckDB type", Example: "DECIMAL(18,2)"},
				{Name: "unit", Type: "VARCHAR", Description: "Unit of its values; null where there is none", Example: "GBP"},
				{Name: "description", Type: "VARCHAR", Description: "What it says"},
				{Name: "example", Type: "VARCHAR", Description: "An example of a value"},
				{Name: "personal", Type: "VARCHAR", Description: "Class of personal data: none, indirect, direct or special"},
				{Name: "tier", Type: "VARCHAR", Description: "open or restricted"},
			},
			OrderBy: []string{"dataset", "column_position"},
		},
	}
	definitions = append(definitions, metaEditionsDefinition())
	for i := range definitions {
		definitions[i].Kind = manifest.KindTable
		definitions[i].Formats = []string{"csv", "parquet"}
		definitions[i].SchemaVersion = 1
		if definitions[i].Tier == manifest.TierOpen {
			definitions[i].Licence = "OGL-UK-3.0"
		}
	}
	return definitions
}

// freshness is the one relation that looks at the clock: stale data must say so
// on the day they are read, also when no release has been made since. It keeps
// to functions that every client has without extensions, those of 2024 too (make
// test-compat).
func freshness() item {
	return item{Dataset: Dataset{
		Name: metaFreshness, Kind: manifest.KindView, Tier: manifest.TierOpen, SchemaVersion: 1,
		Description: "Which sources have been silent for too long, at the moment of asking",
		Grain:       "one source", Key: []string{"source"}, Reads: []string{metaSources},
		ViewSQL: `select
    source,
    contract,
    supplied,
    data_to,
    received_at,
    stale_after,
    cast(floor((epoch_us(now()) - epoch_us(received_at)) / 86400000000) as bigint) as days_since_received,
    coalesce(now() > stale_after, false) as is_stale
from meta.sources`,
		Columns: []manifest.Column{
			{Name: "source", Type: "VARCHAR", Description: "Name of the source in the site file"},
			{Name: "contract", Type: "VARCHAR", Description: "Contract that its files must meet"},
			{Name: "supplied", Type: "BOOLEAN", Description: "Whether anything has come from the source"},
			{Name: "data_to", Type: "DATE", Description: "Last day that its data cover; in the open file, of a source with rows about people, the last day that its files say they are of"},
			{Name: "received_at", Type: "TIMESTAMP WITH TIME ZONE", Unit: "UTC", Description: "When its newest file arrived"},
			{Name: "stale_after", Type: "TIMESTAMP WITH TIME ZONE", Unit: "UTC", Description: "When silence from the source becomes too long"},
			{Name: "days_since_received", Type: "BIGINT", Unit: "days", Description: "Whole days since its newest file arrived; null where none has"},
			{Name: "is_stale", Type: "BOOLEAN", Description: "Whether the source has been silent for too long"},
		},
	}}
}
