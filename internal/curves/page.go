package curves

import (
	"fmt"
	"html"
	"io"
)

// Page writes charts as one HTML file that needs nothing else. note says whom it is for.
func Page(out io.Writer, title, note string, charts []Chart) error {
	if len(charts) == 0 {
		return fmt.Errorf("write %s: %w", title, ErrNothing)
	}
	p := &pen{out: out}
	p.draw("<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n<title>%s</title>\n", html.EscapeString(title))
	p.draw("<style>body{font-family:Arial,Helvetica,sans-serif;max-width:900px;margin:2em auto;color:%s}p.note{border:2px solid #990000;padding:.6em}figure{margin:2em 0}</style>\n</head>\n<body>\n", ink) //nolint:misspell // so CSS spells it
	p.draw("<h1>%s</h1>\n<p class=\"note\">%s</p>\n", html.EscapeString(title), html.EscapeString(note))
	for _, c := range charts {
		p.draw("<figure>\n")
		if p.err == nil {
			p.err = c.SVG(out)
		}
		p.draw("</figure>\n")
	}
	p.draw("</body>\n</html>\n")
	if p.err != nil {
		return fmt.Errorf("write %s: %w", title, p.err)
	}
	return nil
}
