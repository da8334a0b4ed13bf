// Package unprivileged lets tests of file permissions run as an ordinary user.
// Root may read everything, so as root such tests would pass whatever the code
// does. It is imported by tests only.
package unprivileged

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// nobody is the user and group without rights on Linux.
const nobody = 65534

// Rerun runs the calling test again in a child process of an ordinary user when
// the present one is root, and reports whether it did; the test then returns at
// once. It fails the test when the child does, or when it did not run the test.
func Rerun(t *testing.T) bool {
	t.Helper()
	return RerunIn(t)
}

// RerunIn is Rerun of a user who is in more groups, given by number: groups that
// no account of the machine has will do.
func RerunIn(t *testing.T, groups ...uint32) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return false
	}
	// The test binary lies in a folder closed to others, and so would one of
	// t.TempDir if its parent stayed as it is made.
	dir := t.TempDir()
	binary, temp := filepath.Join(dir, "test"), filepath.Join(dir, "tmp")
	if err := copyExecutable(binary); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(temp, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(folder, 0o755); err != nil { //nolint:gosec // another user must get in
			t.Fatal(err)
		}
	}

	//nolint:gosec // it is this very program
	cmd := exec.CommandContext(t.Context(), binary, "-test.v", "-test.run", "^"+t.Name()+"$")
	cmd.Dir = temp
	cmd.Env = []string{"TMPDIR=" + temp, "HOME=" + temp}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, Groups: groups}}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Fatalf("as an ordinary user: %v\n%s", err, out)
	}
	return true
}

func copyExecutable(to string) error {
	from, err := os.Executable()
	if err != nil {
		return err
	}
	program, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, program, 0o755) //nolint:gosec // another user must run it
}
