package site

import (
	"strings"
	"testing"
)

// FuzzSize reads any text as a size: what is accepted is a positive number of
// bytes that a disk can have.
func FuzzSize(f *testing.F) {
	for _, text := range []string{"4GB", "1.5 gib", "0.0000001KB", "99999999999999999999TB", "9e9GB", "+1MB", "", " 1TiB "} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		size, err := ParseSize(text)
		if err == nil && (size.Bytes < 1 || size.Bytes > 1<<60 || size.Text != strings.TrimSpace(text)) {
			t.Fatalf("ParseSize(%q) = %+v", text, size)
		}
	})
}

// FuzzSecret reads any text as a reference to a secret. Text that is no reference
// may be the secret itself, so it is not in the error.
func FuzzSecret(f *testing.F) {
	for _, text := range []string{"env:KEY", "file:keys/people", "file:", "swordfish", ":x", "env: ", "FILE:x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		secret, err := parseSecret(text)
		switch {
		case err == nil && !strings.HasPrefix(text, "env:") && !strings.HasPrefix(text, "file:"):
			t.Fatalf("%q is taken for the reference %q", text, secret)
		case err != nil && err.Error() != errSecret.Error():
			t.Fatalf("the error says %q", err)
		}
	})
}

// FuzzNamePattern reads any text as a name_pattern: it is accepted with a named
// group, or refused with words.
func FuzzNamePattern(f *testing.F) {
	for _, text := range []string{`_(?P<month>\d{4}-\d{2})\.csv$`, `(?P<a>x)(?P<a>y)`, `(?P<month>a)(?P<year>b)`, `(`, `a*`, ``, `(?P<edition>e\d+)?`} {
		f.Add(text, "drop/x_2024-04.csv")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		pattern, err := compilePattern(text)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}
			return
		}
		if (pattern == nil) != (text == "") {
			t.Fatalf("%q gives %v", text, pattern)
		}
		if pattern == nil {
			return
		}
		source := Source{Name: "s", pattern: pattern}
		claim, err := source.Claim(name)
		if err == nil && claim.HasPeriod() && !claim.PeriodEnd.After(claim.PeriodStart) {
			t.Fatalf("%q under %q claims %+v", name, text, claim)
		}
	})
}
