// Command oldclient opens a released DuckDB file read-only with the driver of DuckDB 1.1, and reads every table, view and
// comment of it.
package main

import (
	"database/sql"
	"fmt"
	"os"

	_ "github.com/marcboeker/go-duckdb"
)

func main() {
	if err := read(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(file string) error {
	db, err := sql.Open("duckdb", file+"?access_mode=READ_ONLY")
	if err != nil {
		return err
	}
	defer db.Close()
	var version string
	if err := db.QueryRow("select version()").Scan(&version); err != nil {
		return err
	}
	rows, err := db.Query(`
		select schema_name || '.' || table_name, coalesce(comment, '') from duckdb_tables() where not internal
		union all select schema_name || '.' || view_name, coalesce(comment, '') from duckdb_views() where not internal order by 1`)
	if err != nil {
		return err
	}
	comments := map[string]string{}
	var names []string
	for rows.Next() {
		var name, comment string
		if err := rows.Scan(&name, &comment); err != nil {
			return err
		}
		names, comments[name] = append(names, name), comment
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("%s has no tables", file)
	}
	for _, name := range names {
		var count int64
		if err := db.QueryRow("select count(*) from " + name).Scan(&count); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if comments[name] == "" {
			return fmt.Errorf("%s has lost its comment", name)
		}
		fmt.Printf("%-30s %10d rows\n", name, count)
	}
	var share float64
	if err := db.QueryRow("select share(1, 4)").Scan(&share); err != nil || share != 0.25 {
		return fmt.Errorf("the macro share gives %v: %w", share, err)
	}
	fmt.Printf("read by DuckDB %s\n", version)
	return nil
}
