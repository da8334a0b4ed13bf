package preview

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"socialvalue/internal/layout"
)

// Write prints the preview for a person.
func (p *Preview) Write(w io.Writer) error {
	assumed := ""
	if p.Assumed {
		assumed = " (judged by its bytes)"
	}
	fmt.Fprintf(w, "file      %s\nencoding  %s%s\ndelimiter %q\n", p.File, p.Encoding, assumed, p.Delimiter)
	if p.HeaderRow > 0 {
		fmt.Fprintf(w, "header    line %d\n", p.HeaderRow)
	}
	if p.Contract != "" {
		guessed := ""
		if p.Guessed {
			guessed = " (it knows most of the columns; --contract names another)"
		}
		fmt.Fprintf(w, "contract  %s%s\n", p.Contract, guessed)
	}
	if p.Fits != "" {
		fmt.Fprintf(w, "layout    %s fits it as it is\n", p.Fits)
	}
	fmt.Fprintf(w, "\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "#\tcolumn\tholds\tempty\tis\tknown by\texamples")
	for _, c := range p.Columns {
		holds := c.Type
		if c.Dates != "" {
			holds += " " + c.Dates
		}
		is, because := "-", "-"
		if c.Column != "" {
			is, because = c.Column, c.Because
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%d\t%s\t%s\t%s\n", c.Position, c.Header, holds, c.Empty, is, because, strings.Join(c.Examples, " | "))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print the preview: %w", err)
	}
	if len(p.Differences) > 0 {
		fmt.Fprintf(w, "\nHow it differs from %s, without a layout of its own:\n", p.Contract)
		if err := layout.WriteTable(w, p.Differences); err != nil {
			return err
		}
	}
	if p.Layout != "" {
		fmt.Fprintf(w, "\nTo paste under layouts: of the source in svw.yaml, after checking it:\n%s", indent(p.Layout, "      "))
	}
	for _, note := range p.Notes {
		fmt.Fprintf(w, "\nnote: %s\n", note)
	}
	return nil
}

func indent(text, by string) string {
	return by + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+by) + "\n"
}
