package sqlast

import (
	"slices"
	"strings"
)

// column is a column of a relation and whether it is certainly DOUBLE.
type column struct {
	name   string
	double bool
}

// shape is what is known of the columns of a relation; complete when none is missing.
type shape struct {
	columns  []column
	complete bool
}

func (s shape) names() []string {
	names := make([]string, len(s.columns))
	for i, c := range s.columns {
		names[i] = c.name
	}
	return names
}

// find says whether a column is there and certainly DOUBLE. A name that stands twice with different types is not.
func (s shape) find(name string) (double, found bool) {
	for _, c := range s.columns {
		if strings.EqualFold(c.name, name) {
			double = c.double && (double || !found)
			found = true
		}
	}
	return double, found
}

// renamed gives the first columns other names, as "with name(a, b)" and "as t(a, b)" do.
func (s shape) renamed(names []string) shape {
	if len(names) == 0 {
		return s
	}
	renamed := shape{columns: append([]column(nil), s.columns...), complete: s.complete}
	for i, name := range names {
		if i < len(renamed.columns) {
			renamed.columns[i].name = name
		} else {
			renamed.columns = append(renamed.columns, column{name: name})
		}
	}
	return renamed
}

// source is a relation in a FROM under the name it has there.
type source struct {
	name  string
	shape shape
}

// scope is what a name can mean at one place: the CTEs and sources of a query, and those of the queries around it.
type scope struct {
	outer   *scope
	ctes    map[string]shape
	sources []source
	lambda  []string // arguments of a lambda
}

// free says whether a bare name can only be an argument of a macro: no relation and no lambda around it gives it.
func (s *scope) free(name string) bool {
	for ; s != nil; s = s.outer {
		if len(s.sources) > 0 || slices.Contains(s.lambda, name) {
			return false
		}
	}
	return true
}

func (s *scope) inner() *scope { return &scope{outer: s} }

func (s *scope) define(cte string, known shape) {
	if s.ctes == nil {
		s.ctes = make(map[string]shape)
	}
	s.ctes[strings.ToLower(cte)] = known
}

func (s *scope) cte(name string) (shape, bool) {
	name = strings.ToLower(name)
	for ; s != nil; s = s.outer {
		if found, ok := s.ctes[name]; ok {
			return found, true
		}
	}
	return shape{}, false
}

// double says whether a column, written with or without its relation, is certainly DOUBLE.
func (s *scope) double(names []string) bool {
	for ; s != nil; s = s.outer {
		if len(names) == 2 {
			for _, from := range s.sources {
				if strings.EqualFold(from.name, names[0]) {
					double, _ := from.shape.find(names[1])
					return double
				}
			}
			continue
		}
		double, found, complete := false, false, true
		for _, from := range s.sources {
			d, f := from.shape.find(names[0])
			if f {
				double = d && (double || !found)
				found = true
			}
			complete = complete && from.shape.complete
		}
		if found || !complete {
			return double
		}
	}
	return false
}
