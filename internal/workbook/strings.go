package workbook

import (
	"bufio"
	"errors"
	"fmt"
	"os"
)

// sharedStrings are the texts that cells refer to by number. They lie in a
// temporary file; in memory is where each ends.
type sharedStrings struct {
	part    string // "" when the workbook has none
	tempDir string
	file    *os.File
	ends    []int64
}

// at returns a text.
func (s *sharedStrings) at(i int) (string, error) {
	if i < 0 || i >= len(s.ends) {
		return "", damaged("a cell refers to text %d of %d", i, len(s.ends))
	}
	begin := int64(0)
	if i > 0 {
		begin = s.ends[i-1]
	}
	text := make([]byte, s.ends[i]-begin)
	if _, err := s.file.ReadAt(text, begin); err != nil {
		return "", &diskError{fmt.Errorf("read the shared strings: %w", err)}
	}
	return string(text), nil
}

// read fetches the texts of a workbook, once.
func (w *Workbook) readStrings() error {
	s := &w.strings
	if s.part == "" || s.file != nil {
		return nil
	}
	file, err := os.CreateTemp(s.tempDir, "strings-*")
	if err != nil {
		return fmt.Errorf("keep the shared strings: %w", err)
	}
	s.file = file
	out := bufio.NewWriterSize(file, 256<<10)
	var text []byte
	var end int64
	err = w.each(s.part, func(x *xmlReader, e element) error {
		if e.name != "si" {
			return nil
		}
		var err error
		if text, err = x.richText(text[:0]); err != nil {
			return err
		}
		text = unescape(text)
		n, err := out.Write(text)
		if err != nil {
			return &diskError{fmt.Errorf("keep the shared strings: %w", err)}
		}
		end += int64(n)
		s.ends = append(s.ends, end)
		return nil
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return errors.Join(err, s.close())
	}
	return nil
}

func (s *sharedStrings) close() error {
	if s.file == nil {
		return nil
	}
	name := s.file.Name()
	err := errors.Join(s.file.Close(), os.Remove(name))
	s.file, s.ends = nil, nil
	return err
}

// unescape turns _x000D_ into the character it stands for: so Excel writes
// characters that XML does not allow. A byte 0 stays as it is written.
func unescape(text []byte) []byte {
	const length = len("_x000D_")
	out := text[:0]
	for i := 0; i < len(text); {
		if text[i] == '_' && i+length <= len(text) && text[i+1] == 'x' && text[i+length-1] == '_' {
			if r, ok := hex4(text[i+2 : i+6]); ok && r != 0 && (r < 0xd800 || r > 0xdfff) {
				out = append(out, string(r)...)
				i += length
				continue
			}
		}
		out = append(out, text[i])
		i++
	}
	return out
}

func hex4(digits []byte) (rune, bool) {
	var r rune
	for _, c := range digits {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 + rune(c-'0')
		case c >= 'A' && c <= 'F':
			r = r<<4 + rune(c-'A'+10)
		case c >= 'a' && c <= 'f':
			r = r<<4 + rune(c-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
