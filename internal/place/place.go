// Package place says where people live who gave a postcode: the areas it lies in
// on a day, and how surely. It holds one query, over the geography models and
// their macros, so that a person's postcode and a supplier's are placed alike.
//
// It runs nothing itself and imports nothing of the engine.
package place

import (
	_ "embed"
	"fmt"
	"strings"
)

// Given is the table that holds what is to be placed: postcode_text, as it was
// written, and on_date.
const Given = "svw_place_given"

//go:embed place.sql
var query string

// SQL gives, for each row of Given, postcode_text, on_date, lad_code (the district
// in the directory), lsoa11_code, lsoa21_code, place_status (a code of
// ref.place_status) and directory_release.
// It needs the Relations and the project's macros.
func SQL() string { return query }

// UnplacedSQL gives the same columns where the warehouse has no geography at all.
func UnplacedSQL() string {
	return "select postcode_text, on_date, cast(null as varchar) as lad_code, cast(null as varchar) as lsoa11_code,\n" +
		"       cast(null as varchar) as lsoa21_code, 'unplaced' as place_status, cast(null as varchar) as directory_release\nfrom " + Given
}

// Relations are those that SQL reads.
func Relations() []string {
	return []string{"geo.postcode", "ref.place_status", "site.area", "stage.postcode_area"}
}

// UnplacedDecilesSQL gives the columns of DecilesSQL where the warehouse has no
// geography, or no Indices, at all.
func UnplacedDecilesSQL(editions []string) string {
	var columns strings.Builder
	for _, edition := range editions {
		columns.WriteString("cast(null as integer) as imd_decile_" + edition + ", ")
	}
	return "select postcode_text, on_date, lad_code, " + columns.String() + "place_status, directory_release\nfrom (" + UnplacedSQL() + ")"
}

// DecilesSQL gives what a query of places gives, without the LSOAs, and in their
// place imd_decile_<edition> for each of the editions of the Indices: the decile
// of the LSOA of the vintage that the edition is about, null where it does not
// know the LSOA. It needs the DecileRelations.
func DecilesSQL(places string, editions []string) string {
	var columns strings.Builder
	for _, edition := range editions {
		fmt.Fprintf(&columns, "    max(decile.imd_decile) filter (where decile.iod_edition = '%s') as imd_decile_%[1]s,\n", edition)
	}
	return strings.NewReplacer("/* places */", places, "    -- deciles\n", columns.String()).Replace(decilesQuery)
}

//go:embed deciles.sql
var decilesQuery string

// DecileRelations are those that DecilesSQL reads beside the Relations.
func DecileRelations() []string { return []string{"geo.lsoa", "ref.iod_edition"} }
