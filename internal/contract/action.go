package contract

import (
	"strconv"

	"socialvalue/internal/pseudonym"
	"socialvalue/internal/warehouse"
)

// Identifier is a column of identifiers, and the table that judging reads their
// keys from: id_text as it was staged, and key.
type Identifier struct {
	Column  string
	Domain  string
	Numeric bool
	Check   CheckDigit
	Table   string
	TextSQL string // gives the distinct texts that need a key, as id_text
}

// Placing is a column of postcodes, and the table that judging reads their places
// from: postcode_text, on_date and the columns of a place.
type Placing struct {
	Column   string
	Table    string
	GivenSQL string   // gives the distinct postcode_text and on_date to place
	Deciles  []string // editions of the Indices whose deciles stand in the place of LSOAs
}

// isRead says whether the file carries the column and its text is read.
func (r *Reading) isRead(i int) bool {
	return r.sources[i].Field >= 0 && r.contract.Columns[i].Action != ActionDrop
}

// Identifiers lists the columns of the file for which keys stand.
func (r *Reading) Identifiers() []Identifier {
	var list []Identifier
	for i := range r.contract.Columns {
		column := &r.contract.Columns[i]
		if column.Action != ActionPseudonymise || !r.isRead(i) {
			continue
		}
		name := warehouse.Ident(column.Name)
		list = append(list, Identifier{
			Column: column.Name, Domain: column.Domain, Numeric: column.Numeric, Check: column.CheckDigit, Table: besideTable(i),
			TextSQL: r.goodRows() + "select distinct " + name + " as id_text from text_rows where " + name + " is not null" + column.unshared(name),
		})
	}
	return list
}

// Placings lists the columns of the file that are placed.
func (r *Reading) Placings() []Placing {
	var list []Placing
	for i := range r.contract.Columns {
		column := &r.contract.Columns[i]
		if column.Action != ActionPlace || !r.isRead(i) {
			continue
		}
		name := warehouse.Ident(column.Name)
		list = append(list, Placing{
			Column: column.Name, Table: besideTable(i), Deciles: column.Place.Deciles,
			GivenSQL: r.goodRows() + "select distinct " + name + " as postcode_text, " + r.dayOf(column.Place.At) + " as on_date from text_rows where " + name + " is not null",
		})
	}
	return list
}

// HasStandIns says whether typing joins tables of what stands for texts, which
// may give the rows in another order than the file's.
func (r *Reading) HasStandIns() bool { return len(r.Identifiers())+len(r.Placings()) > 0 }

// goodRows is the CTE of the rows that will be typed.
func (r *Reading) goodRows() string {
	return r.textRows("\n    where staged.rowid not in (select row_index from " + Exceptions + ")")
}

// besideTable is the table of what stands for the texts of a column.
func besideTable(i int) string { return "svw_beside_" + strconv.Itoa(i) }

// dayOf is the day that a date column of the row says.
func (r *Reading) dayOf(name string) string {
	return "cast(" + r.rules[r.contract.Column(name).Type].read(warehouse.Ident(name)) + " as DATE)"
}

// StatusMissing is the status of a place where no postcode was given, a code of
// ref.place_status.
const StatusMissing = "missing"

// storedItems are the select items of what is stored of a column and, where that
// stands in a table beside, the join.
func (r *Reading) storedItems(i int) (items []string, join string) {
	column := &r.contract.Columns[i]
	text := warehouse.Ident(column.Name)
	typed := r.rules[column.Type].read(text)
	beside := besideTable(i)
	switch column.Action {
	case ActionDrop:
		return nil, ""
	case ActionPseudonymise:
		if !r.isRead(i) {
			return []string{"cast(null as UUID) as " + text}, ""
		}
		return []string{beside + ".key as " + text}, "\nleft join " + beside + " on " + beside + ".id_text = text_rows." + text
	case ActionBand:
		if column.Band.AgeAt != "" {
			typed = ageSQL(typed, r.ageDay(column))
		}
		return []string{column.bandSQL(typed) + " as " + text}, ""
	case ActionPlace:
		prefix, _ := column.placePrefix()
		for _, part := range column.Place.parts() {
			value := "cast(null as " + part.sqlType + ")"
			if r.isRead(i) {
				value = beside + "." + part.name
			}
			if part.name == PlaceStatus {
				value = "coalesce(" + value + ", " + warehouse.Text(StatusMissing) + ")"
			}
			items = append(items, value+" as "+warehouse.Ident(prefix+part.name))
		}
		if r.isRead(i) {
			join = "\nleft join " + beside + " on " + beside + ".postcode_text = text_rows." + text +
				" and " + beside + ".on_date is not distinct from " + r.dayOf(column.Place.At)
		}
		return items, join
	case ActionKeep:
	}
	return []string{r.typed(i) + " as " + text}, ""
}

// ageDay is the day on which the age counts.
func (r *Reading) ageDay(column *Column) string {
	day := r.dayOf(column.Band.AgeAt)
	if column.Band.YearEnd != "" {
		day = yearEndSQL(day, column.Band.YearEnd)
	}
	return day
}

// actionViolation is the one way in which a text cannot be turned into what
// stands for it; false when there is none.
func (r *Reading) actionViolation(i int) (violation, bool) {
	column := &r.contract.Columns[i]
	name := warehouse.Ident(column.Name)
	switch {
	case column.Action == ActionPseudonymise && r.isRead(i):
		return violation{
			column: column.Name, rule: "no_identifier",
			when: "not regexp_full_match(" + name + ", " + warehouse.Text(pseudonym.Pattern(column.Numeric)) + ")",
		}, true
	case column.Action == ActionBand && column.Band.AgeAt != "" && r.isRead(i):
		return violation{
			column: column.Name, rule: "born_later",
			when: r.rules[column.Type].read(name) + " > " + r.ageDay(column),
		}, true
	}
	return violation{}, false
}
