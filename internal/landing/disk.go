package landing

import (
	"io"
	"io/fs"
	"os"

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

func (osDisk) CreateTemp(dir, pattern string) (tempFile, error) { return os.CreateTemp(dir, pattern) }

func (osDisk) Rename(from, to string) error { return os.Rename(from, to) }

func (osDisk) Remove(path string) error { return os.Remove(path) }

func (osDisk) SyncDir(dir string) error { return durable.SyncDir(dir) }
