package site

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Secret is where a secret is kept, never the secret itself: env:NAME or file:path.
type Secret string

var errSecret = errors.New("a secret is never written here: put it into a file of mode 0400 and write file:PATH, or into the environment and write env:NAME")

func parseSecret(text string) (Secret, error) {
	kind, rest, _ := strings.Cut(text, ":")
	if kind != "env" && kind != "file" || strings.TrimSpace(rest) == "" {
		return "", errSecret
	}
	return Secret(text), nil
}

// Read fetches the secret; a path is relative to the site. A file that others may read is refused. One newline at the end
// does not count.
func (s Secret) Read(root string, env func(name string) (string, bool)) ([]byte, error) {
	kind, rest, _ := strings.Cut(string(s), ":")
	var secret []byte
	switch kind {
	case "env":
		value, ok := "", false
		if env != nil {
			value, ok = env(rest)
		}
		if !ok {
			return nil, fmt.Errorf("%s: the environment has no such variable: set it before starting svw", s)
		}
		secret = []byte(value)
	case "file":
		path := absolute(root, rest)
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			return nil, fmt.Errorf("%s: others can read it (mode %04o): chmod 0400 %s", s, info.Mode().Perm(), path)
		}
		if secret, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
	default:
		return nil, errSecret
	}
	secret = bytes.TrimSuffix(bytes.TrimSuffix(secret, []byte("\n")), []byte("\r"))
	if len(secret) == 0 {
		return nil, fmt.Errorf("%s: it is empty", s)
	}
	return secret, nil
}
