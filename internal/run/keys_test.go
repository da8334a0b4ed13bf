//go:build duckdb_arrow

package run_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"socialvalue/internal/inspect"
	"socialvalue/internal/intake"
	"socialvalue/internal/load"
	"socialvalue/internal/pseudonym"
	"socialvalue/internal/site"
	"socialvalue/internal/store"
	"socialvalue/internal/workspace"
)

const (
	firstSecret  = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	secondSecret = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
)

// keySite is a site of two pipelines about people, travel and homes.
type keySite struct {
	keys, pseudonyms string            // of svw.yaml
	files            map[string]string // key files
	homes, column    string            // of homes: its pipeline.yaml, and its column of identifiers
	loads            []load.Record
}

func (s keySite) environment(t *testing.T) workspace.Environment {
	t.Helper()
	dir := t.TempDir()
	configuration := `name: Ours
version: 1
bodies: [{code: ours, name: Ours}]
area: {name: Ours, lad_codes: [E08000012]}
keys: ` + s.keys + `
pseudonyms: ` + s.pseudonyms + `
sources:
  - {name: passes, contract: travel/passes, from: drop/passes/*}
  - {name: people, contract: homes/people, from: drop/people/*}
`
	parsed, err := site.Parse(dir, site.FileName, []byte(configuration))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range s.files {
		mode := os.FileMode(0o400)
		if strings.HasPrefix(name, "open") {
			mode = 0o444
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	st := store.New(parsed.Warehouse.Store())
	for i, record := range s.loads {
		record.ID = fmt.Sprint("load", i)
		note, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.PutLoad(record.ID, note); err != nil {
			t.Fatal(err)
		}
	}
	contract := func(column string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(`
version: 1
description: people
grain: one person
load: {mode: append, identity: none}
columns: [` + column + "]\n")}
	}
	if s.column == "" {
		s.column = "{name: ref, type: text, personal: direct, action: pseudonymise, domain: home-person}"
	}
	files := fstest.MapFS{
		"pipelines/travel/pipeline.yaml":         {Data: []byte("name: travel\n")},
		"pipelines/travel/contracts/passes.yaml": contract("{name: card, type: text, personal: direct, action: pseudonymise, domain: card, numeric: true}"),
		"pipelines/homes/pipeline.yaml":          {Data: []byte("name: homes\n" + s.homes)},
		"pipelines/homes/contracts/people.yaml":  contract(s.column),
	}
	return workspace.Environment{Site: parsed, Files: files}
}

func idOf(t *testing.T, secret, context string, version int) string {
	t.Helper()
	key, err := pseudonym.New([]byte(secret), pseudonym.Scope{Context: context, Version: version})
	if err != nil {
		t.Fatal(err)
	}
	return key.ID()
}

// Architecture §5: a wrong or missing key refuses before any load.
func TestKeysAreExamined(t *testing.T) {
	t.Parallel()
	const both = `{travel: "file:a", homes: "file:b"}`
	files := map[string]string{"a": firstSecret + "\n", "b": secondSecret + "\n"}
	carried := func(group, id string, version int) []load.Record {
		return []load.Record{{Source: "passes", Status: load.StatusActive, KeyGroup: group, KeyID: id, KeyVersion: version}}
	}
	const rotated = "{context: lcrca, rotations: [{group: travel, version: 2, on: 2026-04-01, reason: yearly}]}"
	cases := map[string]struct {
		site   keySite
		travel string // of the trouble of the group travel; empty: none
		homes  string
		older  int
	}{
		"right": {site: keySite{keys: both, pseudonyms: "{context: lcrca}", files: files, loads: carried("travel", idOf(t, firstSecret, "lcrca", 1), 1)}},
		"missing": {
			site:   keySite{keys: `{homes: "file:b"}`, pseudonyms: "{context: lcrca}", files: files},
			travel: "there is no key for the group travel: write keys: {travel: file:keys/travel.key}",
		},
		"no file": {
			site:   keySite{keys: `{travel: "file:lost", homes: "file:b"}`, pseudonyms: "{context: lcrca}", files: files},
			travel: "is not there (file:lost): put the file back",
		},
		"others can read it": {
			site:   keySite{keys: `{travel: "file:open", homes: "file:b"}`, pseudonyms: "{context: lcrca}", files: map[string]string{"open": firstSecret, "b": secondSecret}},
			travel: "others can read it (mode 0444): chmod 0400",
		},
		"too short": {
			site:   keySite{keys: both, pseudonyms: "{context: lcrca}", files: map[string]string{"a": firstSecret[:62], "b": secondSecret}},
			travel: "a key is 32 random bytes",
		},
		"no context": {
			site:   keySite{keys: both, pseudonyms: "{}", files: files},
			travel: "does not say the context of its keys", homes: "does not say the context of its keys",
		},
		"wrong": {
			site:   keySite{keys: both, pseudonyms: "{context: lcrca}", files: files, loads: carried("travel", idOf(t, "8091a2b3c4d5e6f708192a3b4c5d6e7f"+firstSecret[:32], "lcrca", 1), 1)},
			travel: "is not the one its rows were loaded with",
		},
		"another context": {
			site:   keySite{keys: both, pseudonyms: "{context: other}", files: files, loads: carried("travel", idOf(t, firstSecret, "lcrca", 1), 1)},
			travel: "put the right key file and the right context back",
		},
		"wrong, for rows that do not count": {
			site: keySite{keys: both, pseudonyms: "{context: lcrca}", files: files, loads: []load.Record{
				{Source: "passes", Status: load.StatusSuperseded, KeyGroup: "travel", KeyID: "x", KeyVersion: 1},
				{Source: "gone", Status: load.StatusActive, KeyGroup: "travel", KeyID: "x", KeyVersion: 1},
			}},
		},
		"rotated": {site: keySite{keys: both, pseudonyms: rotated, files: files, loads: carried("travel", "older", 1)}, older: 1},
		"rotated, and the file forgotten": {
			site:   keySite{keys: both, pseudonyms: rotated, files: files, loads: carried("travel", idOf(t, firstSecret, "lcrca", 1), 1)},
			travel: "its file holds the secret of version 1",
		},
		"a rotation taken back": {
			site:   keySite{keys: both, pseudonyms: "{context: lcrca}", files: files, loads: carried("travel", "newer", 2)},
			travel: "with version 2 of its key, and svw.yaml says version 1",
		},
		"one secret for two groups": {
			site:   keySite{keys: both, pseudonyms: rotated, files: map[string]string{"a": firstSecret, "b": firstSecret}},
			travel: "have one secret", homes: "have one secret",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			standings, err := intake.Keys(tc.site.environment(t))
			if err != nil {
				t.Fatal(err)
			}
			if len(standings) != 2 {
				t.Fatalf("got %+v", standings)
			}
			for i, want := range []string{tc.homes, tc.travel} {
				trouble := standings[i].Trouble
				switch {
				case want == "" && (trouble != nil || standings[i].ID == ""):
					t.Errorf("%s: %v", standings[i].Group, trouble)
				case want != "" && (trouble == nil || !strings.Contains(trouble.Error(), want)):
					t.Errorf("%s: got %v, want %q", standings[i].Group, trouble, want)
				case trouble != nil && (strings.Contains(trouble.Error(), firstSecret[:16]) || strings.Contains(trouble.Error(), secondSecret[:16])):
					t.Errorf("the trouble shows a secret: %v", trouble)
				}
			}
			if standings[1].Older != tc.older {
				t.Errorf("%d older loads, want %d", standings[1].Older, tc.older)
			}
		})
	}
}

func TestPipelinesMayShareAKey(t *testing.T) {
	t.Parallel()
	s := keySite{
		keys: `{travel: "file:a"}`, pseudonyms: "{context: lcrca}", files: map[string]string{"a": firstSecret}, homes: "key_group: travel\n",
		column: "{name: ref, type: text, personal: direct, action: pseudonymise, domain: card, numeric: true}",
	}
	standings, err := intake.Keys(s.environment(t))
	if err != nil || len(standings) != 1 || standings[0].Trouble != nil || fmt.Sprint(standings[0].Sources) != "[passes people]" {
		t.Errorf("got %+v, %v", standings, err)
	}
}

func TestADomainIsOfOneGroupAndOneKind(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ homes, column, want string }{
		"two groups": {"", "{name: ref, type: text, personal: direct, action: pseudonymise, domain: card, numeric: true}", "domain card is of key group"},
		"two kinds":  {"key_group: travel\n", "{name: ref, type: text, personal: direct, action: pseudonymise, domain: card}", "domain card is numeric in one place and not in the other"},
		"no group":   {"key_group: Travel!\n", "{name: ref, type: text, personal: direct, action: pseudonymise, domain: card}", `key_group "Travel!" must be a word`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := keySite{keys: `{travel: "file:a"}`, pseudonyms: "{context: lcrca}", homes: tc.homes, column: tc.column}
			_, err := intake.Keys(s.environment(t))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// A note of a newer program is not half understood: keys are not held against it.
func TestKeysAndNewerNotes(t *testing.T) {
	t.Parallel()
	env := keySite{
		keys: `{travel: "file:a", homes: "file:b"}`, pseudonyms: "{context: lcrca}", files: map[string]string{"a": firstSecret, "b": secondSecret},
		loads: []load.Record{{Source: "passes", Status: load.StatusActive, Format: 99}},
	}.environment(t)
	env.Now = time.Now
	if standings, err := intake.Keys(env); !errors.Is(err, load.ErrNewer) {
		t.Errorf("keys: %v, %v", standings, err)
	}
	if loads, err := inspect.Loads(t.Context(), env, inspect.LoadFilter{}); !errors.Is(err, load.ErrNewer) {
		t.Errorf("loads: %v, %v", loads, err)
	}
}
