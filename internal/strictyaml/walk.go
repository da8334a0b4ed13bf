package strictyaml

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"socialvalue/internal/nearest"
)

// Aliases can make a small file unfold without end, so the walk gives up well before memory does.
const (
	maxDepth = 40
	maxNodes = 200_000
)

// walker compares the nodes of a document with the Go type they are to be decoded into.
type walker struct {
	doc   *Doc
	nodes int
	stop  bool
}

// check reports every key and value that does not fit out; false means the document cannot be decoded safely.
func (w *walker) check(root *yaml.Node, out any) bool {
	w.value(root, reflect.TypeOf(out).Elem(), "the file", 0)
	return !w.stop
}

func (w *walker) value(n *yaml.Node, t reflect.Type, name string, depth int) {
	if w.stop {
		return
	}
	w.nodes++
	if depth > maxDepth || w.nodes > maxNodes {
		w.stop = true
		w.report(n, "nested too deeply or too large: write it out without anchors")
		return
	}
	n = follow(n)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if n.Tag == "!!null" {
		return
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[yaml.Unmarshaler]()) {
		if err := n.Decode(reflect.New(t).Interface()); err != nil {
			w.report(n, fmt.Sprintf("%s: %s", name, err))
		}
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		w.structure(n, t, name, depth)
	case reflect.Map:
		w.mapping(n, t, name, depth)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			w.report(n, name+" expects a list: [a, b] or lines that begin with -")
			return
		}
		for i, item := range n.Content {
			if t.Elem().Kind() == reflect.String && item.Tag == "!!null" && item.Value != "" {
				item.Tag = "!!str" // in a list of texts, NULL is the word
			}
			w.value(item, t.Elem(), fmt.Sprintf("%s[%d]", name, i), depth+1)
		}
	case reflect.Interface:
	default:
		w.scalar(n, t, name)
	}
}

func (w *walker) structure(n *yaml.Node, t reflect.Type, name string, depth int) {
	if n.Kind != yaml.MappingNode {
		w.report(n, name+" expects keys with values (key: value)")
		return
	}
	known := fields(t)
	names := make([]string, 0, len(known))
	for _, f := range known {
		if f.gone == "" {
			names = append(names, f.name)
		}
	}
	w.pairs(n, func(key, value *yaml.Node) {
		for _, f := range known {
			if f.name == key.Value && f.gone != "" {
				w.report(key, fmt.Sprintf("unknown key %q: %s", key.Value, f.gone))
				return
			}
			if f.name == key.Value {
				w.value(value, f.typ, key.Value, depth+1)
				return
			}
		}
		switch meant := nearest.Of(key.Value, names); {
		case key.Value == "<<":
			w.report(key, "merge keys (<<) are not supported: write the keys out")
		case len(names) == 0:
			w.report(key, fmt.Sprintf("unknown key %q: %s has no settings yet; remove it", key.Value, name))
		case meant != "":
			w.report(key, fmt.Sprintf("unknown key %q: did you mean %q?", key.Value, meant))
		default:
			w.report(key, fmt.Sprintf("unknown key %q: remove it, or use one of %s", key.Value, strings.Join(names, ", ")))
		}
	})
}

func (w *walker) mapping(n *yaml.Node, t reflect.Type, name string, depth int) {
	if n.Kind != yaml.MappingNode {
		w.report(n, name+" expects keys with values (key: value)")
		return
	}
	w.pairs(n, func(key, value *yaml.Node) {
		w.value(value, t.Elem(), name+"."+key.Value, depth+1)
	})
}

// pairs visits each key once and reports keys that come again or are not plain text.
func (w *walker) pairs(n *yaml.Node, visit func(key, value *yaml.Node)) {
	seen := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			w.report(key, "a key must be plain text")
			continue
		}
		if line, twice := seen[key.Value]; twice {
			w.report(key, fmt.Sprintf("%q stands twice, first on line %d: keep one", key.Value, line))
			continue
		}
		seen[key.Value] = key.Line
		visit(key, n.Content[i+1])
	}
}

func (w *walker) scalar(n *yaml.Node, t reflect.Type, name string) {
	expects := map[reflect.Kind]string{
		reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Int64: "a whole number",
		reflect.Float64: "a number",
	}[t.Kind()]
	if expects == "" {
		expects = "text"
	}
	if n.Kind != yaml.ScalarNode || n.Decode(reflect.New(t).Interface()) != nil {
		w.report(n, name+" expects "+expects)
	}
}

func (w *walker) report(n *yaml.Node, text string) {
	w.doc.add(n.Line, n.Column, text)
}

type field struct {
	name string
	typ  reflect.Type
	gone string // a key that there was once: what to write instead
}

// fields lists the YAML keys of a struct, those of inlined structs included. A
// tag `gone:"…"` makes a key an unknown one whose mistake says what it tells.
func fields(t reflect.Type) []field {
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || name == "-":
		case options == "inline":
			list = append(list, fields(f.Type)...)
		case name == "":
			list = append(list, field{strings.ToLower(f.Name), f.Type, f.Tag.Get("gone")})
		default:
			list = append(list, field{name, f.Type, f.Tag.Get("gone")})
		}
	}
	return list
}
