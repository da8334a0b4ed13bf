package workbook

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The kinds of what an xmlReader meets.
const (
	startElement = iota
	endElement
	characters
)

// element is what an xmlReader meets: the begin or end of an element, by its
// name without prefix, or characters.
type element struct {
	kind  int
	name  string
	attrs []xml.Attr
	text  []byte // valid until the next call
}

// attr is the value of an attribute by its name without prefix.
func (e element) attr(name string) string {
	for i := range e.attrs {
		if e.attrs[i].Name.Local == name {
			return e.attrs[i].Value
		}
	}
	return ""
}

const (
	maxDepth = 64      // elements inside one another; a sheet needs nine
	maxRun   = 1 << 20 // bytes of a tag or a text; a cell holds 32,767 characters
)

// syntaxError says in which line of a part its XML goes wrong.
type syntaxError struct {
	line int
	what string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.what) }

var errEndless = errors.New("a tag or text in it does not end")

// xmlReader reads XML within bounds, and notices when it ends too early.
type xmlReader struct {
	decoder *xml.Decoder
	open    []xml.Name
}

func newXMLReader(r io.Reader) *xmlReader {
	return &xmlReader{decoder: xml.NewDecoder(&bounded{r: r})}
}

// next returns what comes next; io.EOF at the end of a whole document.
func (x *xmlReader) next() (element, error) {
	for {
		token, err := x.decoder.RawToken()
		switch {
		case errors.Is(err, io.EOF) && len(x.open) == 0:
			return element{}, io.EOF
		case errors.Is(err, io.EOF):
			return element{}, io.ErrUnexpectedEOF
		case err != nil:
			return element{}, x.wrong(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(x.open) >= maxDepth {
				return element{}, x.fault("its elements are nested without end")
			}
			x.open = append(x.open, t.Name)
			return element{kind: startElement, name: t.Name.Local, attrs: t.Attr}, nil
		case xml.EndElement:
			if len(x.open) == 0 || !closes(x.open[len(x.open)-1], t.Name) {
				return element{}, x.fault("an element ends that did not begin")
			}
			x.open = x.open[:len(x.open)-1]
			return element{kind: endElement, name: t.Name.Local}, nil
		case xml.CharData:
			return element{kind: characters, text: t}, nil
		}
	}
}

// wrong turns an error of the decoder into one that quotes nothing of the text.
func (x *xmlReader) wrong(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF"):
		return io.ErrUnexpectedEOF
	case errors.As(err, &syntax):
		return &syntaxError{syntax.Line, "it is no well-formed XML"}
	case errors.Is(err, errEndless):
		return x.fault(errEndless.Error())
	}
	return err
}

func (x *xmlReader) fault(what string) error {
	line, _ := x.decoder.InputPos()
	return &syntaxError{line, what}
}

// skip reads to the end of the element that has just begun.
func (x *xmlReader) skip() error {
	for depth := len(x.open); len(x.open) >= depth; {
		if _, err := x.next(); err != nil {
			return err
		}
	}
	return nil
}

// text reads to the end of the element that has just begun and adds its
// characters to buf.
func (x *xmlReader) text(buf []byte) ([]byte, error) {
	for depth := len(x.open); ; {
		e, err := x.next()
		if err != nil {
			return buf, err
		}
		if e.kind == characters {
			buf = append(buf, e.text...)
		}
		if len(x.open) < depth {
			return buf, nil
		}
	}
}

// richText reads to the end of the string item that has just begun, and adds
// the text of all its runs to buf; how it is to be pronounced is no part of it.
func (x *xmlReader) richText(buf []byte) ([]byte, error) {
	for depth := len(x.open); ; {
		e, err := x.next()
		switch {
		case err != nil:
			return buf, err
		case len(x.open) < depth:
			return buf, nil
		case e.kind != startElement:
			continue
		case e.name == "t":
			buf, err = x.text(buf)
		case e.name != "r":
			err = x.skip()
		}
		if err != nil {
			return buf, err
		}
	}
}

// bounded refuses XML in which a tag or text goes on without end, before the
// decoder gathers it in memory.
type bounded struct {
	r   io.Reader
	run int // bytes since the last <
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if i := bytes.LastIndexByte(p[:n], '<'); i >= 0 {
		b.run = n - i
	} else {
		b.run += n
	}
	if b.run > maxRun {
		return 0, errEndless
	}
	return n, err //nolint:wrapcheck // readers compare it with io.EOF
}

// anyPrefix stands for the prefix of an element whose start was not read.
const anyPrefix = "*"

// within is a reader of the rest of an element whose start is behind it.
func within(local string, rest io.Reader) *xmlReader {
	x := newXMLReader(rest)
	x.open = append(x.open, xml.Name{Space: anyPrefix, Local: local})
	return x
}

func closes(open, end xml.Name) bool {
	return open.Local == end.Local && (open.Space == end.Space || open.Space == anyPrefix)
}
