// Package report makes the page of a release: where the framework's measures stand, in its own words, what is promised,
// what is not measured yet, and what all of it rests on. It is one HTML file that needs nothing else and runs no script.
//
// Everything on it is read from the open file of the release. A figure carries the cell that it is from (data-key: the
// row, data-cell: table and column), so that whoever doubts a number can look it up, and a test does so for all of them.
package report
