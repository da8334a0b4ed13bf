package candidate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/manifest"
	"socialvalue/internal/release"
	"socialvalue/internal/warehouse"
	"socialvalue/internal/workspace"
)

// Thresholds are the site's minima of people.
func Thresholds(e workspace.Environment) disclosure.Thresholds {
	d := e.Site.Disclosure
	return disclosure.Thresholds{
		Count: d.MinimumCount, Pay: d.MinimumPay, Bonus: d.MinimumBonus, Group: d.MinimumGroup, Rounding: d.Rounding,
	}.AtLeast(disclosure.Floor())
}

// holdFamilies holds whole families: of tables that count the same people, one
// cannot stay at what was released while another goes on.
func holdFamilies(datasets []release.Dataset) {
	held := map[string]bool{}
	for _, dataset := range datasets {
		held[dataset.Name] = dataset.Held
	}
	for _, family := range disclosure.Families(release.OpenRelations(datasets)) {
		any := false
		for _, name := range family {
			any = any || held[name]
		}
		for i := range datasets {
			for _, name := range family {
				if any && datasets[i].Name == name {
					datasets[i].Held = true
				}
			}
		}
	}
}

// protect judges the open relations. What it found for the same rows and rules
// stands in the build database beside the protected forms, and is not sought
// again.
func protect(ctx context.Context, w *workspace.Workspace, datasets []release.Dataset, fingerprints map[string]string) (*disclosure.Result, error) {
	open := release.OpenRelations(datasets)
	controlled := false
	for i := range open {
		open[i].AsOf = w.Env.Site.AsOf(w.Env.Now()).Format(time.DateOnly)
		controlled = controlled || open[i].Rules != nil || open[i].Announced != ""
	}
	if !controlled {
		result, err := protected(disclosure.Protect(ctx, w.DB, open, Thresholds(w.Env)))
		if err == nil {
			result.Suppressions = []disclosure.Suppression{} // none, and none that were kept of another judgement
		}
		return result, err
	}
	digest, err := protectionDigest(open, fingerprints, Thresholds(w.Env))
	if err != nil {
		return nil, err
	}
	if _, err := w.DB.Exec(ctx, "create schema if not exists _svw; create table if not exists _svw.judged (digest varchar, found varchar, withheld varchar)"); err != nil {
		return nil, fmt.Errorf("protect: %w", warehouse.Scrub(err))
	}
	known, err := w.DB.Texts(ctx, "select found from _svw.judged where digest = ?", digest)
	if err != nil {
		return nil, fmt.Errorf("protect: %w", warehouse.Scrub(err))
	}
	if len(known) == 1 {
		var result disclosure.Result
		if err := json.Unmarshal([]byte(known[0]), &result); err != nil {
			return nil, fmt.Errorf("protect: read what was found before: %w", err)
		}
		return &result, nil
	}
	w.Env.Tell("protect", "the open tables")
	var result *disclosure.Result
	err = w.DB.InTransaction(ctx, func(ctx context.Context) error {
		if result, err = protected(disclosure.Protect(ctx, w.DB, open, Thresholds(w.Env))); err != nil {
			return err
		}
		// Thousands of withheld cells are read again only when they are released.
		withheld, err := json.Marshal(result.Suppressions)
		if err != nil {
			return fmt.Errorf("protect: %w", err)
		}
		found, err := json.Marshal(disclosure.Result{Masks: result.Masks, Unbalanced: result.Unbalanced})
		if err != nil {
			return fmt.Errorf("protect: %w", err)
		}
		if _, err := w.DB.Exec(ctx, "delete from _svw.judged"); err != nil {
			return fmt.Errorf("protect: %w", warehouse.Scrub(err))
		}
		if _, err := w.DB.Exec(ctx, "insert into _svw.judged values (?, ?, ?)", digest, string(found), string(withheld)); err != nil {
			return fmt.Errorf("protect: %w", warehouse.Scrub(err))
		}
		return nil
	})
	return result, err
}

// withheldCells are the cells that a judgement withholds: those it has at hand, or
// else those kept beside it.
func withheldCells(ctx context.Context, w *workspace.Workspace, judged *disclosure.Result) ([]disclosure.Suppression, error) {
	if judged.Suppressions != nil {
		return judged.Suppressions, nil
	}
	kept, err := w.DB.Texts(ctx, "select withheld from _svw.judged")
	if err != nil {
		return nil, fmt.Errorf("read what is withheld: %w", warehouse.Scrub(err))
	}
	var cells []disclosure.Suppression
	if len(kept) != 1 {
		return nil, fmt.Errorf("read what is withheld: %d judgements are kept", len(kept))
	}
	if err := json.Unmarshal([]byte(kept[0]), &cells); err != nil {
		return nil, fmt.Errorf("read what is withheld: %w", err)
	}
	return cells, nil
}

func protected(result *disclosure.Result, err error) (*disclosure.Result, error) {
	if err != nil {
		return nil, fmt.Errorf("protect: %w", err)
	}
	return result, nil
}

// protectionDigest identifies everything that the judgement hangs on.
func protectionDigest(open []disclosure.Relation, fingerprints map[string]string, thresholds disclosure.Thresholds) (string, error) {
	through := map[string]string{}
	for _, relation := range open {
		if relation.Rules == nil {
			continue
		}
		for _, nest := range relation.Rules.Nests {
			through[nest.Through.Relation] = fingerprints[nest.Through.Relation]
		}
	}
	data, err := json.Marshal([]any{open, through, thresholds, disclosure.Version})
	if err != nil {
		return "", fmt.Errorf("protect: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// audit holds the open tables about people against all that was published. What
// it finds marks the candidate; it stops nothing.
func audit(ctx context.Context, w *workspace.Workspace, datasets []release.Dataset, result *disclosure.Result) (*manifest.Ledger, error) {
	ledger := disclosure.Ledger{Folder: w.Env.Site.Warehouse.DisclosureLedger()}
	seals, err := ledger.Seals()
	if err != nil {
		return nil, err
	}
	found := &manifest.Ledger{NotPublishable: []manifest.Finding{}, UnbalancedParts: result.Unbalanced}
	if len(seals) == 0 {
		return found, nil
	}
	found.Edition = seals[len(seals)-1].Edition
	for _, dataset := range datasets {
		if len(dataset.People) == 0 || dataset.Held {
			continue
		}
		mask := result.Masks[dataset.Name].Relation
		cells := disclosure.Cells(dataset.Name, warehouse.Relation(mask), dataset.Key, dataset.DisclosureColumns())
		difference, err := ledger.Compare(ctx, w.DB, disclosure.Compared{
			Dataset: dataset.Name, Cells: cells, People: dataset.People, Period: dataset.PeriodInKey(), Minimum: Thresholds(w.Env).Count,
		})
		if err != nil {
			return nil, err
		}
		if unsafe := difference.Unsafe(); unsafe > 0 {
			found.NotPublishable = append(found.NotPublishable, manifest.Finding{Dataset: dataset.Name, Cells: unsafe})
		}
	}
	return found, nil
}
