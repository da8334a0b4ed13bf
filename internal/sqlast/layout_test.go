//go:build duckdb_arrow

package sqlast_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"socialvalue/internal/sqlast"
)

// laidOut are statements whose layout the property tests change.
func laidOut() []string {
	return []string{
		"with x as (select a, b from raw.t where b = 'it''s --not a comment' and a > 15) select a, \"b\" from x order by a, b limit 3",
		"select sum(population) as total_p, max(imd_score) * 1.5 as \"high -- est\" from geo.lsoa group by lsoa_code having count(*) > 2",
		"with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select i, $$a /* b */ c$$ as d from n",
		"select case when a = 1 then 'é' else E'\\'x' end as c, row_number() over (partition by b order by a desc) as r from raw.t",
	}
}

// TestAnyLayoutHasTheSameCanonicalText puts blanks and comments of any kind between the tokens of a statement.
func TestAnyLayoutHasTheSameCanonicalText(t *testing.T) {
	t.Parallel()
	read := newReader(t)
	canonical := func(sql string) string { return sqlast.Read(sql, read.parse(sql), strict()).Canonical }
	rapid.Check(t, func(t *rapid.T) {
		sql := rapid.SampledFrom(laidOut()).Draw(t, "sql")
		tokens := sqlast.Tokens(sql)
		var b strings.Builder
		for i, token := range tokens {
			if i > 0 && (tokens[i-1].End() < token.Offset || apart(tokens[i-1].Text, token.Text)) {
				b.WriteString(rapid.SampledFrom([]string{" ", "\n", "\t  ", " -- a comment; 'x\n", "/* x */", " /* a /* b */ \" */\r\n"}).Draw(t, "gap"))
			}
			b.WriteString(token.Text)
		}
		b.WriteString(rapid.SampledFrom([]string{"", "\n", " ;", "; -- end", " /* end */ ;\n"}).Draw(t, "end"))
		if got := canonical(b.String()); got != canonical(sql) || got == "" {
			t.Fatalf("another canonical text for\n%s", b.String())
		}
	})
}

// apart says whether a blank between two tokens that touch keeps both what they are: brackets and commas do.
func apart(left, right string) bool {
	const signs = "(),"
	return strings.Contains(signs, left) || strings.Contains(signs, right)
}

// TestAnyChangeOfATokenChangesTheCanonicalText changes one name, number or text.
func TestAnyChangeOfATokenChangesTheCanonicalText(t *testing.T) {
	t.Parallel()
	read := newReader(t)
	canonical := func(sql string) string { return sqlast.Read(sql, read.parse(sql), sqlast.Rules{}).Canonical }
	rapid.Check(t, func(t *rapid.T) {
		sql := rapid.SampledFrom(laidOut()).Draw(t, "sql")
		tokens := sqlast.Tokens(sql)
		token := tokens[rapid.IntRange(0, len(tokens)-1).Draw(t, "token")]
		last := token.Text[len(token.Text)-1]
		changed := token.Text
		switch {
		case '0' <= last && last <= '9' && last != '1':
			changed = token.Text[:len(token.Text)-1] + "1"
		case last == '\'' || last == '"':
			changed = token.Text[:len(token.Text)-1] + "z" + string(last)
		case 'a' <= last && last <= 'z':
			changed = token.Text + "z"
		}
		other := sql[:token.Offset] + changed + sql[token.End():]
		got := canonical(other)
		if changed == token.Text || got == "" || strings.ContainsAny(changed, "'") && last != '\'' {
			return // nothing changed, or it is no statement any more
		}
		if got == canonical(sql) {
			t.Fatalf("the same canonical text for\n%s\n%s", sql, other)
		}
	})
}
