// Package place says where people live who gave a postcode: the areas it lies in
// on a day, and how surely. It holds one query, over the geography models and
// their macros, so that a person's postcode and a supplier's are placed alike.
//
// It runs nothing itself and imports nothing of the engine.
package place

import _ "embed"

// Given is the table that holds what is to be placed: postcode_text, as it was
// written, and on_date.
const Given = "svw_place_given"

//go:embed place.sql
var query string

// SQL gives, for each row of Given, postcode_text, on_date, lsoa11_code,
// lsoa21_code, place_status (a code of ref.place_status) and directory_release.
// It needs the Relations and the project's macros.
func SQL() string { return query }

// UnplacedSQL gives the same columns where the warehouse has no geography at all.
func UnplacedSQL() string {
	return "select postcode_text, on_date, cast(null as varchar) as lsoa11_code, cast(null as varchar) as lsoa21_code, 'unplaced' as place_status,\n" +
		"       cast(null as varchar) as directory_release\nfrom " + Given
}

// Relations are those that SQL reads.
func Relations() []string {
	return []string{"geo.postcode", "ref.place_status", "site.area", "stage.postcode_area"}
}
