package site_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/site"
)

const personContract = "pipelines/people/contracts/person.yaml"

// person is a contract about people, with one column replaced.
func person(old, replacement string) string {
	return strings.Replace(`version: 1
columns:
  - {name: staff_no, type: text, aliases: [Staff number], personal: direct, action: pseudonymise, domain: staff}
  - {name: birth_date, type: date, personal: direct, action: band, band: {edges: [25, 35]}}
  - {name: religion, type: text, personal: special, action: drop}
  - {name: grade, type: text, personal: indirect, action: keep}
  - {name: fte, type: decimal}
`, old, replacement, 1)
}

// A file of the site that protects people less than the built-in one is refused
// with a line to paste, until svw.yaml holds the decision for exactly that, with
// who reviewed it, when and why.
func TestPeopleAreNotProtectedLessInSilence(t *testing.T) {
	t.Parallel()
	const pipeline = "pipelines/people/pipeline.yaml"
	cases := []struct {
		name, file, text string
		was, is, column  string // empty: nothing is lowered
	}{
		{"as it is", personContract, person("", ""), "", "", ""},
		{"a lower class", personContract, person("personal: special, action: drop", "personal: none"), "special drop", "none keep", "religion"},
		{"no class", personContract, person("personal: indirect, action: keep", "unit: grade"), "indirect keep", "none keep", "grade"},
		{"another action", personContract, person("action: drop", "action: keep, values: [x]"), "special drop", "special keep", "religion"},
		{"a key where it was dropped", personContract, person("action: drop", "action: pseudonymise, domain: staff"), "special drop", "special pseudonymise staff", "religion"},
		{"another domain", personContract, person("domain: staff", "domain: concession"), "direct pseudonymise staff", "direct pseudonymise concession", "staff_no"},
		{"finer bands", personContract, person("edges: [25, 35]", "edges: [25, 26]"), "direct band", "direct band", "birth_date"},
		{"under another name", personContract, person("name: staff_no, type: text, aliases: [Staff number], personal: direct, action: pseudonymise, domain: staff", "name: post, type: text, aliases: [staff NUMBER]"), "direct pseudonymise staff", "none keep", "post"},
		{"a pipeline about nobody", pipeline, "name: people\npersonal: false\n", "personal: true", "personal: false", ""},
		{"a higher class", personContract, person("personal: indirect, action: keep", "personal: direct, action: drop"), "", "", ""},
		{"dropped", personContract, person("action: pseudonymise, domain: staff", "action: drop"), "", "", ""},
		{"a column less", personContract, person("  - {name: religion, type: text, personal: special, action: drop}\n", ""), "", "", ""},
		{"a column more", personContract, person("", "# "), "", "", ""},
	}
	below := fstest.MapFS{
		personContract: {Data: []byte(person("", ""))},
		pipeline:       {Data: []byte("name: people\npersonal: true\n")},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := laid(t, below, map[string]string{tc.file: tc.text})
			if tc.was == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil {
				t.Fatal("it is not refused")
			}
			column := ""
			if tc.column != "" {
				column = "column: " + tc.column + ", "
			}
			line := "  - {file: " + tc.file + ", " + column + `was: "` + tc.was + `", is: "` + tc.is + `", reviewed_by: WHO, on: YYYY-MM-DD, reason: WHY}`
			if !strings.Contains(err.Error(), "protects people less") || !strings.Contains(err.Error(), line) {
				t.Fatalf("it does not say %s:\n%v", line, err)
			}
			decided := strings.NewReplacer("WHO", "J. Smith", "YYYY-MM-DD", "2026-03-01", "WHY", "the DPIA of 2026 says so").Replace(line)
			got, err := decide(t, below, tc.file, tc.text, "\nless_protected:\n"+decided+"\n")
			if err != nil {
				t.Fatal(err)
			}
			want := []site.Lowered{{
				File: tc.file, Column: tc.column, Was: tc.was, Is: tc.is, ReviewedBy: "J. Smith",
				On: time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC), Reason: "the DPIA of 2026 says so",
			}}
			if diff := cmp.Diff(want, got.Lowered()); diff != "" {
				t.Errorf("decided (-want +got):\n%s", diff)
			}
			// The decision is for this alone.
			if _, err := decide(t, below, tc.file, string(below[tc.file].Data), "\nless_protected:\n"+decided+"\n"); err == nil || !strings.Contains(err.Error(), "remove the line") {
				t.Errorf("a decision that nothing uses: %v", err)
			}
			other := strings.Replace(decided, "is: \""+tc.is, "is: \"none keep always", 1)
			if _, err := decide(t, below, tc.file, tc.text, "\nless_protected:\n"+other+"\n"); err == nil {
				t.Error("a decision for something else is taken")
			}
			if _, err := decide(t, below, tc.file, tc.text, "\nless_protected:\n"+line+"\n"); err == nil || !strings.Contains(err.Error(), "who reviewed it, when and why") {
				t.Errorf("the line as it is pasted: %v", err)
			}
		})
	}
}

// decide lays a file over others in a site whose svw.yaml goes on with more.
func decide(t *testing.T, below fstest.MapFS, name, text, more string) (*site.Tree, error) {
	t.Helper()
	s, err := parse(t, whole+more)
	if err != nil {
		return nil, err
	}
	s.Root = t.TempDir()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(s.Root, name)), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Root, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.Files(below)
}
