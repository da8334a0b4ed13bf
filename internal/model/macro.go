package model

import (
	"slices"
	"strings"

	"socialvalue/internal/sqlast"
	"socialvalue/internal/warehouse"
)

// Macro is one scalar function written in SQL.
type Macro struct {
	Name       string
	Parameters []string // as written, with their defaults
	Body       string
	Comment    []string // what it does, its source, an example
	Publish    bool     // released with the data, by a comment line "publish: true"
	File       string
	Macros     []string // macros it calls itself, sorted

	offset    int // of the body in its file
	statement *sqlast.Statement
}

// SQL creates the macro.
func (m *Macro) SQL() string {
	return "create or replace macro " + warehouse.Ident(m.Name) + "(" + strings.Join(m.Parameters, ", ") + ") as (" + m.Body + "\n)"
}

// macroShape is what a macro file must hold.
const macroShape = "a macro file holds exactly one “create macro name(arguments) as <scalar expression>”"

// readMacro splits the text of a macro file; its expression is still to be parsed.
func readMacro(file, text string) (*Macro, *sqlast.Problem) {
	tokens := sqlast.Tokens(sqlast.Trim(text))
	at := 0
	take := func(words ...string) bool {
		if at < len(tokens) && slices.Contains(words, strings.ToLower(tokens[at].Text)) {
			at++
			return true
		}
		return false
	}
	fail := func(what string) (*Macro, *sqlast.Problem) {
		place := len(text)
		if at < len(tokens) {
			place = tokens[at].Offset
		}
		return nil, &sqlast.Problem{Offset: place, Text: what + ": " + macroShape}
	}
	if !take("create") {
		return fail("no create")
	}
	if take("or") && !take("replace") {
		return fail("no replace after or")
	}
	if !take("macro", "function") {
		return fail("no macro")
	}
	if at >= len(tokens) || !isName(tokens[at].Text) || isReserved(tokens[at].Text) {
		return fail("the name of a macro is small letters, digits and _, and no SQL word")
	}
	m := &Macro{Name: tokens[at].Text, File: file, Comment: sqlast.LeadingComment(text)}
	at++
	if !take("(") {
		return fail("no ( after the name")
	}
	var ok bool
	if m.Parameters, at, ok = parameters(text, tokens, at); !ok {
		return fail("no ) after the arguments")
	}
	if !take("as") {
		return fail("no as")
	}
	if take("table") {
		at--
		return fail("a macro that gives a table")
	}
	if at >= len(tokens) {
		return fail("no expression")
	}
	if i := slices.IndexFunc(tokens[at:], func(t sqlast.Token) bool { return t.Text == ";" }); i >= 0 {
		at += i
		return fail("a second statement")
	}
	m.offset = tokens[at].Offset
	m.Body = text[m.offset:tokens[len(tokens)-1].End()]
	m.Publish = slices.Contains(m.Comment, "publish: true")
	return m, nil
}

// parameters splits what stands in the brackets at commas outside other brackets.
func parameters(text string, tokens []sqlast.Token, at int) (parameters []string, next int, ok bool) {
	depth, from := 0, -1
	for ; at < len(tokens); at++ {
		token := tokens[at]
		if depth == 0 && (token.Text == "," || token.Text == ")") {
			if from >= 0 {
				parameters = append(parameters, strings.TrimSpace(text[from:token.Offset]))
				from = -1
			}
			if token.Text == ")" {
				return parameters, at + 1, true
			}
			continue
		}
		if from < 0 {
			from = token.Offset
		}
		switch token.Text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
		}
	}
	return nil, at, false
}

// arguments are the names of the parameters.
func (m *Macro) arguments() []string {
	names := make([]string, 0, len(m.Parameters))
	for _, parameter := range m.Parameters {
		if tokens := sqlast.Tokens(parameter); len(tokens) > 0 {
			names = append(names, strings.ToLower(tokens[0].Text))
		}
	}
	return names
}

// canonical is the macro as far as it changes results.
func (m *Macro) canonical() string {
	return m.Name + "(" + strings.Join(m.Parameters, ", ") + ") as " + m.statement.Canonical
}

// orderMacros puts every macro after those it calls, and names a circle.
func orderMacros(macros map[string]*Macro) (order []string, circle []string) {
	calls := make(map[string][]string, len(macros))
	for name, m := range macros {
		calls[name] = m.Macros
	}
	return topological(calls)
}

// MacroTexts are the macros reached from names, as far as they change results.
func (p *Project) MacroTexts(names []string) []string {
	var texts []string
	for _, name := range p.macroClosure(names) {
		texts = append(texts, p.Macros[name].canonical())
	}
	return texts
}

// macroClosure lists the macros reached from names, sorted.
func (p *Project) macroClosure(names []string) []string {
	var all []string
	var visit func(name string)
	visit = func(name string) {
		if slices.Contains(all, name) {
			return
		}
		all = append(all, name)
		for _, called := range p.Macros[name].Macros {
			visit(called)
		}
	}
	for _, name := range names {
		visit(name)
	}
	slices.Sort(all)
	return all
}
