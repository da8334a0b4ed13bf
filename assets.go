// Package socialvalue embeds everything that is data rather than code, so that
// one binary is the whole warehouse. A site folder may add to it or replace
// single files of it.
package socialvalue

import "embed"

// Assets holds the pipelines, the SQL, the schedules and the fixtures.
//
//go:embed all:pipelines all:sql all:schedules all:fixtures
var Assets embed.FS
