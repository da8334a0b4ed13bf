package load

import (
	"context"
	"errors"
	"fmt"

	"socialvalue/internal/documents"
	"socialvalue/internal/landing"
	"socialvalue/internal/warehouse"
)

// Identify reads a document again and gives the texts that stand in one column of identifiers, by the keys that stand for
// them: what landed files alone hold. Of several spellings of one it gives the first in the alphabet. Nothing is kept.
func (l *Loader) Identify(ctx context.Context, source Source, file File, landed landing.Document, column string) (texts map[string]string, err error) {
	d := &document{source: source, file: file, label: landed.Name, form: landed.Form}
	d.opened = documents.Open(landed, documents.Options{WorkDir: l.WorkDir, Password: source.Password})
	defer func() {
		err = errors.Join(err, d.opened.Close(), l.dropStaging(context.WithoutCancel(ctx)))
	}()
	if err := l.describe(ctx, d, landed.Part()); err != nil {
		return nil, refusalOf(d.label, err)
	}
	if err := l.stage(ctx, d); err != nil {
		return nil, refusalOf(d.label, err)
	}
	if err := l.sortRows(ctx, d); err != nil {
		return nil, err
	}
	texts = map[string]string{}
	for _, identifier := range d.reading.Identifiers() {
		if identifier.Column != column {
			continue
		}
		if err := l.makeKeys(ctx, d, identifier); err != nil {
			return nil, fmt.Errorf("make the keys of %s: %w", column, err)
		}
		keys, err := l.DB.Texts(ctx, "select cast(key as varchar) from "+identifier.Table+" order by id_text, key")
		if err != nil {
			return nil, warehouse.Scrub(err)
		}
		written, err := l.DB.Texts(ctx, "select id_text from "+identifier.Table+" order by id_text, key")
		if err != nil {
			return nil, warehouse.Scrub(err)
		}
		for i, key := range keys {
			if _, known := texts[key]; !known {
				texts[key] = written[i]
			}
		}
	}
	return texts, nil
}
