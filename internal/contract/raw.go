package contract

import (
	"strings"

	"socialvalue/internal/strictyaml"
)

// RawColumn is a column of a raw relation that comes from a column of the contract.
type RawColumn struct {
	Name    string
	SQLType string
	From    *Column
	// Apart says that the value hangs on more than the file, so that it does not
	// count when rows of two files are compared.
	Apart bool
}

// What a person's postcode becomes, each after the prefix of its column.
const (
	PlaceLSOA11    = "lsoa11_code"
	PlaceLSOA21    = "lsoa21_code"
	PlaceDistrict  = "lad_code"
	PlaceDecile    = "imd_decile_" // and the edition
	PlaceStatus    = "place_status"
	PlaceDirectory = "directory_release"
)

// placePart is one column of what a postcode becomes.
type placePart struct{ name, sqlType string }

// parts are the LSOAs, or where deciles are asked for these and the district alone.
func (place *Place) parts() []placePart {
	parts := []placePart{{PlaceLSOA11, "VARCHAR"}, {PlaceLSOA21, "VARCHAR"}}
	if place != nil && len(place.Deciles) > 0 {
		parts = []placePart{{PlaceDistrict, "VARCHAR"}}
		for _, edition := range place.Deciles {
			parts = append(parts, placePart{PlaceDecile + edition, "INTEGER"})
		}
	}
	return append(parts, placePart{PlaceStatus, "VARCHAR"}, placePart{PlaceDirectory, "VARCHAR"})
}

// Raw lists the columns that raw.* has of the contract, in its order. This is
// the one place that says what becomes of a column: most are stored under their
// name, a postcode that is placed becomes several, one that is dropped none.
func (c *Contract) Raw() []RawColumn {
	var stored []RawColumn
	for i := range c.Columns {
		stored = append(stored, c.Columns[i].raw()...)
	}
	return stored
}

func (column *Column) raw() []RawColumn {
	switch column.Action {
	case ActionDrop:
		return nil
	case ActionPseudonymise:
		return []RawColumn{{Name: column.Name, SQLType: "UUID", From: column}}
	case ActionBand:
		return []RawColumn{{Name: column.Name, SQLType: "VARCHAR", From: column}}
	case ActionPlace:
		prefix, _ := column.placePrefix()
		var list []RawColumn
		for _, part := range column.Place.parts() {
			list = append(list, RawColumn{Name: prefix + part.name, SQLType: part.sqlType, From: column, Apart: true})
		}
		return list
	case ActionKeep:
	}
	return []RawColumn{{Name: column.Name, SQLType: column.Type.SQLType(), From: column}}
}

// placePrefix is what the names of a placed column begin with: what stands before
// postcode in its own name, unless the contract says it.
func (column *Column) placePrefix() (prefix string, ok bool) {
	if column.Place != nil && column.Place.Prefix != nil {
		return *column.Place.Prefix, true
	}
	return strings.CutSuffix(column.Name, "postcode")
}

// validateRaw reports what can be told only of all columns together: bands
// and places that look at another column, and names that come out twice.
func (c *Contract) validateRaw(at strictyaml.Spot) {
	seen := map[string]string{}
	for i := range c.Columns {
		column, here := &c.Columns[i], at.At(i)
		switch {
		case column.Action == ActionBand && column.Band != nil && column.Band.AgeAt != "" && !c.dateColumn(column.Band.AgeAt):
			here.At("band", "age_at").Report("%s: age_at names %q, which is no date column of the contract", column.Name, column.Band.AgeAt)
		case column.Action == ActionPlace && (column.Place == nil || !c.dateColumn(column.Place.At)):
			here.At("place").Report("%s: place needs the date column that says when the person lived there, as place: {at: issued_on}", column.Name)
		}
		if column.Action == ActionPlace {
			column.Place.validateDeciles(here)
			prefix, ok := column.placePrefix()
			if !ok || (prefix != "" && !snakeCase.MatchString(strings.TrimSuffix(prefix, "_"))) {
				here.Report("%s: its name does not end in postcode: say how the names of its areas begin, as place: {prefix: home_}", column.Name)
			}
		}
		for _, stored := range column.raw() {
			if other, twice := seen[stored.Name]; twice && other != column.Name {
				here.Report("%s and %s both become %s in %s: give one another name or prefix", other, column.Name, stored.Name, c.Relation())
			}
			seen[stored.Name] = column.Name
		}
	}
}

// validateDeciles reports editions that are none.
func (place *Place) validateDeciles(here strictyaml.Spot) {
	if place == nil {
		return
	}
	seen := map[string]bool{}
	for i, edition := range place.Deciles {
		if len(edition) != 4 || strings.Trim(edition, "0123456789") != "" || seen[edition] {
			here.At("place", "deciles", i).Report("deciles are editions of the Indices of Deprivation, each once, as ['2019', '2025'], and not %q", edition)
		}
		seen[edition] = true
	}
}
