//go:build duckdb_arrow

package release_test

import (
	"fmt"
	"testing"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/release"
)

// BenchmarkCompose releases 25 datasets of 600,000 rows together: all of them
// new, one of them new, none of them new.
func BenchmarkCompose(b *testing.B) {
	db := openBuild(b, 2)
	execute(b, db, `create schema bulk`)
	p := bare()
	p.Datasets, p.Queries = nil, nil
	for i := range 25 {
		name := fmt.Sprintf("bulk.t%02d", i)
		execute(b, db, fmt.Sprintf(`create table %[1]s as select md5('%[1]s' || i)::uuid as line_key, 'E4700000' || i %% 5 as body_code,
			date '2022-04-01' + (i %% 900)::int as posting_date, 'Supplier number ' || (hash(i) %% 5000) as supplier_name,
			((hash(i) %% 1000003) / 100)::decimal(18,2) as amount_gbp, i %% 3 = 0 as local_reg, sqrt(i) as score, hash(i)::ubigint %% 9 as k1, 'x' || i %% 7 as category
			from range(24000) r(i) order by hash(i); alter table %[1]s alter k1 type bigint`, name))
		p.Datasets = append(p.Datasets, release.Dataset{
			Name: name, Kind: release.KindTable, Tier: release.TierOpen, Formats: []string{"parquet", "csv"}, Licence: "OGL-UK-3.0",
			Description: "Bulk", Grain: "one line", InputsHash: "1", SchemaVersion: 1, Key: []string{"line_key"}, OrderBy: []string{"posting_date"},
			Columns: []release.Column{
				column("line_key", "UUID", ""), column("body_code", "VARCHAR", ""), column("posting_date", "DATE", ""), column("supplier_name", "VARCHAR", ""),
				column("amount_gbp", "DECIMAL(18,2)", "GBP"), column("local_reg", "BOOLEAN", ""), column("score", "DOUBLE", ""), column("k1", "BIGINT", ""), column("category", "VARCHAR", ""),
			},
		})
	}
	judged, err := disclosure.Protect(b.Context(), db, release.OpenRelations(p.Datasets), disclosure.Floor())
	if err != nil {
		b.Fatal(err)
	}
	p.Masks = judged.Masks
	c := composer(b, db)
	for _, part := range []struct {
		name  string
		fresh int
	}{{"all new", 25}, {"one new", 1}, {"none new", 0}} {
		b.Run(part.name, func(b *testing.B) {
			for i := range b.N {
				for d := range part.fresh {
					p.Datasets[d].InputsHash = fmt.Sprint(b.Name(), b.N, i)
				}
				compose(b, c, p)
			}
		})
	}
}
