package sqlast

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Rules say what a statement may do.
type Rules struct {
	// Double gives the columns of a relation, true for those that are DOUBLE; nil when it is not known.
	Double func(relation string) map[string]bool
	// Qualify gives the full name of the relation that was probably meant by a bare name, or "".
	Qualify func(name string) string
	// Repeatable refuses what may give other rows when the same data are read again.
	Repeatable bool
	// NamedColumns refuses * in the result.
	NamedColumns bool
	// Arguments are those of a macro, lower case: outside a subquery, its expression may name nothing else.
	Arguments []string
}

// Reference is one mention of a relation or function.
type Reference struct {
	Name   string // lower case; a relation with its schema
	Offset int    // in bytes from the beginning of the text
}

// Problem is something a statement may not do, with the remedy.
type Problem struct {
	Offset int
	Text   string
}

// Statement is what one SELECT reads, calls and gives.
type Statement struct {
	Canonical string      // digest of what DuckDB parsed, without places: the same for any layout and comments
	Relations []Reference // each once, in order of first mention
	Calls     []Reference // every call of a function, operators apart
	Columns   []string    // names of the result, nil when only DuckDB can tell
	Problems  []Problem   // in order of place
}

// SerialiseQuery is the SQL that makes DuckDB parse the texts; it gives one text for each, in order.
func SerialiseQuery(texts []string) string {
	var b strings.Builder
	b.WriteString("select json_serialize_sql(sql_text, skip_default := true, skip_empty := true, skip_null := true)::varchar")
	b.WriteString(" from (values ")
	for i, text := range texts {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + strconv.Itoa(i) + ", '" + strings.ReplaceAll(text, "'", "''") + "')")
	}
	b.WriteString(") as texts(position, sql_text) order by position")
	return b.String()
}

// Parsable says what keeps a text from being handed to DuckDB's parser at all, or nil.
func Parsable(text string) *Problem {
	if i := strings.IndexByte(text, 0); i >= 0 {
		return &Problem{i, "a zero byte: save the file as UTF-8 text"}
	}
	if !utf8.ValidString(text) {
		return &Problem{0, "not UTF-8: save the file as UTF-8 text"}
	}
	return nil
}

// serialised is the outer shape of what json_serialize_sql gives.
type serialised struct {
	Error      bool   `json:"error"`
	Type       string `json:"error_type"`
	Message    string `json:"error_message"`
	Position   string `json:"position"` // in characters
	Statements []struct {
		Node object `json:"node"`
	} `json:"statements"`
}

// Read says what a statement does, from its text and what DuckDB made of it.
func Read(text, parsed string, rules Rules) *Statement {
	node, problem := single(text, parsed)
	if problem != nil {
		return &Statement{Problems: []Problem{*problem}}
	}
	w := &walker{rules: rules, seen: make(map[string]bool), found: &Statement{Canonical: canonical(parsed)}}
	result := w.query(node, nil, true)
	if result.complete {
		w.found.Columns = result.names()
	}
	return w.finish()
}

// ReadExpression does the same for an expression, the body of a macro, parsed as "select <expression>".
func ReadExpression(text, parsed string, rules Rules) *Statement {
	const prefix = len(ExpressionPrefix)
	node, problem := single(ExpressionPrefix+text, parsed)
	if problem != nil {
		problem.Offset = max(0, problem.Offset-prefix)
		return &Statement{Problems: []Problem{*problem}}
	}
	w := &walker{rules: rules, macro: true, seen: make(map[string]bool), found: &Statement{Canonical: canonical(parsed)}}
	if items := list(node, "select_list"); !isExpressionOnly(node) || len(items) != 1 || textOf(asObject(items[0]), "alias") != "" {
		w.problem(0, "a macro is one expression: no table, no second value, no name")
	}
	w.query(node, nil, false)
	statement := w.finish()
	for _, places := range [][]Reference{statement.Relations, statement.Calls} {
		for i := range places {
			places[i].Offset -= prefix
		}
	}
	for i := range statement.Problems {
		statement.Problems[i].Offset = max(0, statement.Problems[i].Offset-prefix)
	}
	return statement
}

// ExpressionPrefix stands before an expression so that it parses as a statement.
const ExpressionPrefix = "select "

// isExpressionOnly says whether a parsed "select <expression>" is nothing but that.
func isExpressionOnly(node object) bool {
	for key := range node {
		if !slices.Contains([]string{"type", "select_list", "from_table", "aggregate_handling"}, key) {
			return false
		}
	}
	return textOf(node, "type") == "SELECT_NODE" && textOf(child(node, "from_table"), "type") == "EMPTY" &&
		textOf(node, "aggregate_handling") == "STANDARD_HANDLING"
}

// single takes the one statement out of DuckDB's answer.
func single(text, parsed string) (object, *Problem) {
	var answer serialised
	if err := json.Unmarshal([]byte(parsed), &answer); err != nil {
		return nil, &Problem{0, "DuckDB's parser gave no readable answer: " + err.Error()}
	}
	switch {
	case answer.Error && answer.Type == "parser":
		return nil, &Problem{byteOffset(text, answer.Position), answer.Message + ": not valid SQL; look here and just before"}
	case answer.Error && secondStatement(text) > 0:
		return nil, &Problem{secondStatement(text), "a second statement begins here: keep exactly one SELECT in a file"}
	case answer.Error:
		return nil, &Problem{firstToken(text), "not a plain SELECT: a file holds one SELECT and nothing that writes, attaches, sets or pivots on values yet unknown"}
	case len(answer.Statements) == 0:
		return nil, &Problem{0, "no statement: write one SELECT"}
	case text[firstToken(text)] == ';':
		return nil, &Problem{firstToken(text), "a semicolon before the statement: remove it"}
	case len(answer.Statements) > 1:
		return nil, &Problem{secondStatement(text), "a second statement begins here: keep exactly one SELECT in a file"}
	case answer.Statements[0].Node == nil:
		return nil, &Problem{0, "no statement: write one SELECT"}
	}
	return answer.Statements[0].Node, nil
}

// canonical hashes DuckDB's answer without the places in it, so that blanks and comments do not count.
func canonical(parsed string) string {
	const key = `"query_location":`
	rest := []byte(parsed)
	sum := sha256.New()
	for {
		i := bytes.Index(rest, []byte(key))
		if i < 0 {
			sum.Write(rest)
			return hex.EncodeToString(sum.Sum(nil))
		}
		sum.Write(rest[:i])
		rest = rest[i+len(key):]
		n := 0
		for n < len(rest) && '0' <= rest[n] && rest[n] <= '9' {
			n++
		}
		if n < len(rest) && rest[n] == ',' {
			n++
		}
		rest = rest[n:]
	}
}

// Position turns an offset in bytes into a line and a column in characters, both from 1.
func Position(text string, offset int) (line, column int) {
	before := text[:min(max(offset, 0), len(text))]
	line = 1 + strings.Count(before, "\n")
	return line, 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

// byteOffset turns a position in characters, as DuckDB's parser errors have it, into one in bytes.
func byteOffset(text, position string) int {
	n, err := strconv.Atoi(position)
	if err != nil {
		return firstToken(text)
	}
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

func firstToken(text string) int {
	if tokens := Tokens(text); len(tokens) > 0 {
		return tokens[0].Offset
	}
	return 0
}

func secondStatement(text string) int {
	ended := false
	for _, token := range Tokens(text) {
		if token.Text == ";" {
			ended = true
		} else if ended {
			return token.Offset
		}
	}
	return 0
}

// finish puts what was found in order.
func (w *walker) finish() *Statement {
	found := w.found
	slices.SortStableFunc(found.Relations, byOffset)
	slices.SortStableFunc(found.Calls, byOffset)
	slices.SortStableFunc(found.Problems, func(a, b Problem) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return strings.Compare(a.Text, b.Text)
	})
	found.Problems = slices.Compact(found.Problems)
	return found
}

func byOffset(a, b Reference) int { return a.Offset - b.Offset }

func (w *walker) problem(offset int, format string, args ...any) {
	w.found.Problems = append(w.found.Problems, Problem{offset, fmt.Sprintf(format, args...)})
}
