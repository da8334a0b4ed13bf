package areadeprivation

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// columns are the columns of one batch of the input.
type columns struct {
	rows                                     int
	area, kind, name, edition, code          texts
	scoreBasis                               texts
	inArea                                   *array.Boolean
	rank, decile, population, lsoasInEngland *array.Int64
	score                                    *array.Float64
}

// texts is a column of text.
type texts struct{ *array.String }

// at is the text of a row, empty when null. It is a copy: a record's memory is
// not ours once the next record is read.
func (t texts) at(i int) string {
	if t.IsNull(i) {
		return ""
	}
	return strings.Clone(t.Value(i))
}

func newColumns(batch arrow.RecordBatch) (columns, error) {
	c := columns{rows: int(batch.NumRows())}
	find := finder{batch: batch}
	c.area.String = column[*array.String](&find, "area_code", "VARCHAR")
	c.kind.String = column[*array.String](&find, "area_type", "VARCHAR")
	c.name.String = column[*array.String](&find, "area_name", "VARCHAR")
	c.inArea = column[*array.Boolean](&find, "in_area", "BOOLEAN")
	c.edition.String = column[*array.String](&find, "iod_edition", "VARCHAR")
	c.code.String = column[*array.String](&find, "lsoa_code", "VARCHAR")
	c.rank = column[*array.Int64](&find, "imd_rank", "BIGINT")
	c.score = column[*array.Float64](&find, "imd_score", "DOUBLE")
	c.scoreBasis.String = column[*array.String](&find, "imd_score_basis", "VARCHAR")
	c.decile = column[*array.Int64](&find, "imd_decile", "BIGINT")
	c.population = column[*array.Int64](&find, "population", "BIGINT")
	c.lsoasInEngland = column[*array.Int64](&find, "lsoas_in_england", "BIGINT")
	return c, find.err
}

// facts are the columns of a row that describe its area.
func (c columns) facts(i int) areaFacts {
	return areaFacts{
		name:   c.name.at(i),
		kind:   c.kind.at(i),
		inArea: !c.inArea.IsNull(i) && c.inArea.Value(i),
		ranked: c.lsoasInEngland.Value(i),
	}
}

// lsoa is the LSOA of a row.
func (c columns) lsoa(i int) lsoa {
	l := lsoa{code: c.code.at(i)}
	if !c.rank.IsNull(i) {
		l.rank = some(c.rank.Value(i))
	}
	if !c.decile.IsNull(i) {
		l.decile = some(c.decile.Value(i))
	}
	if !c.score.IsNull(i) {
		l.score = some(c.score.Value(i))
	}
	if !c.population.IsNull(i) {
		l.population = some(c.population.Value(i))
	}
	return l
}

// finder looks columns up by name and keeps the first error.
type finder struct {
	batch arrow.RecordBatch
	err   error
}

// column is the named column, which must have the declared type.
func column[T arrow.Array](f *finder, name, declared string) T {
	var none T
	indices := f.batch.Schema().FieldIndices(name)
	if len(indices) != 1 {
		f.fail("column %s stands %d times: the input needs it once, as %s", name, len(indices), declared)
		return none
	}
	found, ok := f.batch.Column(indices[0]).(T)
	if !ok {
		f.fail("column %s is %s: declare it %s", name, f.batch.Column(indices[0]).DataType(), declared)
		return none
	}
	return found
}

func (f *finder) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf(format, args...)
	}
}
