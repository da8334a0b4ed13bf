package baseline

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"socialvalue/internal/durable"
)

// Content is what is frozen.
type Content struct {
	Year        string
	Release     string
	Software    string
	Definitions Table
	Values      Table
	Inputs      Table
	// Missing is what a baseline needs and is stale, held or not supplied.
	Missing []string
	// Reason is needed where something is missing, and where a version stands already.
	Reason string
}

// RefusedError says why nothing was frozen.
type RefusedError struct{ Reasons []string }

func (e *RefusedError) Error() string {
	return "the baseline was not frozen: " + strings.Join(e.Reasons, "; ")
}

// Freeze writes the next version of a year's baseline and returns its seal. The
// folder appears under its name whole or not at all: files are written and
// synced in a folder of another name, which is then renamed. The caller holds
// the warehouse's lock.
func Freeze(root string, content Content, now time.Time) (seal Seal, err error) {
	if err := CheckYear(content.Year); err != nil {
		return Seal{}, err
	}
	seals, err := List(root)
	if err != nil {
		return Seal{}, err
	}
	previous, again := Latest(seals, content.Year)
	if reasons := refusals(content, previous, again); len(reasons) > 0 {
		return Seal{}, &RefusedError{reasons}
	}
	seal = Seal{
		Year: content.Year, Version: previous.Version + 1, FrozenAt: now.UTC().Truncate(time.Second),
		Release: content.Release, Software: content.Software, Editions: editions(content.Values),
		Reason: strings.TrimSpace(content.Reason), Missing: append([]string{}, content.Missing...), Previous: previous.Seal,
	}
	written := map[string][]byte{}
	for _, part := range []struct {
		name  string
		table Table
	}{{DefinitionsFile, content.Definitions}, {ValuesFile, content.Values}, {InputsFile, content.Inputs}} {
		data, err := encode(part.table)
		if err != nil {
			return Seal{}, fmt.Errorf("freeze %s: %s: %w", seal.Name(), part.name, err)
		}
		sum := sha256.Sum256(data)
		written[part.name] = data
		seal.Files = append(seal.Files, File{Name: part.name, Bytes: len(data), SHA256: hex.EncodeToString(sum[:])})
	}
	if seal.Seal, err = seal.hash(); err != nil {
		return Seal{}, err
	}
	if written[sealFile], err = seal.file(); err != nil {
		return Seal{}, err
	}
	if err := place(root, seal, written); err != nil {
		return Seal{}, fmt.Errorf("freeze %s: %w", seal.Name(), err)
	}
	return seal, nil
}

// refusals are the reasons not to freeze.
func refusals(content Content, previous Seal, again bool) []string {
	var reasons []string
	if len(content.Values.Rows) == 0 {
		reasons = append(reasons, "nothing was measured in "+content.Year)
	}
	if strings.TrimSpace(content.Reason) != "" {
		return reasons
	}
	reasons = append(reasons, content.Missing...)
	if len(content.Missing) > 0 {
		reasons = append(reasons, "to freeze it all the same say why, with --force --reason")
	}
	if again {
		reasons = append(reasons, fmt.Sprintf("%s is frozen already, on %s; to state it again say why, with --reason", previous.Name(), previous.FrozenAt.Format(time.DateOnly)))
	}
	return reasons
}

// editions are the editions of the Indices that values rest on.
func editions(values Table) []string {
	found := []string{}
	for i := range values.Rows {
		if edition := values.Cell(i, "iod_edition"); edition != "" && !slices.Contains(found, edition) {
			found = append(found, edition)
		}
	}
	slices.Sort(found)
	return found
}

// place writes the files and renames the folder to its name. What an earlier
// freeze that was killed left behind goes first.
func place(root string, seal Seal, files map[string][]byte) (err error) {
	year := filepath.Join(root, seal.Year)
	if err := os.MkdirAll(year, 0o750); err != nil {
		return fmt.Errorf("make %s: %w", year, err)
	}
	if err := durable.SyncDir(root); err != nil {
		return err
	}
	unfinished := filepath.Join(year, ".v"+strconv.Itoa(seal.Version))
	if err := os.RemoveAll(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what was left unfinished: %w", err)
	}
	if err := os.Mkdir(unfinished, 0o750); err != nil {
		return fmt.Errorf("make %s: %w", unfinished, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(unfinished))
		}
	}()
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := durable.WriteFile(filepath.Join(unfinished, name), files[name], 0o440); err != nil {
			return err
		}
	}
	final := filepath.Join(root, folder(seal.Year, seal.Version))
	if _, err := os.Lstat(final); err == nil {
		return fmt.Errorf("%s is there already", final)
	}
	return durable.Rename(unfinished, final)
}
