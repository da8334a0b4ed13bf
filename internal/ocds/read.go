package ocds

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Found is one release as it stands in a document, or what stands where one should.
type Found struct {
	Raw     []byte // empty where it is not JSON
	Problem string // "" when it may be a release; else why it cannot be one
}

// ErrNoPackage is the error about a document that holds no releases, records or lists of them.
var ErrNoPackage = errors.New("this is no OCDS: it holds neither releases nor records")

// window is how much of a document is looked at to tell whether it has one object a line.
const window = 4 << 20

// Read calls use for each release of a document, in its order. What is wrong with one release is told with it; the error is
// about the document as a whole, as one that ends within a release.
func Read(r io.Reader, use func(Found) error) error {
	in := &reader{scanner: scanner{r: bufio.NewReaderSize(r, window)}, use: use}
	in.skipMark()
	if in.byLine() {
		return in.lines()
	}
	for {
		c, err := in.nextSolid()
		switch {
		case errors.Is(err, io.EOF):
			if !in.list {
				return ErrNoPackage
			}
			return nil
		case err != nil:
			return err
		case c == '[':
			in.list = true
			err = in.elements(in.item)
		case c == '{':
			err = in.object()
		default:
			return ErrNoPackage
		}
		if err != nil {
			return err
		}
	}
}

type reader struct {
	scanner
	use   func(Found) error
	found int64
	list  bool // whether the document has shown a release, or a list of them
}

func (in *reader) emit(f Found) error {
	in.found++
	in.list = true
	return in.use(f)
}

// byLine says whether the document has one object a line: its first line begins and ends as an object does, and it or the
// second can be read.
func (in *reader) byLine() bool {
	head, _ := in.r.Peek(window) // a shorter document is told by what there is
	var lines [][]byte
	for len(head) > 0 && len(lines) < 2 {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines = append(lines, line)
		}
		head = rest
	}
	return len(lines) == 2 && braced(lines[0]) && (json.Valid(lines[0]) || braced(lines[1]) && json.Valid(lines[1]))
}

func braced(line []byte) bool { return line[0] == '{' && line[len(line)-1] == '}' }

func (in *reader) lines() error {
	for {
		line, tooLong, err := in.line()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if tooLong {
			if err := in.emit(Found{Problem: tooLarge()}); err != nil {
				return err
			}
		} else if line = bytes.TrimSpace(line); len(line) > 0 {
			if err := in.item(line, false); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

// object reads an object of the top level: a package, whose releases are read one at a time, a record or a release.
func (in *reader) object() error {
	var whole bytes.Buffer
	whole.WriteByte('{')
	streamed, isProcess := false, false
	for {
		c, err := in.nextSolid()
		switch {
		case err != nil:
			return in.cutOff(err)
		case c == ',':
			continue
		case c == '}':
			if streamed {
				return nil
			}
			whole.WriteByte('}')
			return in.item(whole.Bytes(), false)
		case c != '"':
			return fmt.Errorf("this is no JSON: a name is missing before byte %d", in.at)
		}
		name, err := in.text()
		if err != nil {
			return in.cutOff(err)
		}
		if c, err = in.nextSolid(); err != nil || c != ':' {
			return in.cutOff(errors.Join(err, fmt.Errorf("no colon before byte %d", in.at)))
		}
		if c, err = in.nextSolid(); err != nil {
			return in.cutOff(err)
		}
		isProcess = isProcess || string(name) == `"ocid"`
		if c == '[' && !isProcess && (string(name) == `"releases"` || string(name) == `"records"`) {
			streamed, in.list = true, true
			if err := in.elements(in.item); err != nil {
				return err
			}
			continue
		}
		value, tooLong, err := in.value(c)
		switch {
		case err != nil:
			return in.cutOff(err)
		case tooLong:
			return fmt.Errorf("its member %s is %s", name, tooLarge())
		}
		if whole.Len() > 1 {
			whole.WriteByte(',')
		}
		whole.Write(name)
		whole.WriteByte(':')
		whole.Write(value)
	}
}

// elements reads a list whose bracket was read.
func (in *reader) elements(item func(raw []byte, tooLong bool) error) error {
	for {
		c, err := in.nextSolid()
		switch {
		case err != nil:
			return in.cutOff(err)
		case c == ',':
			continue
		case c == ']':
			return nil
		}
		raw, tooLong, err := in.value(c)
		if err != nil {
			return in.cutOff(err)
		}
		if err := item(raw, tooLong); err != nil {
			return err
		}
	}
}

// cutOff tells of a document that ends too early.
func (in *reader) cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("it ends within what follows release %d: the file is cut off, or a bracket is missing", in.found)
	}
	return err
}

// item is an element of a list: a release, a record, or a package among packages.
func (in *reader) item(raw []byte, tooLong bool) error {
	if tooLong {
		return in.emit(Found{Problem: tooLarge()})
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return in.emit(Found{Problem: unreadable(err)})
	}
	if members == nil {
		return in.emit(Found{Problem: "it is no object"})
	}
	var parts []json.RawMessage
	compiled, hasCompiled := members["compiledRelease"]
	switch {
	case len(members["records"]) > 0:
		if err := json.Unmarshal(members["records"], &parts); err != nil {
			return in.emit(Found{Problem: "its records are no list"})
		}
		in.list = true
	case len(members["releases"]) > 0:
		if err := json.Unmarshal(members["releases"], &parts); err != nil {
			return in.emit(Found{Problem: "its releases are no list"})
		}
		in.list = true
		if linked(parts) {
			if !hasCompiled {
				return in.emit(Found{Problem: "the record only links to its releases, and has no compiled one"})
			}
			return in.emit(Found{Raw: compiled})
		}
	case hasCompiled:
		return in.emit(Found{Raw: compiled})
	default:
		return in.emit(Found{Raw: raw})
	}
	for _, part := range parts {
		if err := in.item(part, false); err != nil {
			return err
		}
	}
	return nil
}

// linked says whether releases of a record are addresses of releases.
func linked(parts []json.RawMessage) bool {
	for _, part := range parts {
		var link struct {
			URL  string          `json:"url"`
			OCID json.RawMessage `json:"ocid"`
		}
		if json.Unmarshal(part, &link) == nil && link.URL != "" && link.OCID == nil {
			return true
		}
	}
	return false
}

func unreadable(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("it is not JSON: its byte %d cannot stand there", syntax.Offset)
	}
	return "it is no object"
}

func tooLarge() string { return fmt.Sprintf("larger than %d MB", largest>>20) }
