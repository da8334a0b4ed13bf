// Package workbook streams the rows of a sheet of an Excel workbook (.xlsx,
// .xlsm, also with a password) as typed cells, and says how a cell reads as the
// text of a column.
//
// It reads the parts of the package itself, one XML token at a time. The
// streaming reader of excelize gives text alone: neither the type of a cell nor
// its format, so that a date is no more than a number; it takes the end of a
// damaged sheet for the end of the data, and an unknown shared string for its
// index. What excelize does here is to take the password off.
//
// Memory is bounded by what one row holds and by eight bytes for each shared
// string, whose texts lie in a temporary file. Parts that unpack to more than
// the limits allow, tags and texts that do not end and elements nested without
// end are refused.
package workbook
