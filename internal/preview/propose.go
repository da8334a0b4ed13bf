package preview

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/landing"
	"socialvalue/internal/layout"
)

// compare lists how the file differs from the contract: columns that only one of
// them has, values of another type, another order.
func (p *Preview) compare(c *contract.Contract) {
	l := layout.Default()
	l.Map = map[string]string{}
	header := make([]string, len(p.Columns))
	for i, column := range p.Columns {
		header[i] = column.Header
		if column.Column != "" && column.Header != "" {
			l.Map[column.Header] = column.Column
		}
	}
	p.Differences = append(p.Differences, l.Compare(header, c.LayoutColumns())...)
	for i := range p.Columns {
		column := &p.Columns[i]
		if column.Column == "" || len(column.values) == 0 {
			continue
		}
		of := c.Column(column.Column)
		if wrong := len(column.values) - column.fitting(of); wrong > 0 {
			p.Differences = append(p.Differences, layout.Difference{
				Kind: layout.Type, Column: column.Column, Header: column.Header, Position: column.Position, Expected: string(of.Type),
				Found:  fmt.Sprintf("%s; %d of %d values do not fit", column.Type, wrong, len(column.values)),
				Remedy: "such rows go to the quarantine: correct them where the file comes from, or recode them in the contract",
			})
		}
	}
}

// fit says which of the layouts there are fits the file already.
func (p *Preview) fit(ctx context.Context, open Open, layouts []layout.Layout, columns []layout.Column) {
	if len(layouts) == 0 {
		return
	}
	chosen, err := layout.MatchEach(layouts, func(as *layout.Layout) ([]string, int, error) {
		glimpse, err := open(ctx, landing.Format{Encoding: as.Format.Encoding, Delimiter: as.Format.Delimiter})
		if err != nil || len(glimpse.Records) == 0 {
			return nil, 0, err
		}
		names, fields := []string(nil), len(glimpse.Records[0].Fields)
		for _, record := range glimpse.Records {
			if record.Line == int64(as.Format.HeaderRow) {
				names, fields = record.Fields, len(record.Fields)
			}
		}
		return names, fields, nil
	}, columns...)
	if err == nil {
		p.Fits = chosen.Name
	}
}

// propose writes the layout that the file seems to have.
func (p *Preview) propose(c *contract.Contract) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	var has, ignored, pairs, dates []string
	mapped := map[string]bool{}
	for _, column := range p.Columns {
		switch {
		case column.Column != "" && column.Header != "":
			mapped[column.Column] = true
			pairs = append(pairs, quoted(column.Header)+": "+column.Column)
			if len(has) < 2 || c.Column(column.Column).Required && len(has) < 4 {
				has = append(has, quoted(column.Header))
			}
			of := c.Column(column.Column).Type
			if column.Dates != "" && (of == contract.TypeDate || of == contract.TypeTimestamp) && !slices.Contains(dates, column.Dates) {
				dates = append(dates, column.Dates)
			}
		case slices.ContainsFunc(p.Columns, func(other Column) bool { return other.Header == column.Header && other.Column != "" }):
			p.Notes = append(p.Notes, fmt.Sprintf("column %d has the name of another: correct the header", column.Position))
		case !slices.Contains(ignored, quoted(column.Header)):
			ignored = append(ignored, quoted(column.Header))
		}
	}
	line("- name: proposed")
	line("  when: {header_has: [%s]}", strings.Join(has, ", "))
	delimiter := p.Delimiter
	if delimiter == "\t" {
		delimiter = "tab"
	}
	format := fmt.Sprintf("encoding: %s, delimiter: %q, header_row: %d", p.Encoding, delimiter, p.HeaderRow)
	if len(dates) > 0 {
		format += ", dates: [" + strings.Join(dates, ", ") + "]"
	}
	line("  format: {%s}", format)
	line("  map:")
	for _, pair := range pairs {
		line("    %s", pair)
	}
	if len(ignored) > 0 {
		line("  ignore: [%s]", strings.Join(ignored, ", "))
	}
	for i := range c.Columns {
		if column := &c.Columns[i]; column.Required && !mapped[column.Name] {
			line("  # set: {%s: …}    # required, and no column of the file is it", column.Name)
		}
	}
	return b.String()
}

// quoted is a text as YAML reads it between double quotes.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f || r == 0x85 || r == 0xa0 || r >= 0x2028 && r <= 0x2029 || r == 0xfeff || r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
