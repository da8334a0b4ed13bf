package documents

import (
	"fmt"

	"socialvalue/internal/workbook"
)

// Note says in words what a note of a prepared document means; "" when it is
// none of a workbook.
func Note(name string, n int64) string {
	text := map[string]string{
		hiddenSheet:             "its sheet is hidden",
		hiddenRows:              fmt.Sprintf("%d hidden rows are rows like any other", n),
		hiddenColumns:           fmt.Sprintf("%d hidden columns are columns like any other", n),
		mergedFilled:            fmt.Sprintf("%d cells have what is merged over them", n),
		workbook.RoundedDecimal: fmt.Sprintf("%d numbers were rounded to ten decimals", n),
		workbook.RoundedDust:    fmt.Sprintf("%d numbers have digits beyond the 15 that Excel keeps, which were rounded off", n),
	}
	return text[name]
}
