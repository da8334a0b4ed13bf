package pseudonym

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// KeyBytes is the length of a secret.
const KeyBytes = 32

// leastDistinct is the number of different bytes below which a secret was not
// drawn at random: fewer of 32 come up once in more than 10^12 draws.
const leastDistinct = 16

var (
	errLength = fmt.Errorf("a key is %d random bytes, written as %d hex digits or in base64: make one with svw init --key GROUP", KeyBytes, 2*KeyBytes)
	errWeak   = errors.New("it is not random, many of its bytes are equal: make another with svw init --key GROUP")
)

// Scope is what a secret is used for. Under another context or version the same
// secret makes other keys.
type Scope struct {
	Context string // of the site, as lcrca
	Version int    // of the group's key, from 1
}

// Key makes the keys of one group of feeds.
type Key struct {
	secret []byte
	scope  Scope
	id     string
}

// New reads a secret as it stands in its file.
func New(text []byte, scope Scope) (*Key, error) {
	secret, err := decode(text)
	if err != nil {
		return nil, err
	}
	distinct := map[byte]bool{}
	for _, b := range secret {
		distinct[b] = true
	}
	if len(distinct) < leastDistinct {
		return nil, errWeak
	}
	key := &Key{secret: secret, scope: scope}
	key.id = key.IDUnder(scope.Version)
	return key, nil
}

func decode(text []byte) ([]byte, error) {
	if len(text) == hex.EncodedLen(KeyBytes) {
		if secret, err := hex.DecodeString(string(text)); err == nil {
			return secret, nil
		}
	}
	for _, form := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if secret, err := form.DecodeString(string(text)); err == nil && len(secret) == KeyBytes {
			return secret, nil
		}
	}
	return nil, errLength
}

// Generate draws a secret and writes it as its file holds it.
func Generate(random io.Reader) ([]byte, error) {
	secret := make([]byte, KeyBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	return append([]byte(hex.EncodeToString(secret)), '\n'), nil
}

// ID tells keys apart and gives nothing away: it is a keyed hash itself, and
// another one under another context or version.
func (k *Key) ID() string { return k.id }

// IDUnder is the id that the same secret has under another version.
func (k *Key) IDUnder(version int) string {
	// No message about a person has this form: domains are words without blanks.
	sum := k.sum(k.scope.Context + "/v" + strconv.Itoa(version) + "/the id of this key")
	return hex.EncodeToString(sum[:8])
}

// Version is the version of the key.
func (k *Key) Version() int { return k.scope.Version }

// Pseudonym stands for an identifier that was normalised: the first 16 bytes of
// HMAC-SHA256 over <context>/v<version>/<domain>/<identifier>.
func (k *Key) Pseudonym(domain, normalised string) [16]byte {
	sum := k.sum(k.scope.Context + "/v" + strconv.Itoa(k.scope.Version) + "/" + domain + "/" + normalised)
	return [16]byte(sum[:16])
}

func (k *Key) sum(message string) []byte {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

// String names the key by its id.
func (k *Key) String() string { return "key " + k.id }

// GoString names the key by its id.
func (k *Key) GoString() string { return k.String() }

// Format writes the key's name, whatever the verb: no way of printing shows the
// secret.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue is what a log shows of the key.
func (k *Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText writes the key's name.
func (k *Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
