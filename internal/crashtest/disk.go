package crashtest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// folderVariable says that this process has the disk, and where.
const folderVariable = "SVW_TEST_OWN_DISK"

// Disk is a small disk in memory that can be filled at any moment, also while
// another process writes to it, and that nobody else sees. It is full as disks
// are: what is written last fails with ENOSPC, half written, and what was written
// before stays.
type Disk struct {
	Dir  string
	size int64
}

// OnOwnDisk runs the calling test again in a process that has a disk of so many
// bytes, and gives nil; the test then returns at once. In that process it gives
// the disk. Arguments are further ones of the test binary. It fails the test when
// the process does, or when it did not run the test; mounting a disk takes root,
// or a system that lets its users have namespaces.
func OnOwnDisk(t *testing.T, size int64, arguments ...string) *Disk {
	t.Helper()
	if dir := os.Getenv(folderVariable); dir != "" { //nolint:forbidigo // the process before this one said it
		return mount(t, dir, size)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, append([]string{"-test.v", "-test.timeout=0", "-test.run", "^" + t.Name() + "$"}, arguments...)...) //nolint:gosec // it is this very program
	cmd.Env = append(os.Environ(), folderVariable+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Fatalf("on a disk of its own (which takes the right to mount one): %v\n%s", err, out)
	}
	t.Logf("on a disk of its own:\n%s", out)
	return nil
}

func mount(t *testing.T, dir string, size int64) *Disk {
	t.Helper()
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Fatal(err)
	}
	return &Disk{dir, size}
}

// Fill starts a process and fills the disk at a random moment of the time that
// the process usually takes, leaving room for fewer bytes than that. It gives what
// the process said, and whether it failed.
func (d *Disk) Fill(t testing.TB, command *exec.Cmd, usual time.Duration, room int64) (said string, failed bool) {
	t.Helper()
	var stderr bytes.Buffer
	command.Stderr = &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(rand.N(usual))                     //nolint:gosec // no secret
	if err := d.Leave(rand.N(room)); err != nil { //nolint:gosec // no secret
		t.Fatal(err)
	}
	failed = command.Wait() != nil
	return strings.TrimSpace(stderr.String()), failed
}

// Leave leaves room for so many bytes, rounded up to whole blocks. The disk
// shrinks to what is on it, which takes no time and no memory.
func (d *Disk) Leave(room int64) error {
	for {
		var stat syscall.Statfs_t
		if err := syscall.Statfs(d.Dir, &stat); err != nil {
			return fmt.Errorf("fill the disk: %w", err)
		}
		used := int64(stat.Blocks-stat.Bfree) * stat.Bsize //nolint:gosec // a small disk
		err := d.resize(used + max(room, stat.Bsize))
		// Somebody wrote meanwhile, so that more is on it.
		if !errors.Is(err, syscall.EINVAL) {
			return err
		}
	}
}

// Empty gives the disk its size again.
func (d *Disk) Empty() error { return d.resize(d.size) }

func (d *Disk) resize(size int64) error {
	if err := syscall.Mount("tmpfs", d.Dir, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%d", size)); err != nil {
		return fmt.Errorf("change the size of the disk: %w", err)
	}
	return nil
}
