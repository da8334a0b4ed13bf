package model

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/strictyaml"
)

// Problem is one mistake in the project's files, at its place, with the remedy.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Text   string `json:"text"`
}

func (p Problem) Error() string {
	switch {
	case p.Line == 0:
		return p.File + ": " + p.Text
	case p.Column == 0:
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// Problems are all mistakes of a project, in the order of files and lines.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// sorted puts problems in order and drops repeats; nil when there are none.
func (p Problems) sorted() Problems {
	slices.SortFunc(p, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column, strings.Compare(a.Text, b.Text))
	})
	return slices.Compact(p)
}

// addYAML takes over the mistakes strictyaml found in a file.
func (p *Problems) addYAML(file string, err error) {
	var found strictyaml.Errors
	if !errors.As(err, &found) {
		*p = append(*p, Problem{File: file, Text: err.Error()})
		return
	}
	for _, one := range found {
		*p = append(*p, Problem{one.File, one.Line, one.Column, one.Text})
	}
}
