package sqlast

import (
	"slices"
	"strings"
)

// walker goes through one syntax tree and collects what it finds.
type walker struct {
	rules Rules
	macro bool
	found *Statement
	seen  map[string]bool // relations found already
	at    int             // the last known place, for nodes that carry none
}

// step moves to a node's place; the function it gives moves back.
func (w *walker) step(n object) (back func()) {
	before := w.at
	w.at = place(n, before)
	return func() { w.at = before }
}

// query reads a SELECT, a set operation or a recursive CTE. result marks the statement's own query, whose columns are
// the model's.
func (w *walker) query(n object, around *scope, result bool) shape {
	local := around.inner()
	w.ctes(child(n, "cte_map"), local)
	switch textOf(n, "type") {
	case "SELECT_NODE":
		return w.selectNode(n, local, result)
	case "SET_OPERATION_NODE":
		left := w.query(child(n, "left"), local, result)
		right := w.query(child(n, "right"), local, result)
		w.modifiers(n, local)
		w.rest(n, local, "type", "cte_map", "left", "right", "modifiers")
		if textOf(n, "setop_type") == "UNION_BY_NAME" {
			return shape{columns: append(append([]column(nil), left.columns...), right.columns...)}
		}
		return left
	case "RECURSIVE_CTE_NODE":
		start := w.query(child(n, "left"), local, false).renamed(texts(n, "aliases"))
		again := local.inner()
		again.define(textOf(n, "cte_name"), start)
		w.query(child(n, "right"), again, false)
		w.rest(n, again, "type", "cte_map", "left", "right")
		return start
	default:
		w.problem(w.at, "syntax this engine does not know (%s): write a plain SELECT", strings.ToLower(textOf(n, "type")))
		return shape{}
	}
}

// ctes defines the CTEs of a WITH in order: each sees those before it, and itself only where it is recursive.
func (w *walker) ctes(n object, local *scope) {
	for _, item := range list(n, "map") {
		entry := asObject(item)
		value := child(entry, "value")
		defined := w.query(child(child(value, "query"), "node"), local, false)
		w.rest(value, local, "query", "aliases", "materialized")
		local.define(textOf(entry, "key"), defined.renamed(texts(value, "aliases")))
	}
}

func (w *walker) selectNode(n object, local *scope, result bool) shape {
	local.sources = w.table(child(n, "from_table"), local)
	if n["sample"] != nil {
		w.problem(w.at, "a sample gives other rows each time: choose rows by a condition")
	}
	var gives shape
	gives.complete = true
	for _, item := range list(n, "select_list") {
		e := asObject(item)
		double := w.expression(e, local)
		if textOf(e, "class") == "STAR" {
			w.star(e, result)
			gives = gives.withStar(e, local)
			continue
		}
		name := textOf(e, "alias")
		if names := texts(e, "column_names"); name == "" && textOf(e, "class") == "COLUMN_REF" && len(names) > 0 {
			name = names[len(names)-1]
		}
		if name == "" && result && w.rules.NamedColumns {
			w.problem(place(e, w.at), "a column without a name: write “… as name”")
		}
		gives.columns = append(gives.columns, column{name, double})
	}
	w.modifiers(n, local)
	w.rest(n, local, "type", "cte_map", "from_table", "select_list", "modifiers", "sample")
	return gives
}

func (w *walker) star(e object, result bool) {
	if result && w.rules.NamedColumns {
		w.problem(place(e, w.at), "* in the result: name every column, so that a new input column changes nothing")
	}
}

// withStar adds the columns a * stands for, as far as they are known.
func (s shape) withStar(e object, local *scope) shape {
	for _, changed := range []string{"exclude_list", "replace_list", "rename_list", "qualified_exclude_list", "columns", "expr"} {
		if e[changed] != nil {
			s.complete = false
			return s
		}
	}
	for _, from := range local.sources {
		if only := textOf(e, "relation_name"); only != "" && !strings.EqualFold(only, from.name) {
			continue
		}
		s.columns = append(s.columns, from.shape.columns...)
		s.complete = s.complete && from.shape.complete
	}
	return s
}

// modifiers reads ORDER BY, LIMIT and DISTINCT, the last two of which keep other rows each time without the first.
func (w *walker) modifiers(n object, local *scope) {
	ordered := false
	for _, item := range list(n, "modifiers") {
		m := asObject(item)
		ordered = ordered || textOf(m, "type") == "ORDER_MODIFIER"
	}
	for _, item := range list(n, "modifiers") {
		m := asObject(item)
		w.rest(m, local, "type")
		if ordered || !w.rules.Repeatable {
			continue
		}
		switch textOf(m, "type") {
		case "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER":
			w.problem(place(child(m, "limit"), w.at), "limit without order by keeps other rows each time: add order by a key")
		case "DISTINCT_MODIFIER":
			if on := list(m, "distinct_on_targets"); len(on) > 0 {
				w.problem(place(asObject(on[0]), w.at), "distinct on without order by keeps other rows each time: add order by a key")
			}
		}
	}
}

// table reads what stands in a FROM and gives the sources it brings.
func (w *walker) table(n object, local *scope) []source {
	if n == nil {
		return nil
	}
	defer w.step(n)()
	if n["sample"] != nil {
		w.problem(w.at, "a sample gives other rows each time: choose rows by a condition")
	}
	names := texts(n, "column_name_alias")
	switch kind := textOf(n, "type"); kind {
	case "EMPTY":
		return nil
	case "BASE_TABLE":
		return []source{w.baseTable(n, local)}
	case "SUBQUERY":
		inner := w.query(child(child(n, "subquery"), "node"), local, false)
		return []source{{textOf(n, "alias"), inner.renamed(names)}}
	case "JOIN":
		return w.join(n, local)
	case "TABLE_FUNCTION":
		w.tableFunction(n, local)
		return []source{{textOf(n, "alias"), shape{}.renamed(names)}}
	case "EXPRESSION_LIST":
		w.rest(n, local, "type", "column_name_alias")
		return []source{{textOf(n, "alias"), shape{}}}
	case "PIVOT":
		inside := local.inner()
		inside.sources = w.table(child(n, "source"), local)
		w.rest(n, inside, "type", "source", "column_name_alias")
		return []source{{textOf(n, "alias"), shape{}}}
	case "SHOW_REF":
		w.problem(w.at, "describe, show and summarize read the catalogue: read relations only")
		return nil
	default:
		w.problem(w.at, "syntax this engine does not know (%s): read relations only", strings.ToLower(kind))
		return nil
	}
}

func (w *walker) baseTable(n object, local *scope) source {
	schema, name := textOf(n, "schema_name"), textOf(n, "table_name")
	alias := textOf(n, "alias")
	if alias == "" {
		alias = name
	}
	if n["at_clause"] != nil {
		w.problem(w.at, "an earlier version of a table: read the table as it is")
	}
	switch {
	case textOf(n, "catalog_name") != "":
		w.problem(w.at, "%s.%s.%s names a database: write schema.name", textOf(n, "catalog_name"), schema, name)
		return source{name: alias}
	case schema != "":
		relation := strings.ToLower(schema + "." + name)
		if !w.seen[relation] {
			w.seen[relation] = true
			w.found.Relations = append(w.found.Relations, Reference{relation, w.at})
		}
		return source{alias, w.known(relation).renamed(texts(n, "column_name_alias"))}
	}
	if cte, ok := local.cte(name); ok {
		return source{alias, cte.renamed(texts(n, "column_name_alias"))}
	}
	w.problem(w.at, "%s", w.unqualified(name))
	return source{name: alias}
}

// unqualified is the message for a bare name that no CTE in scope has.
func (w *walker) unqualified(name string) string {
	if strings.ContainsAny(name, "./\\*:~") {
		return "a file is not a relation: land it through a contract and read raw.*"
	}
	if w.rules.Qualify != nil {
		if meant := w.rules.Qualify(strings.ToLower(name)); meant != "" {
			return name + " is not a CTE in scope: write " + meant
		}
	}
	return name + " is not a CTE in scope: write the relation with its schema, such as stage." + name
}

// known is the shape of a relation of the project.
func (w *walker) known(relation string) shape {
	if w.rules.Double == nil {
		return shape{}
	}
	columns := w.rules.Double(relation)
	if columns == nil {
		return shape{}
	}
	known := shape{complete: true, columns: make([]column, 0, len(columns))}
	for name, double := range columns {
		known.columns = append(known.columns, column{name, double})
	}
	return known
}

func (w *walker) join(n object, local *scope) []source {
	left := w.table(child(n, "left"), local)
	// The right side of a join may be lateral: it sees the left.
	lateral := local.inner()
	lateral.sources = left
	right := w.table(child(n, "right"), lateral)
	both := local.inner()
	both.sources = append(append([]source(nil), left...), right...)
	if textOf(n, "ref_type") == "POSITIONAL" {
		w.problem(w.at, "a positional join pairs rows by where they happen to stand: join by a key")
	}
	w.rest(n, both, "type", "left", "right")
	return both.sources
}

func (w *walker) tableFunction(n object, local *scope) {
	function := child(n, "function")
	name := strings.ToLower(textOf(function, "function_name"))
	switch name {
	case "unnest", "range", "generate_series":
	default:
		w.problem(place(function, w.at), "table function %s: a model reads relations, and of table functions unnest, range and generate_series only", name)
	}
	w.rest(function, local, "type", "class", "function_name")
	w.rest(n, local, "type", "function", "column_name_alias")
}

// rest goes through what of a node has not been read yet, so that nothing escapes.
func (w *walker) rest(n object, local *scope, read ...string) {
	for key, value := range n {
		if !slices.Contains(read, key) {
			w.anything(value, local)
		}
	}
}

func (w *walker) anything(value any, local *scope) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			w.anything(item, local)
		}
	case object:
		kind := textOf(value, "type")
		switch {
		case value["class"] != nil:
			w.expression(value, local)
		case strings.HasSuffix(kind, "_NODE"):
			w.query(value, local, false)
		case isTableKind(kind):
			w.table(value, local)
		default:
			w.rest(value, local)
		}
	}
}

func isTableKind(kind string) bool {
	switch kind {
	case "BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "PIVOT", "SHOW_REF", "CTE", "COLUMN_DATA", "DELIM_GET", "BOUND_TABLE_REF":
		return true
	}
	return false
}
