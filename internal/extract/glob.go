package extract

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// walk collects what the globs of one source match. Unlike fs.Glob it reports
// folders it cannot read instead of passing over them.
type walk struct {
	site    string
	listing Listing
	files   []Found
	seen    map[string]bool // names met, since globs may overlap
	misses  []Skipped       // names that differ from a glob in case alone
}

// all walks every glob of a source.
func (w *walk) all(globs []string) {
	for _, pattern := range globs {
		w.glob(pattern)
	}
	// Only now is it known that no other glob takes them.
	for _, miss := range w.misses {
		w.skip(miss.Name, miss.Reason)
	}
}

func (w *walk) glob(pattern string) {
	if err := checkGlob(pattern); err != nil {
		w.listing.Errors = append(w.listing.Errors, err)
		return
	}
	if !w.enter("", strings.Split(path.Clean(pattern), "/"), pattern) {
		w.listing.Unmatched = append(w.listing.Unmatched, pattern)
	}
}

// checkGlob refuses patterns that cannot mean what their writer hopes for.
func checkGlob(pattern string) error {
	switch {
	case pattern == "":
		return errors.New("glob: it is empty: write a path relative to the site, like drop/leeds/*.csv")
	case strings.Contains(pattern, `\`):
		return fmt.Errorf("glob %s: it holds a backslash: separate folders with /", pattern)
	case !filepath.IsLocal(pattern):
		return fmt.Errorf("glob %s: it leads out of the site: link the folder into drop/ (ln -s) and name the link", pattern)
	case strings.Contains(pattern, "[!"):
		return fmt.Errorf("glob %s: [! does not negate: write [^", pattern)
	case strings.Contains(pattern, "**"):
		return fmt.Errorf("glob %s: ** is not supported: write one glob per folder level (a/*.csv, a/*/*.csv)", pattern)
	}
	if _, err := path.Match(pattern, ""); err != nil {
		return fmt.Errorf("glob %s: %w: close every [", pattern, err)
	}
	return nil
}

// enter matches the elements of a pattern below dir and reports whether
// anything in it matched, were it only something to skip or an error to tell.
func (w *walk) enter(dir string, elements []string, pattern string) bool {
	element, rest := elements[0], elements[1:]
	if !strings.ContainsAny(element, "*?[") {
		return w.visit(path.Join(dir, element), rest, pattern)
	}
	entries, err := os.ReadDir(w.abs(dir))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return false
	case err != nil:
		w.fail(dir, err)
		return true
	}
	matched := false
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		if len(rest) > 0 && entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && element[0] != '.' {
			w.skip(name, "it is a hidden folder")
			continue
		}
		if ok, _ := path.Match(element, entry.Name()); ok {
			matched = w.visit(name, rest, pattern) || matched
			continue
		}
		// JULY.CSV beside *.csv is most likely wanted: say that it was left out.
		if ok, _ := path.Match(strings.ToLower(element), strings.ToLower(entry.Name())); ok && len(rest) == 0 {
			w.misses = append(w.misses, Skipped{Name: name, Reason: fmt.Sprintf(
				"it matches %s but for upper and lower case: rename it or add a glob", pattern)})
		}
	}
	return matched
}

// visit looks at one name that matched and goes on below it.
func (w *walk) visit(name string, rest []string, pattern string) bool {
	info, err := os.Stat(w.abs(name))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			if _, linkErr := os.Lstat(w.abs(name)); linkErr != nil {
				return false // not there at all
			}
		}
		w.fail(name, err)
		return true
	}
	if len(rest) > 0 {
		return info.IsDir() && w.enter(name, rest, pattern)
	}
	if reason := unwanted(path.Base(name), info.Mode()); reason != "" {
		w.skip(name, reason)
		return true
	}
	if w.seen[name] {
		return true
	}
	w.seen[name] = true
	// Asking now costs an open; finding out after the run has begun costs a run.
	f, err := os.Open(w.abs(name))
	if err != nil {
		w.listing.Errors = append(w.listing.Errors, unreadable(name, err))
		return true
	}
	f.Close() //nolint:errcheck // nothing was even read
	w.files = append(w.files, FromInfo(w.abs(name), name, info))
	return true
}

func (w *walk) abs(name string) string { return filepath.Join(w.site, filepath.FromSlash(name)) }

func (w *walk) skip(name, reason string) {
	if w.seen[name] {
		return
	}
	w.seen[name] = true
	w.listing.Skipped = append(w.listing.Skipped, Skipped{Name: name, Reason: reason})
}

func (w *walk) fail(name string, err error) {
	if w.seen[name] {
		return
	}
	w.seen[name] = true
	if name == "" {
		name = "the site folder"
	}
	w.listing.Errors = append(w.listing.Errors, unreadable(name, err))
}

// unwanted says why something that matches a glob is no data file.
func unwanted(base string, mode fs.FileMode) string {
	lower := strings.ToLower(base)
	switch {
	case mode.IsDir():
		return "it is a folder"
	case !mode.IsRegular():
		return "it is not a regular file"
	case strings.HasPrefix(base, "."):
		return "its name begins with a dot: hidden files are not read"
	case strings.HasPrefix(base, "~$"):
		return "it is the lock file of an open document"
	}
	for _, suffix := range []string{".part", ".partial", ".filepart", ".crdownload", ".tmp", ".swp", "~"} {
		if strings.HasSuffix(lower, suffix) {
			return "its name ends in " + suffix + ": it is taken for an unfinished copy"
		}
	}
	return ""
}
