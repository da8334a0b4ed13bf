// Package candidate makes what may be released: it builds what is stale, checks
// it, holds what failed, protects the open tables, gathers what the meta tables
// tell, and has the release composed.
package candidate
