// Package strictyaml decodes YAML so that every mistake names its file, line and column, and the key that was probably
// meant; all mistakes of a file are reported together. Values are never quoted in a message: one of them may be a secret.
// It imports the YAML library and internal/nearest only.
package strictyaml

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Error is one mistake in a YAML file, at its place.
type Error struct {
	File         string
	Line, Column int
	Text         string
}

func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.File, e.Text)
	case e.Column == 0:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
}

// Errors are all mistakes of one file, in the order of its lines.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find a single mistake.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

// Doc is one decoded file and what is wrong with it so far.
type Doc struct {
	file string
	root *yaml.Node
	errs Errors
}

// Decode reads the one document in data into out, a pointer to a struct. The error is for text that is not YAML at all;
// unknown keys, duplicate keys and values of the wrong kind are kept in the Doc, so that the caller can add what it finds
// itself (Spot.Report) and return Doc.Err once.
func Decode(file string, data []byte, out any) (*Doc, error) {
	d := &Doc{file: file}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var root yaml.Node
	if err := dec.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return d, nil // an empty file: what must be there is the caller's to say
		}
		return nil, Errors{d.syntax(err)}
	}
	if len(root.Content) == 1 {
		d.root = root.Content[0]
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		d.add(second.Line, second.Column, "a second document begins here: keep one document in a file")
	} else if !errors.Is(err, io.EOF) {
		return nil, Errors{d.syntax(err)}
	}
	if d.root == nil {
		return d, nil
	}
	w := walker{doc: d}
	if !w.check(d.root, out) {
		return nil, d.Err() // too deep or too large: not safe to decode
	}
	if err := d.root.Decode(out); err != nil && len(d.errs) == 0 {
		return nil, Errors{d.syntax(err)} // whatever the walk did not foresee
	}
	return d, nil
}

// Err returns all mistakes found so far as Errors, or nil.
func (d *Doc) Err() error {
	if len(d.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(d.errs, func(a, b *Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return slices.Clone(d.errs)
}

// Fresh is the same document with no mistakes found yet, for a check that comes later than decoding.
func (d *Doc) Fresh() *Doc {
	return &Doc{file: d.file, root: d.root}
}

// At is the place of the value under path, as Spot.At.
func (d *Doc) At(path ...any) Spot {
	return Spot{doc: d, node: d.root}.At(path...)
}

func (d *Doc) add(line, column int, text string) {
	d.errs = append(d.errs, &Error{File: d.file, Line: line, Column: column, Text: text})
}

// syntax rewrites the library's message, which begins with "yaml: line N:" and may go on to quote a value.
func (d *Doc) syntax(err error) *Error {
	line, text := 0, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := regexp.MustCompile(`^(?:unmarshal errors:\n\s*)?line (\d+): (.*)`).FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	text = regexp.MustCompile("`[^`]*`").ReplaceAllString(text, "a value")
	return &Error{File: d.file, Line: line, Text: text + ": not valid YAML; look at this line and the one above it"}
}

// Spot is a place in a file: a value, or the nearest thing to a value that is not there.
type Spot struct {
	doc  *Doc
	node *yaml.Node
}

// At goes down by keys (string) and list positions (int). Where the path ends early, the Spot is the last thing found.
func (s Spot) At(path ...any) Spot {
	for _, step := range path {
		next := child(s.node, step)
		if next == nil {
			return s
		}
		s.node = next
	}
	return s
}

// Key is the place of the key itself rather than of its value.
func (s Spot) Key(key string) Spot {
	if k, _ := pair(s.node, key); k != nil {
		s.node = k
	}
	return s
}

// Has says whether a value (null counts as none) stands under path.
func (s Spot) Has(path ...any) bool {
	for _, step := range path {
		if s.node = child(s.node, step); s.node == nil {
			return false
		}
	}
	return s.node != nil && s.node.Tag != "!!null"
}

// Where is the place as file:line:column, for messages that come later than decoding.
func (s Spot) Where() string {
	if s.doc == nil {
		return ""
	}
	if s.node == nil {
		return s.doc.file
	}
	return fmt.Sprintf("%s:%d:%d", s.doc.file, s.node.Line, s.node.Column)
}

// Report adds a mistake at this place. A place that already has one keeps the first: the rest follows from it.
func (s Spot) Report(format string, args ...any) {
	line, column := 1, 1
	if s.node != nil {
		line, column = s.node.Line, s.node.Column
	}
	for _, e := range s.doc.errs {
		if e.Line == line && e.Column == column && s.node != nil && s.node.Kind == yaml.ScalarNode {
			return
		}
	}
	s.doc.add(line, column, fmt.Sprintf(format, args...))
}

func child(n *yaml.Node, step any) *yaml.Node {
	n = follow(n)
	switch step := step.(type) {
	case string:
		_, v := pair(n, step)
		return v
	case int:
		if n != nil && n.Kind == yaml.SequenceNode && step >= 0 && step < len(n.Content) {
			return n.Content[step]
		}
	}
	return nil
}

func pair(n *yaml.Node, key string) (k, v *yaml.Node) {
	n = follow(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

func follow(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}
