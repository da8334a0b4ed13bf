package sqlast

import (
	"strings"
	"unicode/utf8"
)

// Token is one word, number, literal or sign of an SQL text; blanks and comments lie between tokens.
type Token struct {
	Text   string
	Offset int // in bytes
}

// End is the offset behind the token.
func (t Token) End() int { return t.Offset + len(t.Text) }

// Tokens splits an SQL text as DuckDB's lexer does, as far as finding the borders of literals and comments needs. A
// literal that never ends runs to the end of the text: the parser has already refused it.
func Tokens(text string) []Token {
	var tokens []Token
	for at := 0; at < len(text); {
		end, blank := next(text, at)
		if !blank {
			tokens = append(tokens, Token{Text: text[at:end], Offset: at})
		}
		at = end
	}
	return tokens
}

// Trim is the text without what follows its last token and without a closing semicolon, so that it can stand in
// brackets.
func Trim(text string) string {
	tokens := Tokens(text)
	for len(tokens) > 0 && tokens[len(tokens)-1].Text == ";" {
		tokens = tokens[:len(tokens)-1]
	}
	if len(tokens) == 0 {
		return ""
	}
	return text[:tokens[len(tokens)-1].End()]
}

// LeadingComment is the block of comment lines a file begins with, without its dashes.
func LeadingComment(text string) []string {
	var lines []string
	for line := range strings.Lines(strings.TrimLeft(text, " \t\r\n")) {
		comment, ok := strings.CutPrefix(strings.TrimSpace(line), "--")
		if !ok {
			break
		}
		lines = append(lines, strings.TrimSpace(comment))
	}
	return lines
}

// next finds the end of what begins at the offset, and whether it is a blank or a comment.
func next(text string, at int) (end int, blank bool) {
	rest := text[at:]
	switch c := rest[0]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
		return at + 1, true
	case strings.HasPrefix(rest, "--"):
		return at + upTo(rest, "\n", 2), true
	case strings.HasPrefix(rest, "/*"):
		return at + blockComment(rest), true
	case c == '\'':
		return at + quoted(rest, '\'', false), false
	case c == '"':
		return at + quoted(rest, '"', false), false
	case (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'"):
		return at + 1 + quoted(rest[1:], '\'', true), false
	case c == '$':
		if n := dollarQuoted(rest); n > 0 {
			return at + n, false
		}
		return at + 1, false
	case isWord(c):
		n := 1
		for n < len(rest) && (isWord(rest[n]) || rest[n] == '$') {
			n++
		}
		return at + n, false
	default:
		_, n := utf8.DecodeRuneInString(rest)
		return at + n, false
	}
}

// isWord says whether a byte belongs to a name or number; bytes of letters beyond ASCII do.
func isWord(c byte) bool {
	return c == '_' || c >= utf8.RuneSelf || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// upTo is the length of text up to and with the first end found from the offset on, or all of it.
func upTo(text, end string, from int) int {
	if i := strings.Index(text[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(text)
}

// blockComment is the length of a comment in /* */, which may hold others.
func blockComment(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "/*"):
			depth++
			i++
		case strings.HasPrefix(text[i:], "*/"):
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// quoted is the length of a literal or name in quotes, where a doubled quote stands for itself.
func quoted(text string, quote byte, escapes bool) int {
	for i := 1; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case text[i] == quote && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return len(text)
}

// dollarQuoted is the length of a literal such as $$…$$ or $tag$…$tag$, or 0 when none begins here.
func dollarQuoted(text string) int {
	n := 1
	for n < len(text) && isWord(text[n]) {
		n++
	}
	if n == len(text) || text[n] != '$' || n > 1 && '0' <= text[1] && text[1] <= '9' {
		return 0
	}
	tag := text[:n+1]
	return upTo(text, tag, len(tag))
}
