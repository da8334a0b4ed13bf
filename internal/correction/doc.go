// Package correction reads the decisions by which people correct single values:
// the CSV files of a site's overrides/. One corrects cells of the files that came
// in (overrides/raw.spend_payments.csv), another what a model gives
// (overrides/spend.payments.flow_class.csv). Every mistake is named with its
// file, line and column, and no value is quoted.
package correction
