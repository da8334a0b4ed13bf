package load

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"socialvalue/internal/contract"
	"socialvalue/internal/warehouse"
)

// rowsSQL gives the rows of loads as the contract stands now. Objects written
// under an earlier version or form of it are read through its written
// migrations, and identified anew, so that a row kept then and the same row
// taken in today are one. counting leaves out the rows of which another copy
// counts.
func (l *Ledger) rowsSQL(c *contract.Contract, records []*Record, counting bool) (string, error) {
	forms := formsOf(c, records)
	if len(forms) == 0 {
		items := make([]string, 0, len(c.Columns))
		for _, column := range RawColumns(c) {
			items = append(items, "cast(null as "+column.Type+") as "+warehouse.Ident(column.Name))
		}
		return "select " + strings.Join(items, ", ") + " where false", nil
	}
	branches := make([]string, len(forms))
	for i, form := range forms {
		branch, err := form.sql(c, l.paths(c.Relation(), form.records))
		if err != nil {
			return "", err
		}
		if counting {
			branch += "\nanti join _svw.inactive_rows as inactive on inactive.relation = " + warehouse.Text(c.Relation()) +
				" and inactive.load_id = stored._load_id and inactive.source_row = stored._source_row"
		}
		branches[i] = branch
	}
	return strings.Join(branches, "\nunion all\n"), nil
}

// form is the loads whose objects have the same columns, written under the same
// version, with rows identified in the same way.
type form struct {
	version  int
	columns  []Column
	identity string
	records  []*Record
}

// formsOf groups loads that have an object, in their order.
func formsOf(c *contract.Contract, records []*Record) []*form {
	var forms []*form
	for _, record := range records {
		if record.ObjectSHA256 == "" {
			continue
		}
		made := record.Identity
		if made == "" { // written before loads said so
			made = identity(c)
		}
		i := slices.IndexFunc(forms, func(f *form) bool {
			return f.version == record.ContractVersion && f.identity == made && slices.Equal(f.columns, record.Columns)
		})
		if i < 0 {
			forms = append(forms, &form{version: record.ContractVersion, columns: record.Columns, identity: made})
			i = len(forms) - 1
		}
		forms[i].records = append(forms[i].records, record)
	}
	return forms
}

// sql reads the objects of one form; their table is called stored.
func (f *form) sql(c *contract.Contract, paths []string) (string, error) {
	items, err := c.ReadStored(f.version, f.columns)
	if err != nil {
		return "", err
	}
	from := "read_parquet(" + warehouse.TextList(paths) + ") as stored"
	if f.version == c.Version && f.identity == identity(c) && slices.Equal(f.columns, RawColumns(c)) {
		for _, column := range technicalColumns() {
			items = append(items, "stored."+warehouse.Ident(column.Name))
		}
		return "select " + strings.Join(items, ", ") + "\nfrom " + from, nil
	}
	key := "cast(null as UUID)"
	if identified(c) {
		occurrence := "0"
		if c.Load.Identity == contract.IdentityOccurrence {
			occurrence = "(row_number() over (partition by renamed._load_id, renamed._content order by renamed._source_row) - 1)"
		}
		key = keySQL("renamed._content", occurrence)
	}
	names := make([]string, 0, len(RawColumns(c)))
	for _, raw := range c.Raw() { // what is dropped was never kept, and a place is several columns
		names = append(names, "renamed."+warehouse.Ident(raw.Name))
	}
	for _, column := range technicalColumns() {
		if column.Name == lineKey {
			names = append(names, key+" as "+lineKey)
			continue
		}
		items = append(items, "stored."+warehouse.Ident(column.Name))
		names = append(names, "renamed."+warehouse.Ident(column.Name))
	}
	renamed := "(select " + strings.Join(items, ", ") + " from " + from + ")"
	content := "(select *, " + contentSQL(c, "mapped", "mapped.body_code") + " as _content from " + renamed + " as mapped)"
	if !identified(c) {
		content = renamed
	}
	return "select stored.* from (select " + strings.Join(names, ", ") + "\nfrom " + content + " as renamed) as stored", nil
}

// lineKey is the column that holds a row's identity.
const lineKey = "line_key"

// newer refuses to go on under a contract older than the one that active rows
// were kept under: what they mean is not known here.
func (l *Ledger) newer(c *contract.Contract) error {
	for _, record := range l.active(c.Relation()) {
		if record.ContractVersion > c.Version {
			return &contract.NewerError{Contract: c.Ref(), Known: c.Version, Stored: record.ContractVersion}
		}
	}
	return nil
}

// basis is everything in a contract that decides how kept rows are read, what
// makes two of them one and which of them counts.
func basis(c *contract.Contract) string {
	text, err := json.Marshal(struct {
		Relation   string
		Version    int
		Load       contract.Load
		Columns    []Column
		Migrations []contract.Migration
	}{c.Relation(), c.Version, c.Load, RawColumns(c), c.Migrations})
	if err != nil { // texts and numbers alone
		return fmt.Sprintf("%s v%d: %v", c.Relation(), c.Version, err)
	}
	return string(text)
}

// basisDigest identifies the basis.
func basisDigest(c *contract.Contract) string {
	sum := sha256.Sum256([]byte(basis(c)))
	return hex.EncodeToString(sum[:16])
}
