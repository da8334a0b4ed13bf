package landing

import (
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"socialvalue/internal/durable"
)

// disk is what landing writes to, apart from it so that tests can make it fail.
type disk interface {
	MkdirAll(dir string) error
	CreateTemp(dir, pattern string) (tempFile, error)
	Rename(from, to string) error
	Remove(path string) error
	SyncDir(dir string) error
}

type tempFile interface {
	io.WriteCloser
	Name() string
	Chmod(mode fs.FileMode) error
	Sync() error
}

// osDisk is the disk of the operating system.
type osDisk struct{}

func (osDisk) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o750) }

func (osDisk) CreateTemp(dir, pattern string) (tempFile, error) {
	file, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return nil, err
	}
	return &eagerFile{File: file}, nil
}

func (osDisk) Rename(from, to string) error { return os.Rename(from, to) }

func (osDisk) Remove(path string) error { return os.Remove(path) }

func (osDisk) SyncDir(dir string) error { return durable.SyncDir(dir) }

// eagerFile asks the system to write out what it was given as it goes, so that
// the disk works while the next part is read, hashed and surveyed, and Sync has
// little left to wait for.
type eagerFile struct {
	*os.File

	written, begun int64 // bytes written, and those of them whose writing out has begun
}

const eagerPart = 8 << 20

func (f *eagerFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	f.written += int64(n)
	if part := f.written - f.begun; part >= eagerPart {
		// Only a hint: a file system that cannot take it leaves all to Sync.
		_ = unix.SyncFileRange(int(f.Fd()), f.begun, part, unix.SYNC_FILE_RANGE_WRITE)
		f.begun = f.written
	}
	return n, err
}
