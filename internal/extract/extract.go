// Package extract lists the files that are ready to be landed.
//
// It reads no content. A file is ready when it is old enough and stands still:
// its size, time and inode are those of the last sighting, or stay the same over
// a second look a moment later. Whatever is not ready, not wanted or not
// readable is reported with its reason; nothing is left out in silence.
//
// What a glob may lead to: regular files, and symbolic links to them, wherever
// they point, because departments' shares are mounted elsewhere and linked into
// the site; the name stays the link's, size, time and inode are the target's.
// Linked folders are entered for the same reason. Folders, sockets, pipes and
// devices that match a glob are skipped with a reason.
package extract

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// SecondLook is how long a run waits before it looks again at files that it
// sees for the first time.
const SecondLook = 2 * time.Second

// Found is one file ready to be landed.
type Found struct {
	Path    string // absolute
	Name    string // relative to the site, with slashes
	Size    int64
	ModTime time.Time
	Inode   uint64
}

// Sighting is what a file looked like when a run last saw it.
type Sighting struct {
	Size    int64
	ModTime time.Time
	Inode   uint64
}

// Sighting returns what is to be remembered of f for the next run.
func (f Found) Sighting() Sighting {
	return Sighting{Size: f.Size, ModTime: f.ModTime, Inode: f.Inode}
}

// Same reports whether both sightings show the same, untouched file.
func (s Sighting) Same(o Sighting) bool {
	return s.Size == o.Size && s.Inode == o.Inode && s.ModTime.Equal(o.ModTime)
}

// Sightings remembers files from one run to the next.
type Sightings interface {
	// Last returns the last sighting of a file of a source.
	Last(source, name string) (Sighting, bool)
}

// Source names the files of one source.
type Source struct {
	Name  string
	Globs []string // slash paths relative to the site; *, ? and [] within one path element
}

// Pending is a file that may still be changing. Its sighting is to be
// remembered like that of a file found.
type Pending struct {
	Found
	Reason string
}

// Skipped is something that matches a glob and is no data file.
type Skipped struct {
	Name   string
	Reason string
}

// Listing is what there is for one source. All lists are sorted by name.
type Listing struct {
	Source    string
	Found     []Found
	Pending   []Pending
	Skipped   []Skipped
	Unmatched []string // globs that match nothing: the caller judges whether that is normal
	Errors    []error  // what could not be looked at: path, cause and remedy
}

// Finder lists the files of a site.
type Finder struct {
	Site      string        // absolute path of the site folder
	MinAge    time.Duration // files changed more recently are pending
	Sightings Sightings     // nil: no file was ever seen
	Now       func() time.Time
	Sleep     func(context.Context, time.Duration) error
}

// Find lists the files of all sources, in the order of sources. Files seen for
// the first time wait for their second look together, so a run sleeps once at
// most. Find fails only when ctx ends; a source's troubles are in its Listing.
func (f Finder) Find(ctx context.Context, sources []Source) ([]Listing, error) {
	listings := make([]Listing, len(sources))
	fresh := make([][]Found, len(sources))
	waiting := false
	for i, source := range sources {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("list files of %s: %w", source.Name, err)
		}
		listings[i], fresh[i] = f.firstLook(source)
		waiting = waiting || len(fresh[i]) > 0
	}
	if waiting {
		if err := f.Sleep(ctx, SecondLook); err != nil {
			return nil, fmt.Errorf("wait for a second look at new files: %w", err)
		}
	}
	for i := range listings {
		for _, file := range fresh[i] {
			f.secondLook(&listings[i], file)
		}
		listings[i].sort()
	}
	return listings, nil
}

// Matching lists what the globs of a source match in a site at this moment,
// without judging whether it stands still: every data file is found, and what is
// none is skipped, as a run would.
func Matching(site string, source Source) Listing {
	w := walk{site: site, listing: Listing{Source: source.Name}, seen: map[string]bool{}}
	w.all(source.Globs)
	w.listing.Found = w.files
	w.listing.sort()
	return w.listing
}

// firstLook lists a source and returns apart the files that need a second look.
func (f Finder) firstLook(source Source) (Listing, []Found) {
	listing := Matching(f.Site, source)
	files := listing.Found
	listing.Found = nil
	now := f.Now()
	var fresh []Found
	for _, file := range files {
		switch age := now.Sub(file.ModTime); {
		case age < 0:
			listing.Pending = append(listing.Pending, Pending{file, fmt.Sprintf(
				"changed in the future (%s): wait, or mend the clock of the machine that wrote it, or touch the file",
				file.ModTime.UTC().Format(time.RFC3339))})
		case age < f.MinAge:
			listing.Pending = append(listing.Pending, Pending{file, fmt.Sprintf(
				"changed %s ago, younger than %s", age.Round(time.Second), f.MinAge)})
		case f.seenBefore(source.Name, file):
			listing.Found = append(listing.Found, file)
		default:
			fresh = append(fresh, file)
		}
	}
	return listing, fresh
}

func (f Finder) seenBefore(source string, file Found) bool {
	if f.Sightings == nil {
		return false
	}
	last, ok := f.Sightings.Last(source, file.Name)
	return ok && last.Same(file.Sighting())
}

// secondLook puts a file where it belongs after the wait.
func (f Finder) secondLook(listing *Listing, file Found) {
	again, err := look(file.Path, file.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		listing.Pending = append(listing.Pending, Pending{file, "it vanished while being looked at"})
	case err != nil:
		listing.Errors = append(listing.Errors, unreadable(file.Name, err))
	case !again.Sighting().Same(file.Sighting()):
		listing.Pending = append(listing.Pending, Pending{again, fmt.Sprintf(
			"still changing: %d bytes, %d bytes %s later", file.Size, again.Size, SecondLook)})
	default:
		listing.Found = append(listing.Found, again)
	}
}

func (l *Listing) sort() {
	slices.SortFunc(l.Found, func(a, b Found) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(l.Pending, func(a, b Pending) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(l.Skipped, func(a, b Skipped) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(l.Errors, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	slices.Sort(l.Unmatched)
}

// Wait sleeps for d or until ctx ends; it is the Sleep of a Finder in earnest.
func Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait %s: %w", d, ctx.Err())
	case <-timer.C:
		return nil
	}
}

// look returns the present state of a file, following links.
func look(path, name string) (Found, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Found{}, err
	}
	return FromInfo(path, name, info), nil
}

// FromInfo returns the file that info describes.
func FromInfo(path, name string, info fs.FileInfo) Found {
	found := Found{Path: path, Name: name, Size: info.Size(), ModTime: info.ModTime()}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		found.Inode = stat.Ino
	}
	return found
}

// unreadable says what could not be read and what to do about it.
func unreadable(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the path is told already, relative to the site
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("read %s: %w: give the account that runs svw (uid %d) the right to read it and to enter its folders",
			name, err, os.Geteuid())
	case errors.Is(err, fs.ErrNotExist): // only a link can be listed and not be there
		return fmt.Errorf("read %s: it links to something that does not exist: mount what it points to or remove the link", name)
	case errors.Is(err, syscall.ELOOP):
		return fmt.Errorf("read %s: %w: remove the link", name, err)
	default:
		return fmt.Errorf("read %s: %w: check that the disk or share is mounted and healthy", name, err)
	}
}
