//go:build duckdb_arrow

package run_test

import (
	"testing"
	"testing/fstest"
	"time"
)

// newTinyFlow makes a site of one feed, one stage and one dataset, on which a run
// takes a fraction of a second.
func newTinyFlow(t testing.TB) *flow {
	t.Helper()
	f := &flow{dir: t.TempDir(), now: time.Date(2025, time.July, 1, 2, 30, 0, 0, time.UTC), builtIn: tinyFiles()}
	f.write(t, "svw.yaml", tinySite)
	f.write(t, "drop/lines_2025-01.csv", january)
	return f
}

const tinySite = `name: Tiny
version: 1
bodies: [{code: us, name: Us, role: authority}]
area: {name: Here, lad_codes: [E08000012]}
time_zone: Europe/London
financial_year_start: 04-01
baseline_year: 2024-25
as_of: 2025-06-30
duckdb: {memory_limit: 500MB, threads: 1, temp_limit: 1GB}
warehouse: warehouse
sources:
  - name: ours
    contract: feed/lines
    body: us
    from: drop/lines_*
    name_pattern: 'lines_(?P<month>\d{4}-\d{2})'
    layouts:
      - {name: by_name, when: {header_has: [Posted, Payee]}, format: {dates: [YYYY-MM-DD, DD/MM/YYYY, DD-Mon-YY]}}
  - name: split
    contract: feed/lines
    body: us
    from: drop/split_*
    name_pattern: 'split_(?P<month>\d{4}-\d{2})'
    layouts:
      - {name: titled, format: {header_row: 4}, map: {Posted: posted, Doc: document_ref, Payee: payee, Net: amount_gbp}}
  - name: quarters
    contract: feed/lines
    body: us
    from: drop/quarter_*
    name_pattern: 'quarter_(?P<quarter>\d{4}-Q\d)'
    layouts: [{name: by_name}]
`

const tinyHeader = "Posted,Doc,Payee,Net\n"

const january = tinyHeader +
	"2025-01-02,1,Example Ltd,10.00\n" +
	"2025-01-03,2,Example Ltd,20.00\n" +
	"2025-01-04,3,Pretend Ltd,30.50\n"

// tinyFiles are the feed and its models.
func tinyFiles() fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"pipelines/feed/pipeline.yaml": "name: feed\ndescription: a feed\nowner: us\npurpose: tests\nlawful_basis: none\n" +
			"retention: {landing_days: 90}\nfreshness: {stale_after: 45d}\npersonal: false\n",
		"pipelines/feed/contracts/lines.yaml": `version: 1
description: ledger lines
grain: one ledger line
load: {mode: replace_period, period: posted, identity: occurrence}
limits: {quarantine_share: 0.4, quarantine_max: 500, min_rows: 1}
control: [{sum: amount_gbp, from: footer}]
skip: [{rule: total, when: "payee = 'TOTAL'"}]
columns:
  - {name: posted, type: date, aliases: [Posted]}
  - {name: document_ref, type: text, aliases: [Doc]}
  - {name: payee, type: text, required: true, aliases: [Payee]}
  - {name: amount_gbp, type: money, required: true, aliases: [Net]}
layouts: [{name: by_name}]
`,
		"sql/stage/feed_lines.sql": "select line_key, source, document_ref, posted, payee, amount_gbp, _source_file as source_file, _source_row as source_row\nfrom raw.feed_lines\n",
		"sql/stage/feed_lines.yaml": `grain: one ledger line
description: Lines as they came.
key: [line_key]
columns:
  - {name: line_key, type: UUID}
  - {name: source, type: VARCHAR}
  - {name: document_ref, type: VARCHAR}
  - {name: posted, type: DATE}
  - {name: payee, type: VARCHAR}
  - {name: amount_gbp, type: "DECIMAL(18,2)"}
  - {name: source_file, type: VARCHAR}
  - {name: source_row, type: BIGINT}
`,
		"sql/feed/lines.sql": "select line_key, document_ref, posted, payee, amount_gbp, source_file, source_row from stage.feed_lines\n",
		"sql/feed/lines.yaml": `grain: one ledger line
description: Lines.
owner: us
key: [line_key]
order_by: [posted, document_ref, line_key]
columns:
  - {name: line_key, type: UUID, description: which line}
  - {name: document_ref, type: VARCHAR, description: which document}
  - {name: posted, type: DATE, description: day}
  - {name: payee, type: VARCHAR, description: who was paid}
  - {name: amount_gbp, type: "DECIMAL(18,2)", unit: GBP, description: how much, checks: [not_null]}
  - {name: source_file, type: VARCHAR, description: file}
  - {name: source_row, type: BIGINT, description: line of it}
publish: {tier: restricted, domain: feed, formats: [parquet, csv]}
`,
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}
