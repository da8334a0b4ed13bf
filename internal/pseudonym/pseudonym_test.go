package pseudonym

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// vector is one row of the methods' table.
type vector struct{ name, secret, message, want string }

func vectors(t *testing.T) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/hmac_sha256_vectors.csv")
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	for _, row := range rows[1:] {
		list = append(list, vector{row[0], row[1], row[2], row[3]})
	}
	if len(list) != 9 {
		t.Fatalf("%d vectors, want 9", len(list))
	}
	return list
}

// Methods D3: every vector, RFC 4231 cases 1 and 2 among them.
func TestVectors(t *testing.T) {
	t.Parallel()
	message := regexp.MustCompile(`^(\w+)/v(\d+)/([a-z-]+)/(.+)$`)
	for _, v := range vectors(t) {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			secret, err := hex.DecodeString(v.secret)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString((&Key{secret: secret}).sum(v.message)); got != v.want {
				t.Fatalf("HMAC %s, want %s", got, v.want)
			}
			parts := message.FindStringSubmatch(v.message)
			if parts == nil {
				return // of the RFC: no message of ours
			}
			version, err := strconv.Atoi(parts[2])
			if err != nil {
				t.Fatal(err)
			}
			key, err := New([]byte(v.secret), Scope{Context: parts[1], Version: version})
			if err != nil {
				t.Fatal(err)
			}
			got := key.Pseudonym(parts[3], parts[4])
			if hex.EncodeToString(got[:]) != v.want[:32] {
				t.Errorf("pseudonym %x, want the first 16 bytes of %s", got, v.want)
			}
		})
	}
}

// Methods D3: the same message under two keys, contexts, versions or domains
// gives unrelated values, and so do the ids of the keys.
func TestScopesAreApart(t *testing.T) {
	t.Parallel()
	first, second := strings.Repeat("000102030405060708090a0b0c0d0e0f", 2), "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
	seen, ids := map[[16]byte]string{}, map[string]string{}
	for _, secret := range []string{first, second} {
		for _, scope := range []Scope{{"lcrca", 1}, {"lcrca", 2}, {"other", 1}} {
			key, err := New([]byte(secret), scope)
			if err != nil {
				t.Fatal(err)
			}
			what := fmt.Sprint(secret[:4], scope)
			if other, twice := ids[key.ID()]; twice {
				t.Errorf("%s and %s have one id", what, other)
			}
			ids[key.ID()] = what
			for _, domain := range []string{"card", "person"} {
				p := key.Pseudonym(domain, "633597012312345673")
				if other, twice := seen[p]; twice {
					t.Errorf("%s %s and %s make one key", what, domain, other)
				}
				seen[p] = what + " " + domain
			}
		}
	}
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text    string
		numeric bool
		want    string // empty: no identifier
	}{
		{"633597012312345673", true, "633597012312345673"},
		{" 6335 9701 2312 345673 ", true, ""}, // fields are trimmed when they are staged
		{"6335 9701 2312 345673", true, "633597012312345673"},
		{"6335-9701-2312-345673", true, "633597012312345673"},
		{"6335\u00a09701\u200b2312345673", true, "633597012312345673"},
		{"６３３５97012312345673", true, "633597012312345673"},
		{"000123456", true, "000123456"}, // leading zeros tell people apart
		{"AB123", true, ""},              // with the letters gone it would be CD123 too
		{"12345x", true, ""},
		{"", true, ""},
		{"-", true, ""},
		{"hf-000042", false, "HF-000042"},
		{"  HF-000042 ", false, "HF-000042"},
		{"ＨＦ－０００042", false, "HF-000042"},
		{"HF-0000\u200b42", false, "HF-000042"},
		{"o'neil   ann", false, "O'NEIL ANN"},
		{"straße", false, "STRASSE"},
		{"e\u0301ric", false, "ÉRIC"},
		{"ab12cde", false, "AB12CDE"},
		{"\u200b", false, ""},
		{"", false, ""},
	}
	for _, tc := range cases {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			got, ok := NewNormaliser(tc.numeric).Normalise(tc.text)
			if got != tc.want || ok != (tc.want != "") {
				t.Errorf("Normalise(%q) = %q, %v, want %q", tc.text, got, ok, tc.want)
			}
		})
	}
}

// Normalising twice is normalising once: a key made of a normalised identifier
// is the person's own.
func TestNormaliseIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		normaliser := NewNormaliser(rapid.Bool().Draw(t, "numeric"))
		once, ok := normaliser.Normalise(rapid.String().Draw(t, "text"))
		if !ok {
			return
		}
		if twice, ok := normaliser.Normalise(once); !ok || twice != once {
			t.Fatalf("%q became %q, %v", once, twice, ok)
		}
	})
}

func FuzzNormalise(f *testing.F) {
	for _, seed := range []string{"HF-000042", "6335 9701", "ΐ", "ŉ", "ﬃ", "\u0345\u0301", "İ", "a\u0300\u0315"} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, numeric bool) {
		if !utf8.ValidString(text) {
			return
		}
		normaliser := NewNormaliser(numeric)
		once, ok := normaliser.Normalise(text)
		if !ok {
			return
		}
		if twice, ok := normaliser.Normalise(once); !ok || twice != once {
			t.Errorf("%q became %q, and that %q", text, once, twice)
		}
	})
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	raw := make([]byte, KeyBytes)
	for i := range raw {
		raw[i] = byte(7 * i)
	}
	want, err := New([]byte(hex.EncodeToString(raw)), Scope{"lcrca", 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		strings.ToUpper(hex.EncodeToString(raw)), base64.StdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
	} {
		if key, err := New([]byte(text), Scope{"lcrca", 1}); err != nil || key.ID() != want.ID() {
			t.Errorf("%v, %v, want %v", key, err, want)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "short": hex.EncodeToString(raw[:31]), "long": hex.EncodeToString(append(raw, 1)),
		"a password": "correct horse battery staple", "equal bytes": strings.Repeat("00", KeyBytes), "the bytes themselves": string(raw),
	} {
		_, err := New([]byte(text), Scope{"lcrca", 1})
		if err == nil {
			t.Errorf("%s was taken for a key", name)
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error shows it", name)
		}
	}
	generated, err := Generate(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if key, err := New(bytes.TrimSpace(generated), Scope{"lcrca", 1}); err != nil || key.ID() != want.ID() {
		t.Errorf("%v, %v, want %v", key, err, want)
	}
	if _, err := Generate(bytes.NewReader(raw[:31])); err == nil {
		t.Error("a key was drawn from too little")
	}
}

// Architecture §7.7: no way of printing a key shows its secret, in hex, base64
// or as numbers.
func TestNothingPrintsTheSecret(t *testing.T) {
	t.Parallel()
	raw := make([]byte, KeyBytes)
	for i := range raw {
		raw[i] = byte(201 - 5*i)
	}
	key, err := New([]byte(hex.EncodeToString(raw)), Scope{"lcrca", 1})
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "key", key)
	marshalled, err := json.Marshal(map[string]any{"key": key})
	if err != nil {
		t.Fatal(err)
	}
	printed := []string{logged.String(), string(marshalled)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		printed = append(printed, fmt.Sprintf(verb, key), fmt.Sprintf(verb, []*Key{key}), fmt.Sprintf(verb, struct{ K *Key }{key}))
	}
	for _, text := range printed {
		for _, secret := range []string{
			hex.EncodeToString(raw[:4]), strings.ToUpper(hex.EncodeToString(raw[:4])), base64.StdEncoding.EncodeToString(raw)[:8],
			fmt.Sprintf("%d %d %d", raw[0], raw[1], raw[2]), string(raw[:4]),
		} {
			if strings.Contains(text, secret) {
				t.Errorf("the secret is in %q", text)
			}
		}
	}
}
