package sqlast

// object is one node of DuckDB's syntax tree. Keys with default values are left out of it.
type object = map[string]any

func asObject(v any) object {
	o, _ := v.(object)
	return o
}

func child(n object, key string) object { return asObject(n[key]) }

func list(n object, key string) []any {
	l, _ := n[key].([]any)
	return l
}

func textOf(n object, key string) string {
	s, _ := n[key].(string)
	return s
}

func texts(n object, key string) []string {
	items := list(n, key)
	all := make([]string, 0, len(items))
	for _, item := range items {
		s, _ := item.(string)
		all = append(all, s)
	}
	return all
}

func isTrue(n object, key string) bool {
	b, _ := n[key].(bool)
	return b
}

// place is where a node stands in the text, or the place of what it stands in when DuckDB gives none.
func place(n object, otherwise int) int {
	if at, ok := n["query_location"].(float64); ok && at < 1<<40 {
		return int(at)
	}
	return otherwise
}
