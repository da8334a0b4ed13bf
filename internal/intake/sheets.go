package intake

import (
	"context"

	"socialvalue/internal/documents"
	"socialvalue/internal/landing"
	"socialvalue/internal/site"
)

// SheetsOf makes documents of the sheets of workbooks, where the source says that
// they are read sheet by sheet.
func SheetsOf(ctx context.Context, source site.Source, options documents.Options, contents landing.Contents) (landing.Contents, error) {
	if source.Sheets == "" {
		return contents, nil
	}
	split := landing.Contents{Ignored: contents.Ignored}
	for _, document := range contents.Documents {
		if document.Form != landing.Workbook {
			split.Documents = append(split.Documents, document)
			continue
		}
		found, ignored, err := documents.Sheets(ctx, document, options, source.Sheets)
		if err != nil {
			return contents, err
		}
		split.Documents = append(split.Documents, found...)
		for _, other := range ignored {
			if document.Member != "" {
				other.Name = document.Member + "!" + other.Name
			}
			split.Ignored = append(split.Ignored, other)
		}
	}
	return split, nil
}
