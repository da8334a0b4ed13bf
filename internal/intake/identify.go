package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"socialvalue/internal/documents"
	"socialvalue/internal/load"
	"socialvalue/internal/workspace"
)

// ErrPurged is what errors.Is finds when the received files are gone that would say who somebody is.
var ErrPurged = errors.New("the received files were removed when their time was up")

// Identify reads the document of a load once more for the texts of one column of identifiers.
func (in *Intake) Identify(ctx context.Context, record *load.Record, column string) (map[string]string, error) {
	gone := fmt.Errorf("%s: %w; put it into drop/ again, run svw run, and ask again", load.Label(record), ErrPurged)
	if record.LandingPurgedAt != nil {
		return nil, gone
	}
	source, ok := in.env.Site.Source(record.Source)
	if !ok {
		return nil, &workspace.ConfigurationError{Err: fmt.Errorf("svw.yaml has no source %s, which %s is of: add it again", record.Source, load.Label(record))}
	}
	from, trouble, err := in.readyFor(ctx, source, in.contracts[source.Contract])
	if err == nil && trouble == nil && from.Key != nil && record.KeyID != from.Key.ID() {
		trouble = fmt.Errorf("%s was loaded with an earlier key: put it into drop/ again and run svw run", load.Label(record))
	}
	if err := errors.Join(err, trouble); err != nil {
		return nil, err
	}
	landed, err := in.landing.Lookup(record.Source, record.FileSHA256, record.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, gone
	}
	if err != nil {
		return nil, err
	}
	contents, err := in.landing.Open(ctx, landed)
	if err == nil {
		contents, err = SheetsOf(ctx, source, documents.Options{WorkDir: in.loader.WorkDir, Password: from.Password}, contents)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", load.Label(record), err)
	}
	for _, document := range contents.Documents {
		if document.Part() != record.Member {
			continue
		}
		file, _, err := Claimed(source, document)
		if err != nil {
			return nil, fmt.Errorf("read %s again: %w", load.Label(record), err)
		}
		return in.loader.Identify(ctx, from, file, document, column)
	}
	return nil, fmt.Errorf("%s has no such member any more: put the file into drop/ again", load.Label(record))
}
