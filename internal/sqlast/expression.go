package sqlast

import (
	"slices"
	"strings"
)

// expression reads a value and says whether it is certainly DOUBLE.
func (w *walker) expression(n object, local *scope) (double bool) {
	defer w.step(n)()
	switch textOf(n, "class") {
	case "COLUMN_REF":
		return w.columnReference(n, local)
	case "FUNCTION":
		return w.function(n, local)
	case "WINDOW":
		return w.window(n, local)
	case "SUBQUERY":
		return w.subquery(n, local)
	case "CAST":
		w.expression(child(n, "child"), local)
		w.rest(n, local, "class", "type", "child", "cast_type")
		return isFloat(textOf(child(n, "cast_type"), "id"))
	case "CASE":
		return w.caseOf(n, local)
	case "OPERATOR":
		double = w.anyDouble(list(n, "children"), local)
		w.rest(n, local, "class", "type", "children")
		return double && textOf(n, "type") == "OPERATOR_COALESCE"
	case "CONSTANT":
		return isFloat(textOf(child(child(n, "value"), "type"), "id"))
	case "PARAMETER":
		w.problem(w.at, "a parameter ($1, ?) has no value here: read it from a relation such as site.settings")
		return false
	case "LAMBDA":
		w.lambda(n, local)
		return false
	case "STAR", "COMPARISON", "CONJUNCTION", "BETWEEN", "COLLATE", "POSITIONAL_REFERENCE", "DEFAULT", "TYPE":
		w.rest(n, local, "class", "type")
		return false
	default:
		w.problem(w.at, "syntax this engine does not know (%s): write it another way", strings.ToLower(textOf(n, "class")))
		w.rest(n, local, "class", "type")
		return false
	}
}

func isFloat(typeName string) bool { return typeName == "DOUBLE" || typeName == "FLOAT" }

// anyDouble reads all values and says whether one is certainly DOUBLE.
func (w *walker) anyDouble(values []any, local *scope) bool {
	double := false
	for _, value := range values {
		double = w.expression(asObject(value), local) || double
	}
	return double
}

// columnReference also finds the words that look like columns and are functions of the clock or the session.
func (w *walker) columnReference(n object, local *scope) bool {
	names := texts(n, "column_names")
	if len(names) == 0 {
		return false
	}
	last := strings.ToLower(names[len(names)-1])
	if first := strings.ToLower(names[0]); w.macro && !slices.Contains(w.rules.Arguments, first) && !isSessionWord(first) && local.free(first) {
		w.problem(w.at, "%s is no argument of the macro: add it to the arguments", first)
	}
	if len(names) == 1 && isSessionWord(last) {
		w.problem(w.at, "%s differs from run to run: read site.as_of or site.settings", last)
	}
	if last == "rowid" && len(names) <= 2 {
		w.problem(w.at, "rowid is where a row happens to stand: use the relation's key")
	}
	return local.double(names)
}

// lambda reads a function written in place. The same arrow takes a value out of JSON; then its left side is a value.
func (w *walker) lambda(n object, local *scope) {
	inner := local.inner()
	left := child(n, "lhs")
	for _, argument := range append(list(left, "children"), any(left)) {
		if names := texts(asObject(argument), "column_names"); len(names) == 1 {
			inner.lambda = append(inner.lambda, strings.ToLower(names[0]))
		}
	}
	w.rest(n, inner, "class", "type")
}

func (w *walker) subquery(n object, local *scope) bool {
	inner := w.query(child(child(n, "subquery"), "node"), local, false)
	w.rest(n, local, "class", "type", "subquery")
	return textOf(n, "subquery_type") == "SCALAR" && len(inner.columns) == 1 && inner.columns[0].double
}

func (w *walker) caseOf(n object, local *scope) bool {
	double := false
	for _, item := range list(n, "case_checks") {
		check := asObject(item)
		w.expression(child(check, "when_expr"), local)
		double = w.expression(child(check, "then_expr"), local) || double
	}
	if otherwise := child(n, "else_expr"); otherwise != nil {
		double = w.expression(otherwise, local) || double
	}
	w.rest(n, local, "class", "type", "case_checks", "else_expr")
	return double
}

// function reads a call. DuckDB writes operators as calls too.
func (w *walker) function(n object, local *scope) bool {
	name := strings.ToLower(textOf(n, "function_name"))
	if isName(name) {
		w.found.Calls = append(w.found.Calls, Reference{name, w.at})
	}
	arguments := list(n, "children")
	if isSort(name) && len(arguments) > 0 {
		// DuckDB itself turns list(x order by x) into list_sort(list(x)).
		if sorted := asObject(arguments[0]); sorted != nil {
			sorted["sorted"] = true
		}
	}
	doubles := make([]bool, len(arguments))
	for i, argument := range arguments {
		doubles[i] = w.expression(asObject(argument), local)
	}
	ordered := isOrdered(list(child(n, "order_bys"), "orders")) || isTrue(n, "sorted")
	w.rest(n, local, "class", "type", "children")
	if remedy := refusedFunction(name, len(arguments)); remedy != "" {
		w.problem(w.at, "%s", remedy)
	}
	if w.rules.Repeatable {
		w.aggregate(name, arguments, doubles, ordered)
	}
	return givesDouble(name, doubles)
}

// isName tells functions from operators.
func isName(function string) bool { return function != "" && isWord(function[0]) }

// aggregate applies the rules for functions whose result may hang on the order rows come in.
func (w *walker) aggregate(name string, arguments []any, doubles []bool, ordered bool) {
	first := len(doubles) > 0 && doubles[0]
	switch rule := aggregateRule(name); rule {
	case freely:
	case whenOrdered:
		ordered = ordered || isExtreme(name) && len(arguments) > 1 && isRow(asObject(arguments[1]))
		if !ordered {
			w.problem(w.at, "%s without order by takes whichever row comes first: write %s(… order by a key)", name, name)
		}
	case whenExact:
		if first {
			w.problem(w.at, "%s of a DOUBLE differs in the last digits from run to run: %s", name, exactly(name))
		}
	case whenDouble:
		if !first {
			w.problem(w.at, "%s cuts off digits of a DECIMAL: write %s(cast(… as double))", name, name)
		}
	default:
		w.problem(w.at, "%s", rule)
	}
}

// isSort says whether a function puts the values of a list in their own order.
func isSort(name string) bool {
	switch name {
	case "list_sort", "array_sort", "list_reverse_sort", "array_reverse_sort":
		return true
	}
	return false
}

// isRow says whether a value is a row or struct of several values, which can break ties.
func isRow(n object) bool {
	name := textOf(n, "function_name")
	return (name == "row" || name == "struct_pack") && len(list(n, "children")) > 1
}

// isOrdered says whether the ORDER BY of an aggregate or window orders by anything: constants do not count.
func isOrdered(orders []any) bool {
	for _, item := range orders {
		if textOf(child(asObject(item), "expression"), "class") != "CONSTANT" {
			return true
		}
	}
	return false
}

func (w *walker) window(n object, local *scope) bool {
	name := strings.ToLower(textOf(n, "function_name"))
	w.found.Calls = append(w.found.Calls, Reference{name, w.at})
	arguments := list(n, "children")
	doubles := make([]bool, len(arguments))
	for i, argument := range arguments {
		doubles[i] = w.expression(asObject(argument), local)
	}
	w.rest(n, local, "class", "type", "children")
	if remedy := refusedFunction(name, len(arguments)); remedy != "" {
		w.problem(w.at, "%s", remedy)
	}
	if w.rules.Repeatable {
		ordered := isOrdered(list(n, "orders"))
		switch {
		case name == "ntile":
			w.problem(w.at, "ntile makes groups of unequal size in its own way: write ceil(rank * 10.0 / count), or what the method says")
		case textOf(n, "type") != "WINDOW_AGGREGATE":
			if !ordered && !isOrdered(list(n, "arg_orders")) {
				w.problem(w.at, "%s without order by numbers rows as they happen to come: write over (… order by a key)", name)
			}
		default:
			if !ordered && framedByRows(n) {
				w.problem(w.at, "a frame of rows without order by takes rows as they happen to come: write over (… order by a key)")
			}
			w.aggregate(name, arguments, doubles, ordered || isOrdered(list(n, "arg_orders")))
		}
	}
	return givesDouble(name, doubles)
}

func framedByRows(n object) bool {
	return strings.HasSuffix(textOf(n, "start"), "_ROWS") || strings.HasSuffix(textOf(n, "end"), "_ROWS")
}
