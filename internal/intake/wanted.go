package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"socialvalue/internal/contract"
	"socialvalue/internal/layout"
	"socialvalue/internal/pseudonym"
	"socialvalue/internal/site"
	"socialvalue/internal/workspace"
)

// Wanted says which files are taken in.
type Wanted struct {
	Pipelines []string  // take in the files of these only; empty: of all
	From, To  time.Time // take in files whose claimed period touches these days only; zero: all
	Full      bool      // read every file again

	Window *Window // of a backfill: read the files again that claim days in it, and no others
}

// outside says why a file that claims a period is not asked for; empty when it
// is, or claims none.
func (o Wanted) outside(claim site.Claim) string {
	switch {
	case !claim.HasPeriod():
	case !o.From.IsZero() && !claim.PeriodEnd.After(o.From):
		return "its name claims days before --from " + o.From.Format(time.DateOnly)
	case !o.To.IsZero() && claim.PeriodStart.After(o.To):
		return "its name claims days after --to " + o.To.Format(time.DateOnly)
	}
	return ""
}

// sourceDigest identifies everything in the configuration that decides how the
// files of a source are read: under another digest they are looked at again. Where
// the site lies and where in svw.yaml the source stands decide nothing.
func sourceDigest(e workspace.Environment, source site.Source, c *contract.Contract, key *pseudonym.Key) (string, error) {
	contractDigest, err := c.Digest()
	if err != nil {
		return "", err
	}
	keyID := ""
	if key != nil {
		keyID = key.ID()
	}
	text, err := json.Marshal(struct {
		Contract, Limits, Defaults any
		Name, Ref, Body, From      string
		Overlap                    site.Overlap
		Layouts                    []layout.Layout
		Set                        map[string]string
		UnlockedBy                 site.Secret // where it is kept, never itself
		Naming, Key                string
		Sheets                     string `json:",omitempty"`
	}{
		contractDigest, c.Limits, c.Layouts, source.Name, source.Contract, source.Body, Below(e.Site, source.From),
		source.Overlap, source.Layouts, source.Set, source.Password, source.Naming(), keyID, source.Sheets,
	})
	if err != nil {
		return "", fmt.Errorf("digest source %s: %w", source.Name, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// Window is the part of a backfill in which a file is read: the one in which its claimed period begins, or the first.
type Window struct{ From, To, First time.Time }

func (w Window) holds(claim site.Claim) bool {
	begins := claim.PeriodStart
	if begins.Before(w.First) {
		begins = w.First
	}
	return claim.HasPeriod() && claim.PeriodEnd.After(w.First) && !begins.Before(w.From) && !begins.After(w.To)
}
