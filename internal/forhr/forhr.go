// Package forhr keeps the files that are made for HR alone: they name people by their payroll numbers, which nothing else
// of the warehouse holds beside landed files. They lie in a folder of their own, which lets in one group of the machine,
// and each for so many days. It knows nothing of the rest of the program but internal/durable.
package forhr

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/durable"
)

// Folder is where the files are.
type Folder struct {
	Root  string
	Group int // number of the group of the machine that HR is in
	Days  int // how long a file stays
}

const (
	folderMode = fs.FileMode(0o750)
	fileMode   = fs.FileMode(0o440)
	stampForm  = "20060102T150405Z"
)

// name is how files are named: what they are of, and when they were made. Nothing of a person is in it.
func name() *regexp.Regexp {
	return regexp.MustCompile(`^([A-Za-z0-9_-]+_\d{4}-\d{2}-\d{2})_(\d{8}T\d{6}Z)\.csv$`)
}

// Write writes rows in the place of an earlier file of the same body and snapshot, and gives its path and the moment from
// which it may be removed.
func (f Folder) Write(body, snapshot string, rows [][]string, now time.Time) (path string, until time.Time, err error) {
	of := body + "_" + snapshot
	file := of + "_" + now.UTC().Format(stampForm) + ".csv"
	if !name().MatchString(file) {
		return "", until, fmt.Errorf("%s at %s cannot be the name of a file", body, snapshot)
	}
	if err := f.open(); err != nil {
		return "", until, fmt.Errorf("make the folder for HR: %w", err)
	}
	text, err := encode(rows)
	if err != nil {
		return "", until, fmt.Errorf("write the file for HR: %w", err)
	}
	path = filepath.Join(f.Root, file)
	if err := durable.WriteFile(path, text, fileMode); err != nil {
		return "", until, fmt.Errorf("write the file for HR: %w", err)
	}
	if err := os.Lchown(path, -1, f.Group); err != nil {
		return "", until, errors.Join(fmt.Errorf("give the file to HR: %w", err), os.Remove(path))
	}
	earlier, err := f.list()
	if err != nil {
		return path, until, err
	}
	for _, other := range earlier {
		if other != file && strings.HasPrefix(other, of+"_") {
			if err := os.Remove(filepath.Join(f.Root, other)); err != nil {
				return path, until, fmt.Errorf("remove the earlier file for HR: %w", err)
			}
		}
	}
	return path, now.AddDate(0, 0, f.Days), nil
}

// open makes the folder, closed to all but the group before anything is in it.
func (f Folder) open() error {
	err := os.Mkdir(f.Root, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return errors.Join(os.Lchown(f.Root, -1, f.Group), os.Chmod(f.Root, folderMode))
}

// encode writes rows as spreadsheets read them: a byte order mark, and no cell that one would run as a formula.
func encode(rows [][]string) ([]byte, error) {
	var text bytes.Buffer
	text.WriteString("\ufeff")
	out := csv.NewWriter(&text)
	out.UseCRLF = true
	for _, row := range rows {
		safe := slices.Clone(row)
		for i, cell := range safe {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") {
				safe[i] = "'" + cell
			}
		}
		if err := out.Write(safe); err != nil {
			return nil, fmt.Errorf("write a row: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return nil, fmt.Errorf("write the rows: %w", err)
	}
	return text.Bytes(), nil
}

// Expired names the files whose time is up at a moment, and what a killed run left half written.
func (f Folder) Expired(now time.Time) ([]string, error) {
	files, err := f.list()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(files, func(file string) bool {
		parts := name().FindStringSubmatch(file)
		if parts == nil {
			return false
		}
		made, err := time.Parse(stampForm, parts[2])
		return err == nil && now.Before(made.AddDate(0, 0, f.Days))
	}), nil
}

// Remove removes files by their names.
func (f Folder) Remove(files []string) error {
	for _, file := range files {
		if err := os.Remove(filepath.Join(f.Root, file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a file for HR: %w", err)
		}
	}
	return nil
}

func (f Folder) list() ([]string, error) {
	found, err := os.ReadDir(f.Root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the files for HR: %w", err)
	}
	var files []string
	for _, each := range found {
		if !each.IsDir() {
			files = append(files, each.Name())
		}
	}
	return files, nil
}
