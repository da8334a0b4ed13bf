package landing

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type member struct {
	name   string
	text   string
	method uint16
	flags  uint16
}

func zipOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range members {
		f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: m.method, Flags: m.flags})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, m.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipOf(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// open lands a file and tells what is in it.
func open(t testing.TB, name string, content []byte, limits Limits) (Contents, error) {
	t.Helper()
	store := NewStore(t.TempDir(), limits)
	landed, err := store.Land(t.Context(), "leeds", dropped(t, name, content))
	if err != nil {
		t.Fatal(err)
	}
	return store.Open(t.Context(), landed)
}

func readAll(doc Document) (string, error) {
	r, err := doc.Open()
	if err != nil {
		return "", err
	}
	defer r.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(r)
	return string(text), err
}

func TestOpen(t *testing.T) {
	t.Parallel()
	text := "a,b\n1,2\n"
	for _, tc := range []struct {
		name    string
		file    string
		content []byte
		docs    map[string]string
		ignored []Ignored
	}{
		{name: "plain", file: "drop/a.csv", content: []byte(text), docs: map[string]string{"drop/a.csv": text}},
		{name: "plain called zip", file: "drop/a.zip", content: []byte(text), docs: map[string]string{"drop/a.zip": text}},
		{name: "gz", file: "drop/a.csv.gz", content: gzipOf(t, text), docs: map[string]string{"drop/a.csv.gz": text}},
		{name: "gz called csv", file: "drop/a.csv", content: gzipOf(t, text), docs: map[string]string{"drop/a.csv": text}},
		{
			name: "two gz joined", file: "drop/a.gz", content: append(gzipOf(t, text), gzipOf(t, "3,4\n")...),
			docs: map[string]string{"drop/a.gz": text + "3,4\n"},
		},
		{
			name: "zip called csv", file: "drop/a.csv",
			content: zipOf(t, member{name: "z/2.CSV", text: "2", method: zip.Deflate}, member{name: "z/"}, member{name: "1.txt", text: "1"},
				member{name: "letter.pdf", text: "%PDF"}, member{name: "__MACOSX/z/._2.CSV"}, member{name: ".DS_Store"}),
			docs: map[string]string{"drop/a.csv!1.txt": "1", "drop/a.csv!z/2.CSV": "2"},
			ignored: []Ignored{
				{".DS_Store", "it is a hidden file of the machine that made the zip"},
				{"__MACOSX/z/._2.CSV", "it is a hidden file of the machine that made the zip"},
				{"letter.pdf", "only .csv, .txt, .xlsx and .json members are read: if it holds data, drop it by itself"},
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			contents, err := open(t, tc.file, tc.content, DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for i, doc := range contents.Documents {
				if got[doc.Name], err = readAll(doc); err != nil {
					t.Errorf("read %s: %v", doc.Name, err)
				}
				if i > 0 && doc.Name < contents.Documents[i-1].Name {
					t.Errorf("%s is out of order", doc.Name)
				}
			}
			if diff := cmp.Diff(tc.docs, got); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.ignored, contents.Ignored); diff != "" {
				t.Errorf("ignored (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	csv := member{name: "a.csv", text: "a,b\n"}
	text := strings.Repeat("1,2\n", 1000)
	whole := zipOf(t, member{name: "a.csv", text: text, method: zip.Deflate})
	const climbs = "drop/f!%: the member's name leads out of the archive's folder: do not unpack it; ask the sender how it was made and for a clean one"
	const nestedToo = ": it is an archive inside an archive: unpack the outer one and drop what is in it"
	for _, tc := range []struct {
		name    string
		content []byte
		want    string
		is      error
	}{
		{"empty", nil, "drop/f: it is empty (0 bytes): ask the sender for the file again", ErrEmpty},
		{"pdf", []byte("%PDF-1.7\n"), "drop/f: it is a PDF: ask for the data as CSV", nil},
		{"rar", []byte("Rar!\x1a\x07\x00"), "drop/f: it is a RAR archive: unpack it and drop the files in it, or ask for a zip", nil},
		{"tar", append(make([]byte, 257), "ustar\x00"...), "drop/f: it is a tar archive: unpack it and drop the files in it, or ask for a zip", nil},
		{"web page", []byte("\xef\xbb\xbf\n<!DOCTYPE html><html>"), "drop/f: it is a web page, no data: most likely a sign-in or error page saved under this name: open it in a browser to see what it says, and download the file again", nil},
		{"xml", []byte("<?xml version=\"1.0\"?>"), "drop/f: it is XML: ask for the data as CSV", nil},
		{"climbing name", zipOf(t, csv, member{name: "../x.csv"}), strings.Replace(climbs, "%", "../x.csv", 1), nil},
		{"climbing name of no text", zipOf(t, csv, member{name: "a/../../x.pdf"}), strings.Replace(climbs, "%", "a/../../x.pdf", 1), nil},
		{"absolute name", zipOf(t, csv, member{name: "/etc/x.csv"}), strings.Replace(climbs, "%", "/etc/x.csv", 1), nil},
		{"drive name", zipOf(t, csv, member{name: `C:\x.csv`}), strings.Replace(climbs, "%", `C:\x.csv`, 1), nil},
		{"climbing with backslashes", zipOf(t, csv, member{name: `..\x.csv`}), strings.Replace(climbs, "%", `..\x.csv`, 1), nil},
		{"gz in zip", zipOf(t, member{name: "a.csv", text: string(gzipOf(t, "a"))}), "drop/f!a.csv" + nestedToo, nil},
		{"ods", zipOf(t, member{name: "mimetype"}, member{name: "content.xml"}), "drop/f: it is an OpenDocument file (.ods): save the sheet as .xlsx or CSV and drop that", nil},
		{"gz in gz", gzipOf(t, string(gzipOf(t, "a"))), "drop/f" + nestedToo, nil},
		{"no text in zip", zipOf(t, member{name: "a.pdf"}), "drop/f: the zip holds no .csv, .txt, .xlsx or .json file: look what is in it and ask for the data as CSV or .xlsx", nil},
		{"empty zip", zipOf(t), "drop/f: the zip holds no .csv, .txt, .xlsx or .json file: look what is in it and ask for the data as CSV or .xlsx", nil},
		{"encrypted", zipOf(t, member{name: "a.csv", flags: 1}), "drop/f!a.csv: it is encrypted with a password: unpack it by hand and drop the file, or ask for a zip without password", nil},
		{"same name twice", zipOf(t, csv, csv), "drop/f!a.csv: two members of the zip have this name: unpack it by hand and drop the right one", nil},
		{"cut zip", whole[:len(whole)-30], "drop/f: the zip has no readable list of its members: it ends at byte 124, most likely too early: the copy is incomplete: ask for the file again", nil},
		{"cut gz header", gzipOf(t, text)[:6], "drop/f: the packed data end too early, at byte 6 of the .gz (0 bytes unpacked): the copy is incomplete: ask for the file again", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, "drop/f", tc.content, DefaultLimits())
			var refusal *Refusal
			if !errors.As(err, &refusal) || tc.is != nil && !errors.Is(err, tc.is) {
				t.Fatalf("error %v (%T), want a refusal", err, err)
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// Content decides what a document is; a zip inside another may be a workbook, and
// who reads it will see.
func TestFormFollowsContent(t *testing.T) {
	t.Parallel()
	csv := "a,b\n1,2\n"
	book := string(zipOf(t, member{name: "[Content_Types].xml"}, member{name: "xl/workbook.xml"}))
	old := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00"
	for _, tc := range []struct {
		name, file string
		content    []byte
		want       Form
		packed     bool
	}{
		{"text", "drop/f.csv", []byte(csv), Text, false},
		{"text called a workbook", "drop/f.xlsx", []byte(csv), Text, false},
		{"workbook called text", "drop/f.csv", []byte(book), Workbook, false},
		{"old workbook", "drop/f.xls", []byte(old), Workbook, false},
		{"boundaries", "drop/f.GeoJSON", []byte("{}"), GeoJSON, false},
		{"workbook called boundaries", "drop/f.geojson", []byte(book), Workbook, false},
		{"workbook in zip", "drop/f.zip", zipOf(t, member{name: "a.xlsx", text: book}), Workbook, true},
		{"old workbook in zip, called text", "drop/f.zip", zipOf(t, member{name: "a.csv", text: old}), Workbook, true},
		{"text in zip, called a workbook", "drop/f.zip", zipOf(t, member{name: "a.xlsx", text: csv}), Text, true},
		{"workbook in gz", "drop/f.xlsx.gz", gzipOf(t, book), Workbook, true},
		{"boundaries in gz", "drop/f.geojson.gz", gzipOf(t, "{}"), GeoJSON, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			contents, err := open(t, tc.file, tc.content, DefaultLimits())
			if err != nil || len(contents.Documents) != 1 {
				t.Fatalf("%d documents, %v", len(contents.Documents), err)
			}
			doc := contents.Documents[0]
			if doc.Form != tc.want || (doc.Path() == "") != tc.packed {
				t.Errorf("form %d, path %q; want form %d, packed %v", doc.Form, doc.Path(), tc.want, tc.packed)
			}
		})
	}
}

// Archives that look sound until they are read.
func TestReadingRefuses(t *testing.T) {
	t.Parallel()
	var text strings.Builder // hard to compress, so that the damage is beyond what is looked at first
	for i := range 20_000 {
		text.WriteString(strings.Repeat("x", i%7) + string(rune('a'+i*i%26)) + "\n")
	}
	packed, zipped := gzipOf(t, text.String()), zipOf(t, member{name: "a.csv", text: text.String(), method: zip.Deflate})
	damage := func(b []byte, at int, with ...byte) []byte {
		b = bytes.Clone(b)
		copy(b[at:], with)
		return b
	}
	for _, tc := range []struct {
		name    string
		content []byte
		want    []string
	}{
		{"cut gz", packed[:len(packed)/2], []string{"drop/f: line ", ": the packed data end too early, at byte ", " of the .gz (", "ask for the file again"}},
		{"gz with another checksum", damage(packed, len(packed)-8, 1, 2, 3, 4), []string{"do not have the checksum they should, at byte "}},
		{"damaged gz", damage(packed, len(packed)/2, bytes.Repeat([]byte{0xff}, 200)...), []string{"the packed data"}},
		{"rubbish behind gz", append(bytes.Clone(packed), "rubbish"...), []string{"the packed data"}},
		{"damaged zip", damage(zipped, len(zipped)/2, bytes.Repeat([]byte{0xff}, 200)...), []string{"drop/f!a.csv: line ", "the packed data"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			contents, err := open(t, "drop/f", tc.content, DefaultLimits())
			if err == nil {
				_, err = Prepare(t.Context(), contents.Documents[0], Format{Columns: []string{"a"}}, t.TempDir())
			}
			var refusal *Refusal
			if !errors.As(err, &refusal) {
				t.Fatalf("error %v (%T), want a refusal", err, err)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
		})
	}
}

func TestUnknownMethod(t *testing.T) {
	t.Parallel()
	const deflate64 = 9
	content := zipOf(t, member{name: "a.csv", text: "a,b\n"})
	// Both headers name the method.
	binary.LittleEndian.PutUint16(content[8:], deflate64)
	central := bytes.Index(content, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint16(content[central+10:], deflate64)
	_, err := open(t, "drop/f.zip", content, DefaultLimits())
	want := "drop/f.zip!a.csv: it is packed by method 9, which is not known here: pack it again as an ordinary zip (Deflate; Windows takes Deflate64 beyond 2 GB), or as .gz"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("0,0\n", 50_000) // 200,000 bytes, packed to some hundred
	limits := Limits{Unpacked: 1 << 20, Ratio: 200, RatioFrom: 100_000, Members: 3}
	for _, tc := range []struct {
		name    string
		content []byte
		limits  Limits
		want    string
	}{
		{"gz within", gzipOf(t, zeros[:90_000]), limits, ""},
		{"gz ratio", gzipOf(t, zeros), limits, "it unpacks to more than 200 times its size"},
		{"gz size", gzipOf(t, zeros), Limits{Unpacked: 150_000, Ratio: 1 << 20, RatioFrom: 1, Members: 3}, "it unpacks to more than 150000 bytes"},
		{"stored zip within", zipOf(t, member{name: "a.csv", text: zeros}), limits, ""},
		{"zip ratio", zipOf(t, member{name: "a.csv", text: zeros, method: zip.Deflate}), limits, "more than 200 times as many"},
		{
			"zip size", zipOf(t, member{name: "a.csv", text: zeros}, member{name: "b.pdf", text: zeros}),
			Limits{Unpacked: 300_000, Ratio: 200, RatioFrom: 1, Members: 3},
			"the zip unpacks to more than 300000 bytes",
		},
		{"zip members", zipOf(t, member{name: "a.csv"}, member{name: "b"}, member{name: "c/"}, member{name: "d"}), limits, "the zip holds 4 entries, more than 3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			contents, err := open(t, "drop/f", tc.content, tc.limits)
			if err == nil {
				_, err = readAll(contents.Documents[0])
			}
			var refusal *Refusal
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("error %v", err)
			case tc.want != "" && (!errors.As(err, &refusal) || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

// A member that unpacks to more than the zip announces is stopped there.
func TestLyingZip(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("0,0\n", 50_000)
	content := zipOf(t, member{name: "a.csv", text: zeros, method: zip.Deflate})
	central := bytes.Index(content, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(content[central+24:], 1000)
	contents, err := open(t, "drop/f", content, DefaultLimits())
	text := ""
	if err == nil {
		text, err = readAll(contents.Documents[0])
	}
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		t.Errorf("error %v, want a refusal", err)
	}
	if len(text) > 1000 {
		t.Errorf("%d bytes were handed out, announced are 1000", len(text))
	}
}

func TestClimbs(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"a.csv": false, "a/b.csv": false, "a..b/c..csv": false, "...": false, "": false, "a": false,
		"..": true, "../a": true, "a/..": true, "a/../b": true, `a\..\b`: true, "/a": true, `\a`: true, "c:a": true, `C:\a`: true, `\\host\a`: true,
	} {
		if got := climbs(name); got != want {
			t.Errorf("climbs(%q) = %v", name, got)
		}
	}
}

// FuzzOpen throws any bytes at the archives: nothing panics, nothing is handed
// out beyond the limits, and what is refused is refused by name.
func FuzzOpen(f *testing.F) {
	text := strings.Repeat("1,2\n", 100)
	f.Add([]byte(text))
	f.Add(gzipOf(f, text))
	f.Add(gzipOf(f, text)[:20])
	f.Add(zipOf(f, member{name: "a.csv", text: text, method: zip.Deflate}, member{name: "b.txt", text: text}))
	f.Add(zipOf(f, member{name: "../a.csv", text: text}))
	f.Add(zipOf(f, member{name: "xl/a.xml", text: text}))
	limits := Limits{Unpacked: 64 << 10, Ratio: 50, RatioFrom: 4 << 10, Members: 5}
	f.Fuzz(func(t *testing.T, content []byte) {
		found := dropped(t, "f", content)
		store := &Store{limits: limits}
		contents, err := store.Open(t.Context(), Landed{Name: "f", Path: found.Path, Size: found.Size, SHA256: sum(content)})
		total := 0
		for _, doc := range contents.Documents {
			var text string
			text, err = readAll(doc)
			total += len(text)
			if err != nil {
				break
			}
		}
		var refusal *Refusal
		if err != nil && (!errors.As(err, &refusal) || refusal.Reason == "" || refusal.Remedy == "" || !strings.HasPrefix(refusal.File, "f")) {
			t.Errorf("error %v (%T), want a refusal", err, err)
		}
		if len(contents.Documents) > limits.Members || total > int(limits.Unpacked)+len(content) {
			t.Errorf("%d documents, %d bytes", len(contents.Documents), total)
		}
	})
}

var _ io.ByteReader = (*counter)(nil) // or flate would read ahead and positions be wrong
