package site

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Size is an amount of memory or disk: the text as DuckDB takes it, and the bytes it stands for.
type Size struct {
	Text  string
	Bytes int64
}

// String is the text.
func (s Size) String() string { return s.Text }

// ParseSize reads a size as 4GB (thousands) or 4GiB (1024s).
func ParseSize(text string) (Size, error) {
	bad := errors.New("a size is a number and a unit, as 512MB, 4GB or 20GiB")
	m := regexp.MustCompile(`^(?i)(\d+(?:\.\d+)?) ?([kmgt])(i?)b$`).FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return Size{}, bad
	}
	base := 1000.0
	if m[3] != "" {
		base = 1024
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return Size{}, bad
	}
	power := strings.IndexByte("kmgt", strings.ToLower(m[2])[0]) + 1
	bytes := n * math.Pow(base, float64(power))
	if bytes < 1 || bytes > 1<<60 {
		return Size{}, bad
	}
	return Size{Text: strings.TrimSpace(text), Bytes: int64(bytes)}, nil
}
