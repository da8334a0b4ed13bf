//go:build duckdb_arrow

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"socialvalue/internal/warehouse"
)

// marked are texts that stand in files about people and nowhere else: the
// identifiers, names, addresses, birthdays and fees of the script personal.txtar,
// as they are written, normalised and read. They are made so that nothing but a
// leak can put them anywhere.
func marked() []string {
	return []string{
		// identifiers: with separators, digits alone, broken
		"7319 0284", "73190284", "7319-0284", "X3190284",
		// names, addresses, notes
		"zebulon", "quillfeather", "marker@", "marker.example", "epilepsy-marker", "housebound-marker",
		// days of birth, as written and as read, and impossible ones
		"13/07/1931", "1931-07-13", "29/02/1948", "1948-02-29", "31/02/1931", "1931-02-31",
		// postcodes as nobody else writes them, and some that are in no directory
		"l3-1bp.", "wn5..7xx", "L3 1B P", "QQ99 9QQ", "zz99 3vz",
		// fees
		"1234567.89", "1,234,567.89", "1.234.567,89", "7654321987",
		// a need that is not in the list
		"need-marker",
	}
}

// plantPeople lays the site of testdata/people over a new one and drops files
// about invented people, right ones and ones broken in every way.
func plantPeople(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: people SOURCE SITE")
	}
	site := ts.MkAbs(args[1])
	ts.Check(os.CopyFS(site, os.DirFS(args[0])))
	const header = "Card No,Name,E-mail,Notes,Date of Birth,Postcode,Fee,Support,Joined,Club\n"
	const good = "7319 0284 4600 01,Zebulon Quillfeather,z@marker.example,epilepsy-marker,1931-07-13,l3-1bp.,1234567.89,none,2024-03-01,Imaginary Baths\n"
	files := map[string]string{
		// Right, and each rule of a row broken.
		"members/rows.csv": header + good +
			"73190284460002,Zora Quillfeather,zora@marker.example,,1948-02-29,wn5..7xx,\"1,234,567.89\",some,2025-02-28,Imaginary Baths\n" +
			"73190284460003,Zach Quillfeather,,,1931-02-31,L3 1B P,5.00,some,2025-02-28,Imaginary Baths\n" + // impossible day
			"X3190284460004,Zach Quillfeather,,,1931-07-13,QQ99 9QQ,5.00,none,2025-02-28,Imaginary Baths\n" + // no number
			"73190284460005,Zach Quillfeather,,housebound-marker,1931-07-13,zz99 3vz,1.234.567,need-marker,2025-02-28,Imaginary Baths\n" + // no money, no such need
			"73190284460006,Zach Quillfeather,,,2031-07-13,,5.00,none,2025-02-28,Imaginary Baths\n" + // born later
			"7319-0284-4600-01,Zebulon Again,,,1931-07-13,,7654321987,none,2025-02-28,Imaginary Baths\n" + // the same card
			"73190284460007,Zebulon Nowhere,,,1931-07-13,,7654321987,none,2025-02-28,Nowhere\n" + // a check fails
			",Zebulon Nobody,,,,,,,2025-02-28,\n" + // no card
			",Zebulon Total,,,,TOTAL,7654321987,,,\n", // skipped
		// Not well formed, a row each.
		"members/ragged.csv": header + strings.Replace(good, "01,", "11,", 1) +
			"73190284460012,Zebulon Few\n" +
			"73190284460013,Zebulon Many,,,1931-07-13,,5.00,none,2025-02-28,Imaginary Baths,,,housebound-marker\n" +
			"73190284460014,\"Zebulon\" Quillfeather,,,1931-07-13,,5.00,none,2025-02-28,Imaginary Baths\n" +
			"73190284460015,Zebulon\x00 Quillfeather,,,1931-07-13,,5.00,none,2025-02-28,Imaginary Baths\n",
		// Refused whole.
		"members/headerless.csv": good + good,
		"members/fused.csv":      strings.TrimSuffix(header, "Club\n") + good,
		"members/unknown.csv":    strings.TrimSuffix(header, "\n") + ",Zebulon Quillfeather\n" + strings.TrimSuffix(good, "\n") + ",housebound-marker\n",
		"members/twice.csv":      strings.TrimSuffix(header, "\n") + ",card no\n" + strings.TrimSuffix(good, "\n") + ",73190284460001\n",
		"members/shifted.csv":    "Members of Zebulon Quillfeather\n" + header + good,
		"members/unclosed.csv":   header + good + "73190284460021,\"Zebulon Quillfeather,,,1931-07-13,,5.00,none,2025-02-28,Imaginary Baths\n" + good,
		"members/semicolon.csv":  strings.ReplaceAll(header+good, ",", ";"),
		"members/utf16.csv":      utf16(header + good),
		"members/latin1.csv":     header + strings.Replace(good, "Zebulon", "Zebul\xf3n\x81", 1),
		"members/wrong.csv":      header + strings.Repeat("X3190284460004,Zach Quillfeather,,,31/02/1931,QQ99 9QQ,\"1.234.567,89\",need-marker,13/07/1931,Imaginary Baths\n", 30),
		"members/cut.csv.gz":     "\x1f\x8b\x08\x00" + good,
		"members/empty.csv":      "",
		// Postcodes of journeys, the same rows in two files, and a card twice in one.
		"visits/january.csv":  "Card No,From,Visited,Club\n73190284460001,l3-1bp.,2025-01-05,Imaginary Baths\n73190284460001,l3-1bp.,2025-01-05,Imaginary Baths\n73190284460002,QQ99 9QQ,2025-01-05,Imaginary Baths\n",
		"visits/february.csv": "Card No,From,Visited,Club\n73190284460001,l3-1bp.,2025-01-05,Imaginary Baths\n7319-0284-4600-01,wn5..7xx,2025-02-05,Imaginary Baths\n73190284460001,,29/02/1948,Imaginary Baths\n",
	}
	for name, text := range files {
		path := filepath.Join(site, "drop", filepath.FromSlash(name))
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o750))
		ts.Check(os.WriteFile(path, []byte(text), 0o600))
		ts.Check(os.Chtimes(path, time.Time{}, time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)))
	}
}

// utf16 is a text as a spreadsheet may save it.
func utf16(text string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, r := range text {
		b.WriteByte(byte(r))
		b.WriteByte(0)
	}
	return b.String()
}

// noMarks fails where a mark is in what the last command printed.
func noMarks(ts *testscript.TestScript, _ bool, _ []string) {
	for _, printed := range []string{"stdout", "stderr"} {
		for _, mark := range marksIn(ts.ReadFile(printed)) {
			ts.Fatalf("%s shows %q", printed, mark)
		}
	}
}

// leaks looks for marks in every file below a folder but landed ones: in its
// name, its bytes and, since columns are packed, in every row of Parquet and
// DuckDB files as a reader sees them. So that the search is known to find things,
// each word given must be found somewhere in rows of both kinds.
func leaks(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: leaks WAREHOUSE WORD…")
	}
	root := ts.MkAbs(args[0])
	found := map[string]bool{}
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case name == "landing":
			return fs.SkipDir // as received: where such values may be
		case !entry.Type().IsRegular():
			return nil
		}
		files++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		texts := map[string]string{"name": name, "bytes": string(data), "16-bit": strings.ReplaceAll(string(data), "\x00", "")}
		switch filepath.Ext(name) {
		case ".parquet":
			if texts["parquet"], err = rowsOf(context.Background(), "", path); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		case ".duckdb":
			if texts["duckdb"], err = rowsOf(context.Background(), path, ""); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		for kind, text := range texts {
			for _, mark := range marksIn(text) {
				return fmt.Errorf("%s (%s) holds %q", name, kind, mark)
			}
			for _, word := range args[1:] {
				if strings.Contains(text, word) {
					found[kind+" "+word] = true
				}
			}
		}
		return nil
	})
	ts.Check(err)
	for _, word := range args[1:] {
		if !found["parquet "+word] || !found["duckdb "+word] {
			ts.Fatalf("%q is not found in Parquet and DuckDB rows, so nothing is proved; %d files were read", word, files)
		}
	}
}

func marksIn(text string) []string {
	text = strings.ToLower(text)
	var list []string
	for _, mark := range marked() {
		if strings.Contains(text, strings.ToLower(mark)) {
			list = append(list, mark)
		}
	}
	return list
}

// rowsOf gives all rows of a Parquet file, or of every table of a DuckDB file, as
// text.
func rowsOf(ctx context.Context, database, parquet string) (text string, err error) {
	db, err := warehouse.Open(ctx, database, warehouse.Options{ReadOnly: database != "", Threads: 1})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	relations := []string{"read_parquet(" + warehouse.Text(parquet) + ")"}
	if database != "" {
		relations, err = db.Texts(ctx, "select '\"' || schema_name || '\".\"' || table_name || '\"' from duckdb_tables() where not internal")
		if err != nil {
			return "", err
		}
	}
	var all bytes.Buffer
	for _, relation := range relations {
		rows, err := db.Texts(ctx, "select cast(columns_of as varchar) from "+relation+" as columns_of")
		if err != nil {
			return "", fmt.Errorf("%s: %w", relation, err)
		}
		all.WriteString(strings.Join(rows, "\n"))
	}
	return all.String(), nil
}
