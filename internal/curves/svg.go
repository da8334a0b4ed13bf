package curves

import (
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
)

// Sizes of the drawing, in its own units.
const (
	width       = 860
	left, right = 78, 24
	top         = 64
	plotHeight  = 300
	definedAt   = top + plotHeight + 98 // first row of the definition
	rowHeight   = 16
)

const (
	ink    = "#1a1a1a"
	muted  = "#595959"
	line   = "#0b5394"
	band   = "#c9daf0"
	gridOf = "#e3e3e3"
)

// pen writes SVG and keeps the first error.
type pen struct {
	out io.Writer
	err error
}

func (p *pen) draw(format string, values ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format, values...)
	}
}

// text writes a label; anchor is start, middle or end.
func (p *pen) text(x, y float64, size int, fill, anchor, label string) {
	p.draw(`<text x="%.1f" y="%.1f" font-size="%d" fill="%s" text-anchor="%s">%s</text>`+"\n", x, y, size, fill, anchor, html.EscapeString(label))
}

// SVG writes a chart as a picture without anything from outside.
func (c Chart) SVG(out io.Writer) error {
	if err := c.check(); err != nil {
		return err
	}
	p := &pen{out: out}
	definition := wrapped(c.Definition, 128)
	height := definedAt + rowHeight*len(definition) // as long as what has to stand below the curve
	ticks := c.ticks()
	span := max(c.last(), ticks[len(ticks)-1], 1)
	x := func(day int) float64 { return left + float64(day)/float64(span)*(width-left-right) }
	y := func(share float64) float64 { return top + (1-share)*plotHeight }

	p.draw(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t-%s d-%s" font-family="Arial, Helvetica, sans-serif">`+"\n", width, height, width, height, html.EscapeString(c.Name()), html.EscapeString(c.Name()))
	p.draw("<title id=\"t-%s\">%s</title>\n<desc id=\"d-%s\">%s</desc>\n", html.EscapeString(c.Name()), html.EscapeString(c.Title), html.EscapeString(c.Name()), html.EscapeString(c.inWords()))
	p.draw(`<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	p.text(left, 28, 19, ink, "start", c.Title)
	p.text(left, 49, 13, muted, "start", fmt.Sprintf("%d people; %s; the curve ends where fewer than five are at risk", c.Steps[0].AtRisk, c.intervalInWords()))
	for percent := 0; percent <= 100; percent += 20 {
		at := y(float64(percent) / 100)
		p.draw(`<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="%s"/>`+"\n", left, at, width-right, at, gridOf)
		p.text(left-8, at+4, 13, muted, "end", strconv.Itoa(percent)+"%")
	}
	for _, day := range ticks {
		p.draw(`<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s"/>`+"\n", x(day), top+plotHeight, x(day), top+plotHeight+5, ink)
		p.text(x(day), top+plotHeight+21, 13, muted, "middle", strconv.Itoa(day))
	}
	p.draw(`<path d="M%d %dV%dH%d" fill="none" stroke="%s"/>`+"\n", left, top, top+plotHeight, width-right, ink)
	p.text((left+width-right)/2, top+plotHeight+42, 13, ink, "middle", "days since the start")
	for _, path := range c.ribbons(x, y) {
		p.draw(`<path d="%s" fill="%s" stroke="none"/>`+"\n", path, band)
	}
	if end := c.Steps[len(c.Steps)-1]; end.HasInterval { // the last step has no width to shade
		p.draw(`<line class="last" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="5"/>`+"\n", x(end.Day), y(end.High), x(end.Day), y(end.Low), band)
	}
	p.draw(`<path d="%s" fill="none" stroke="%s" stroke-width="2.2"/>`+"\n", c.outline(x, y), line)
	for _, s := range c.Steps {
		if s.CensoredAfter > 0 {
			p.draw(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"/>`+"\n", x(s.Day), y(s.Survival)-5, x(s.Day), y(s.Survival)+5, line)
		}
	}
	p.text(12, top+plotHeight+72, 13, ink, "start", "at risk")
	for _, day := range ticks {
		label := "fewer than 5"
		if n, known := c.atRisk(day); known {
			label = strconv.Itoa(n)
		} else if day != ticks[len(ticks)-1] {
			continue
		}
		anchor := "middle"
		if label == "fewer than 5" {
			anchor = "end"
		}
		p.text(min(x(day)+map[bool]float64{true: 16}[anchor == "end"], width-8), top+plotHeight+72, 13, ink, anchor, label)
	}
	for i, row := range definition {
		p.text(12, float64(definedAt+rowHeight*i), 12, muted, "start", row)
	}
	p.draw("</svg>\n")
	if p.err != nil {
		return fmt.Errorf("draw %s: %w", c.Name(), p.err)
	}
	return nil
}

// intervalInWords says what is shaded: before the first event there is nothing to shade, and it is no certainty.
func (c Chart) intervalInWords() string {
	for i, s := range c.Steps {
		switch {
		case !s.HasInterval:
		case i == 0:
			return "95% interval (log-log) shaded"
		default:
			return "95% interval (log-log) shaded, none before the first event"
		}
	}
	return "no event yet, so no interval"
}

// outline is the stair of the curve, from one at day nought to its last day.
func (c Chart) outline(x func(int) float64, y func(float64) float64) string {
	var path strings.Builder
	fmt.Fprintf(&path, "M%.1f %.1f", x(0), y(1))
	for _, s := range c.Steps {
		fmt.Fprintf(&path, "H%.1fV%.1f", x(s.Day), y(s.Survival))
	}
	return path.String()
}

// ribbons are the intervals, those of steps that follow each other in one piece; before the first event there is none.
func (c Chart) ribbons(x func(int) float64, y func(float64) float64) []string {
	var paths []string
	for start := 0; start < len(c.Steps)-1; start++ {
		end := start
		for end < len(c.Steps)-1 && c.Steps[end].HasInterval {
			end++
		}
		if end == start {
			continue
		}
		var path strings.Builder
		fmt.Fprintf(&path, "M%.1f %.1f", x(c.Steps[start].Day), y(c.Steps[start].High))
		for i := start; i < end; i++ { // along the upper ends, and back along the lower ones
			fmt.Fprintf(&path, "V%.1fH%.1f", y(c.Steps[i].High), x(c.Steps[i+1].Day))
		}
		for i := end - 1; i >= start; i-- {
			fmt.Fprintf(&path, "V%.1fH%.1f", y(c.Steps[i].Low), x(c.Steps[i].Day))
		}
		paths = append(paths, path.String()+"Z")
		start = end
	}
	return paths
}

// inWords is the chart for who cannot see it.
func (c Chart) inWords() string {
	words := fmt.Sprintf("%d people.", c.Steps[0].AtRisk)
	for _, day := range c.ticks()[1:] {
		n, known := c.atRisk(day)
		if !known {
			break
		}
		at := 1.0
		for _, s := range c.Steps {
			if s.Day <= day {
				at = s.Survival
			}
		}
		words += fmt.Sprintf(" After %d days %.0f per cent, %d at risk.", day, 100*at, n)
	}
	return words + " " + c.Definition
}

// wrapped cuts a text into rows of so many letters at most.
func wrapped(text string, letters int) []string {
	var rows []string
	row := ""
	for _, word := range strings.Fields(text) {
		if row != "" && len(row)+1+len(word) > letters {
			rows = append(rows, row)
			row = ""
		}
		if row != "" {
			row += " "
		}
		row += word
	}
	if row != "" {
		rows = append(rows, row)
	}
	return rows
}
