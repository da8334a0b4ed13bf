//go:build duckdb_arrow

package release_test

// composeVariable makes the test binary compose releases and be killed.
const composeVariable = "SVW_TEST_COMPOSE"

func composeInChild(root string) error { return nil }
