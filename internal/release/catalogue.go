//go:build duckdb_arrow

package release

import (
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"socialvalue/internal/durable"
	"socialvalue/internal/manifest"
)

// cataloguePath is the catalogue of the open datasets, in the shape of DCAT-AP.
const cataloguePath = "open/catalogue.jsonld"

// The parts of a catalogue. Field order is that of the file.
type (
	catalogue struct {
		Context     map[string]any     `json:"@context"`
		ID          string             `json:"@id"`
		Type        string             `json:"@type"`
		Title       string             `json:"dct:title"`
		Description string             `json:"dct:description"`
		Publisher   agent              `json:"dct:publisher"`
		Language    node               `json:"dct:language"`
		Modified    typed              `json:"dct:modified"`
		Datasets    []catalogueDataset `json:"dcat:dataset"`
	}
	catalogueDataset struct {
		ID            string         `json:"@id"`
		Type          string         `json:"@type"`
		Identifier    string         `json:"dct:identifier"`
		Title         string         `json:"dct:title"`
		Description   string         `json:"dct:description"`
		Publisher     agent          `json:"dct:publisher"`
		Licence       node           `json:"dct:license"`
		Version       string         `json:"owl:versionInfo"`
		Temporal      *period        `json:"dct:temporal,omitempty"`
		Distributions []distribution `json:"dcat:distribution"`
		Schema        tableSchema    `json:"csvw:tableSchema"`
	}
	distribution struct {
		ID          string   `json:"@id"`
		Type        string   `json:"@type"`
		Title       string   `json:"dct:title"`
		AccessURL   node     `json:"dcat:accessURL"`
		DownloadURL node     `json:"dcat:downloadURL"`
		Licence     node     `json:"dct:license"`
		MediaType   node     `json:"dcat:mediaType"`
		Bytes       typed    `json:"dcat:byteSize"`
		Checksum    checksum `json:"spdx:checksum"`
	}
	checksum struct {
		Type      string `json:"@type"`
		Algorithm node   `json:"spdx:algorithm"`
		Value     typed  `json:"spdx:checksumValue"`
	}
	tableSchema struct {
		Type    string        `json:"@type"`
		Key     []string      `json:"csvw:primaryKey"`
		Columns []tableColumn `json:"csvw:column"`
	}
	tableColumn struct {
		Type        string `json:"@type"`
		Name        string `json:"csvw:name"`
		Datatype    string `json:"csvw:datatype"`
		Description string `json:"dct:description"`
		Unit        string `json:"schema:unitText,omitempty"`
	}
	agent struct {
		Type string `json:"@type"`
		Name string `json:"foaf:name"`
	}
	period struct {
		Type string `json:"@type"`
		End  typed  `json:"dcat:endDate"`
	}
	node struct {
		ID string `json:"@id"`
	}
	typed struct {
		Type  string `json:"@type"`
		Value string `json:"@value"`
	}
)

// catalogue describes the open datasets: what, whose, under which licence, up to
// when, and where each file is. Addresses are relative to the file, so that they
// hold wherever the folder is copied.
func (w *composition) catalogue(tier *manifest.Manifest) catalogue {
	publisher := agent{"foaf:Organization", w.plan.Publisher} //nolint:misspell // a word of the vocabulary
	c := catalogue{
		Context: map[string]any{
			"csvw": "http://www.w3.org/ns/csvw#", "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/",
			"owl": "http://www.w3.org/2002/07/owl#", "schema": "https://schema.org/", "spdx": "http://spdx.org/rdf/terms#", "xsd": "http://www.w3.org/2001/XMLSchema#",
		},
		ID: "catalogue.jsonld", Type: "dcat:Catalog", Title: "Open datasets of " + w.plan.Publisher,
		Description: "Datasets of the Social Value warehouse without rows about people, with their columns and downloads.",
		Publisher:   publisher, Language: node{"http://publications.europa.eu/resource/authority/language/ENG"},
		Modified: typed{"xsd:dateTime", instant(w.manifest.BuiltAt)}, Datasets: []catalogueDataset{},
	}
	for _, record := range tier.Datasets { // sorted by name
		files := w.downloads(record.Name)
		if record.Tier != manifest.TierOpen || len(files) == 0 {
			continue // a view has nothing to download
		}
		licence := node{licenceURL(record.Licence)}
		dataset := catalogueDataset{
			ID: "#" + record.Name, Type: "dcat:Dataset", Identifier: record.Name, Title: record.Name, Description: sentence(record.Description) + " One row: " + sentence(record.Grain),
			Publisher: publisher, Licence: licence, Version: fmt.Sprint(record.SchemaVersion), Distributions: []distribution{},
			Schema: tableSchema{Type: "csvw:Schema", Key: record.Key},
		}
		schema, _, _ := strings.Cut(record.Name, ".")
		// What is held, or cut at the end of a published period, does not reach as far
		// as the data do, and nothing here says how far.
		cut := record.Held || w.plan.Edition != nil && record.Period != nil
		if upTo := w.plan.Facts.DataUpTo[schema]; !upTo.IsZero() && !cut {
			dataset.Temporal = &period{"dct:PeriodOfTime", typed{"xsd:date", upTo.Format(time.DateOnly)}}
		}
		for _, file := range files {
			place := node{strings.TrimPrefix(file.Path, manifest.OpenPlace+"/")}
			dataset.Distributions = append(dataset.Distributions, distribution{
				ID: place.ID + "#distribution", Type: "dcat:Distribution", Title: path.Base(file.Path), AccessURL: place, DownloadURL: place, Licence: licence,
				MediaType: node{mediaType(file.Path)}, Bytes: typed{"xsd:nonNegativeInteger", fmt.Sprint(file.Bytes)},
				Checksum: checksum{"spdx:Checksum", node{"spdx:checksumAlgorithm_sha256"}, typed{"xsd:hexBinary", file.SHA256}},
			})
		}
		for _, column := range record.Columns {
			dataset.Schema.Columns = append(dataset.Schema.Columns, tableColumn{"csvw:Column", column.Name, column.Type, column.Description, column.Unit})
		}
		c.Datasets = append(c.Datasets, dataset)
	}
	return c
}

// downloads are the open files of a dataset, by path.
func (w *composition) downloads(dataset string) []manifest.File {
	var files []manifest.File
	for _, file := range w.manifest.All() {
		if file.Dataset == dataset && manifest.Under(file.Path, manifest.OpenPlace) {
			files = append(files, file)
		}
	}
	slices.SortFunc(files, func(a, b manifest.File) int { return strings.Compare(a.Path, b.Path) })
	return files
}

// writeCatalogue writes the catalogue and enters it in the manifest.
func (w *composition) writeCatalogue(tier *manifest.Manifest) error {
	data, err := json.MarshalIndent(w.catalogue(tier), "", "  ")
	if err != nil {
		return fmt.Errorf("write the catalogue: %w", err)
	}
	data = append(data, '\n')
	if err := w.Disk.Write(filepath.Join(w.folder, filepath.FromSlash(cataloguePath)), data, durable.FileMode); err != nil {
		return err
	}
	w.manifest.RunFiles = append(w.manifest.RunFiles, manifest.File{Path: cataloguePath, Bytes: int64(len(data)), SHA256: hashBytes(data)})
	return nil
}

// licenceURL is the address of a licence given by its short name.
func licenceURL(name string) string {
	if name == "OGL-UK-3.0" {
		return "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
	}
	return "https://spdx.org/licenses/" + name
}

// mediaType is the address of a registered media type.
func mediaType(file string) string {
	const registry = "https://www.iana.org/assignments/media-types/"
	switch path.Ext(file) {
	case ".csv":
		return registry + "text/csv"
	case ".parquet":
		return registry + "application/vnd.apache.parquet"
	case ".json":
		return registry + "application/json"
	case ".xlsx":
		return registry + "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return registry + "application/octet-stream"
}
