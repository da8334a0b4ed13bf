package demo

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"socialvalue/internal/query"
)

// Question is a query the demonstration answers or suggests.
type Question struct {
	Title string
	Tier  string
	SQL   string
}

// Headlines are the figures the demonstration shows.
func Headlines(assets fs.FS) ([]Question, error) { return questions(assets, "headlines") }

// Queries are questions to try.
func Queries(assets fs.FS) ([]Question, error) { return questions(assets, "queries") }

// questions reads the files of a folder of fixtures/site, in the order of their
// names: a comment with the title, one with the tier, and a SELECT.
func questions(assets fs.FS, folder string) ([]Question, error) {
	files, err := fs.Glob(assets, path.Join("fixtures/site", folder, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("list the questions of the demonstration: %w", err)
	}
	list := make([]Question, len(files))
	for i, file := range files {
		text, err := fs.ReadFile(assets, file)
		if err != nil {
			return nil, fmt.Errorf("read a question of the demonstration: %w", err)
		}
		title, rest, _ := strings.Cut(string(text), "\n")
		_, sql, _ := strings.Cut(rest, "\n")
		list[i] = Question{Title: strings.TrimPrefix(title, "-- "), Tier: query.TierOf(string(text)), SQL: strings.TrimSpace(sql)}
	}
	return list, nil
}
