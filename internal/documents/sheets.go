package documents

import (
	"context"
	"fmt"
	"strings"

	"socialvalue/internal/landing"
)

// Sheets makes a document of each sheet of a workbook that a pattern fits, in the
// order of the tabs. The others are ignored, each with its reason. It is a
// *landing.Refusal when no sheet fits.
func Sheets(ctx context.Context, landed landing.Document, options Options, pattern string) (found []landing.Document, ignored []landing.Ignored, err error) {
	s := &sheet{landed: landed, copies: &copies{dir: options.WorkDir}, password: options.Password}
	defer s.Close() //nolint:errcheck // what stays is removed when the next run starts
	if err := s.open(ctx); err != nil {
		return nil, nil, err
	}
	names := make([]string, 0, len(s.book.Sheets))
	for _, tab := range s.book.Sheets {
		names = append(names, tab.Name)
		switch {
		case !tab.Fits(pattern):
			ignored = append(ignored, landing.Ignored{Name: tab.Name, Reason: fmt.Sprintf("sheets: %q does not fit it", pattern)})
		case tab.Hidden:
			ignored = append(ignored, landing.Ignored{Name: tab.Name, Reason: "the sheet is hidden: name it alone in a source of its own, or have it shown"})
		default:
			found = append(found, landed.OfSheet(tab.Name))
		}
	}
	if len(found) == 0 {
		return nil, ignored, &landing.Refusal{
			File: landed.Name, Reason: fmt.Sprintf("no visible sheet fits sheets: %q; the workbook has %s", pattern, strings.Join(names, ", ")),
			Remedy: "correct sheets of the source, or ask the sender for the workbook as it used to be",
		}
	}
	return found, ignored, nil
}
