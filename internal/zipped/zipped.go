// Package zipped packs a workbook again with its parts in the order of their names: the library that writes workbooks
// takes any order, and the same rows must be the same bytes.
package zipped

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Sorted writes the parts of an archive in the order of their names.
func Sorted(from []byte, out io.Writer) error {
	archive, err := zip.NewReader(bytes.NewReader(from), int64(len(from)))
	if err != nil {
		return fmt.Errorf("pack the workbook: %w", err)
	}
	parts := slices.Clone(archive.File)
	slices.SortFunc(parts, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	packed := zip.NewWriter(out)
	for _, part := range parts {
		if err := packed.Copy(part); err != nil {
			return fmt.Errorf("pack the workbook: %w", err)
		}
	}
	if err := packed.Close(); err != nil {
		return fmt.Errorf("pack the workbook: %w", err)
	}
	return nil
}
