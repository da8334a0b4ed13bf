package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	socialvalue "socialvalue"
	"socialvalue/internal/contract"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/pseudonym"
	"socialvalue/internal/site"
)

// siteFiles are the built-in files with those of the site that is there already,
// if one is, laid over them.
func siteFiles(dir string) (files fs.FS, exists bool, err error) {
	_, err = os.Stat(filepath.Join(dir, site.FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return socialvalue.Assets, false, nil
	}
	s, err := site.Load(dir)
	if err != nil {
		return nil, true, usageError{err}
	}
	if files, err = s.Files(socialvalue.Assets); err != nil {
		return nil, true, usageError{err}
	}
	return files, true, nil
}

// newKeys draws a key for every group asked for, and for those that the chosen
// feeds need.
func newKeys(files fs.FS, contracts map[string]*contract.Contract, feeds []site.Feed, groups []string) (map[string][]byte, error) {
	pipelines, err := pipeline.LoadAll(files)
	if err != nil {
		return nil, usageError{err}
	}
	for _, feed := range feeds {
		if c := contracts[feed.Contract]; c.NeedsKey() {
			groups = append(groups, pipelines[c.Pipeline].Group())
		}
	}
	keys := map[string][]byte{}
	for _, group := range groups {
		if !pipeline.IsGroup(group) {
			return nil, usageError{fmt.Errorf("--key %s: a key group is a word of small letters, digits and _, as people", group)}
		}
		if keys[group], err = pseudonym.Generate(rand.Reader); err != nil {
			return nil, err
		}
	}
	return keys, nil
}
