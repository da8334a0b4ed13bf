// Package compile puts the releases of each contracting process together, as they followed one another.
//
// # Input
//
// releases has a row for each release, those of a process together:
//
//	body_code, ocid, release_id VARCHAR
//	released_at VARCHAR    moment in UTC, in one form that sorts
//	release VARCHAR        the release as JSON
//
// # Output of ocds_compile@1
//
// A row for each release:
//
//	body_code, ocid, release_id VARCHAR
//	release_no BIGINT      place among the releases of its process, from 1: by date, those of one date by id
//	is_latest BOOLEAN      whether it is the last
//	compiled VARCHAR       what was known after it, as one release in JSON
//
// Source: methods, C7; the merge routine of the Open Contracting Data Standard 1.1, in internal/ocds.
package compile
