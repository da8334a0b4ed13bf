package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"socialvalue/internal/contract"
	"socialvalue/internal/load"
	"socialvalue/internal/pipeline"
	"socialvalue/internal/pseudonym"
	"socialvalue/internal/runreport"
	"socialvalue/internal/site"
	"socialvalue/internal/store"
	"socialvalue/internal/workspace"
)

// keyring holds the keys of the groups whose feeds the site has, and why a group
// has none that may be used.
type keyring struct {
	pipelines map[string]pipeline.Pipeline
	keys      map[string]*pseudonym.Key
	troubles  map[string]error
	needed    map[string][]string // group → its sources that need the key, sorted
}

// openKeyring reads the keys that the site's sources need and holds them against
// those that the loads that count were made with.
func openKeyring(env workspace.Environment, contracts map[string]*contract.Contract, pipelines map[string]pipeline.Pipeline, loads []*load.Record) keyring {
	ring := keyring{pipelines: pipelines, keys: map[string]*pseudonym.Key{}, troubles: map[string]error{}, needed: map[string][]string{}}
	for _, source := range env.Site.Sources {
		if c := contracts[source.Contract]; c != nil && c.NeedsKey() {
			group := ring.group(c)
			ring.needed[group] = append(ring.needed[group], source.Name)
		}
	}
	for group := range ring.needed {
		key, err := readKey(env, group)
		if err == nil {
			err = agrees(key, group, loads)
		}
		if err != nil {
			ring.troubles[group] = err
			continue
		}
		ring.keys[group] = key
	}
	for _, group := range slices.Sorted(maps.Keys(ring.keys)) {
		for other := range ring.keys {
			if other > group && sameSecret(env, group, other) {
				err := fmt.Errorf("the key groups %s and %s have one secret: each needs its own, so that nobody can join them", group, other)
				ring.troubles[group], ring.troubles[other] = err, err
			}
		}
	}
	return ring
}

// group is the key group of a contract.
func (r keyring) group(c *contract.Contract) string { return workspace.KeyGroup(r.pipelines, c) }

// of gives the key that a feed needs, nil where it needs none.
func (r keyring) of(c *contract.Contract) (*pseudonym.Key, error) {
	if !c.NeedsKey() {
		return nil, nil
	}
	group := r.group(c)
	return r.keys[group], r.troubles[group]
}

// readKey reads the secret of a group as it is now to be used.
func readKey(env workspace.Environment, group string) (*pseudonym.Key, error) {
	secret, ok := env.Site.Keys[group]
	if !ok {
		return nil, fmt.Errorf("there is no key for the group %s: write keys: {%s: file:%s} into svw.yaml, and make the file with svw init %s --key %s",
			group, group, site.KeyFile(group), env.Site.Root, group)
	}
	if env.Site.Pseudonyms.Context == "" {
		return nil, fmt.Errorf("svw.yaml does not say the context of its keys: write pseudonyms: {context: …}, a short word for the site that never changes")
	}
	text, err := secret.Read(env.Site.Root, env.Environ)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the key of the group %s is not there (%s): put the file back; if no row was ever loaded with it, make it with svw init %s --key %s",
			group, secret, env.Site.Root, group)
	}
	if err != nil {
		return nil, fmt.Errorf("the key of the group %s cannot be read: %w", group, err)
	}
	key, err := pseudonym.New(text, pseudonym.Scope{Context: env.Site.Pseudonyms.Context, Version: env.Site.Pseudonyms.KeyVersion(group)})
	if err != nil {
		return nil, fmt.Errorf("the key of the group %s: %w", group, err)
	}
	return key, nil
}

// agrees refuses a key with which one person would get two: it must be the one
// that the group's loads were made with, unless the site says that it was rotated
// since.
func agrees(key *pseudonym.Key, group string, loads []*load.Record) error {
	for _, record := range loads {
		if record.KeyGroup != group || record.Status != load.StatusActive {
			continue
		}
		if record.KeyVersion > key.Version() {
			return fmt.Errorf("the rows of group %s were loaded with version %d of its key, and svw.yaml says version %d: put the rotation back under pseudonyms",
				group, record.KeyVersion, key.Version())
		}
		if record.KeyVersion < key.Version() && record.KeyID == key.IDUnder(record.KeyVersion) {
			return fmt.Errorf("svw.yaml says that the key of group %s was rotated to version %d, but its file holds the secret of version %d: "+
				"move the old file away and make the new key with svw init --key %s", group, key.Version(), record.KeyVersion, group)
		}
		if record.KeyVersion == key.Version() && record.KeyID != key.ID() {
			return fmt.Errorf("the key of group %s (id %s) is not the one its rows were loaded with (id %s): put the right key file and the right context back; "+
				"a new key is a rotation, which svw.yaml must say under pseudonyms", group, key.ID(), record.KeyID)
		}
	}
	return nil
}

// sameSecret says whether two groups have one secret. Their ids differ where
// their versions do, so they are compared under one.
func sameSecret(env workspace.Environment, a, b string) bool {
	ids := make([]string, 0, 2)
	for _, group := range []string{a, b} {
		secret, err := env.Site.Keys[group].Read(env.Site.Root, env.Environ)
		if err != nil {
			return false
		}
		key, err := pseudonym.New(secret, pseudonym.Scope{})
		if err != nil {
			return false
		}
		ids = append(ids, key.ID())
	}
	return ids[0] == ids[1]
}

// KeyStanding is what is known of one key group.
type KeyStanding struct {
	Group   string
	ID      string   // of the key, where it can be used
	Sources []string // that need it; none: it is not used
	Trouble error    // why it cannot be used
	Older   int      // loads that count and were made with an older version
}

// Keys examines the keys that the site has or needs, without the build database.
func Keys(env workspace.Environment) ([]KeyStanding, error) {
	contracts, pipelines, err := workspace.Definitions(env)
	if err != nil {
		return nil, err
	}
	loads, err := load.Notes(store.New(env.Site.Warehouse.Store()))
	if err != nil {
		return nil, err
	}
	configured := env.Configured()
	loads = slices.DeleteFunc(loads, func(record *load.Record) bool { return !configured[record.Source] })
	ring := openKeyring(env, contracts, pipelines, loads)
	groups := slices.Sorted(maps.Keys(env.Site.Keys))
	for group := range ring.needed {
		groups = append(groups, group)
	}
	slices.Sort(groups)
	var standings []KeyStanding
	for _, group := range slices.Compact(groups) {
		standing := KeyStanding{Group: group, Sources: ring.needed[group], Trouble: ring.troubles[group]}
		if key := ring.keys[group]; key != nil && standing.Trouble == nil {
			standing.ID = key.ID()
			for _, record := range loads {
				if record.KeyGroup == group && record.Status == load.StatusActive && record.KeyVersion < key.Version() {
					standing.Older++
				}
			}
		}
		if len(standing.Sources) == 0 {
			_, standing.Trouble = readKey(env, group)
		}
		standings = append(standings, standing)
	}
	return standings, nil
}

// sourceRefusal tells that nothing of a source is loaded, for a reason that is not
// in its files. It is not remembered: the next run looks again.
func sourceRefusal(source site.Source, files string, trouble error) runreport.FileReport {
	reason := (&load.Refusal{File: files, Reason: "nothing of source " + source.Name + " is loaded: " + trouble.Error()}).Error()
	return runreport.FileReport{Source: source.Name, File: files, Status: runreport.FileRefused, Reason: reason}
}
