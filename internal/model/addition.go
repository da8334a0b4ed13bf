package model

import (
	"slices"
	"strings"

	"socialvalue/internal/strictyaml"
)

// addition is a CSV file whose rows are added to a table of reference data, so that a site can say more without a copy of the
// whole table, which would lose what later versions add.
type addition struct {
	file string
	to   string // relation
	doc  *strictyaml.Doc
}

// readAddition takes in the YAML of an addition. Its rows are read when all tables are known.
func (l *loader) readAddition(csvFile, specFile string, spec referenceSpec, doc *strictyaml.Doc) {
	if spec.Disabled {
		return
	}
	spec.check(doc)
	for key, said := range map[string]bool{
		"columns": len(spec.Columns) > 0, "key": len(spec.Key) > 0, "order_by": len(spec.OrderBy) > 0,
		"checks": len(spec.Checks) > 0, "publish": spec.Publish.Tier != "",
	} {
		if said {
			doc.At(key).Report("rows that are added have the %s of %s: remove this", key, spec.AddsTo)
		}
	}
	if csvFile == "" {
		l.fail(specFile, "no %s beside it: write the rows", strings.TrimSuffix(specFile, ".yaml")+".csv")
		return
	}
	l.added = append(l.added, addition{csvFile, spec.AddsTo, doc})
}

// addRows reads the additions in the order of their names and adds them. A row that is there already is refused: to change
// one is to replace the file it stands in.
func (l *loader) addRows() error {
	for _, added := range l.added {
		node := l.project.Nodes[added.to]
		if node == nil || node.Kind != KindReference {
			if !l.disabled[added.to] && !l.unread[added.to] {
				added.doc.At("adds_to").Report("%s is no table of reference data: name one, as ref.indicators", added.to)
			}
			continue
		}
		data, err := l.read(added.file)
		if err != nil {
			return err
		}
		columns := node.Spec.Columns
		rows, problems := readReference(added.file, data, columns, node.Spec.Key)
		l.problems = append(l.problems, problems...)
		known := make(map[string]bool, len(node.Ref.Rows))
		for _, row := range node.Ref.Rows {
			known[keyText(row, columns, node.Spec.Key)] = true
		}
		for _, row := range rows {
			key := keyText(row, columns, node.Spec.Key)
			if known[key] {
				l.fail(added.file, "%s has a row %s already: take another key, or replace the whole file to change that row", added.to, strings.ReplaceAll(key, "\x00", ", "))
			}
			known[key] = true
		}
		node.Ref.Rows = append(slices.Clip(node.Ref.Rows), rows...)
		node.Ref.Digest = digest([]byte(node.Ref.Digest + "\n" + digest(data)))
	}
	return nil
}

// keyText is the key of a row as one text.
func keyText(row []string, columns []Column, key []string) string {
	names := columnNames(columns)
	values := make([]string, len(key))
	for i, name := range key {
		if at := slices.Index(names, name); at >= 0 {
			values[i] = row[at]
		}
	}
	return strings.Join(values, "\x00")
}

func columnNames(columns []Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}
