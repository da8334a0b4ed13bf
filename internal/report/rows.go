//go:build duckdb_arrow

package report

import (
	"strings"
	"time"
)

func commitmentsOf(rows []record) []CommitmentRole {
	const table = "indicators.commitments"
	var sorted []CommitmentRole
	for _, name := range roles() {
		role := CommitmentRole{Role: name, Title: roleText(name)}
		for _, row := range rows {
			if row.text("role") != name {
				continue
			}
			status, mood := statusText(row.text("status"))
			role.Rows = append(role.Rows, Commitment{
				Key: key(row, "commitment_id", "financial_year"), Kind: kindText(row.text("kind")), Change: changeText(row.text("change_kind")), Status: status, Mood: mood,
				ID: textCell(row, table, "commitment_id", ""), Text: textCell(row, table, "commitment_text", ""),
				Due: dayCell(row, table, "due", "none set"), Owner: textCell(row, table, "commitment_owner", "not assigned"),
				Evidence: textCell(row, table, "evidence", "none given"),
			})
		}
		if len(role.Rows) > 0 {
			sorted = append(sorted, role)
		}
	}
	return sorted
}

// changeText says whether a commitment is a way of doing things, or a thing; what was there already is no change.
func changeText(kind string) string {
	if kind == "existing" {
		return ""
	}
	return strings.ReplaceAll(kind, "_", " ")
}

// statusText is a commitment's state in words, and whether it is good, bad or neither.
func statusText(status string) (words, mood string) {
	switch status {
	case "":
		return "Nobody has said", "missing"
	case "met", "on_track":
		return codeText(status), "good"
	case "at_risk", "off_track":
		return codeText(status), "bad"
	}
	return codeText(status), "none"
}

// actionsOf are those about measures, and those about deliverables.
func actionsOf(rows []record) (ofMeasures, ofOthers []Action) {
	const table = "indicators.actions"
	for _, row := range rows {
		action := Action{
			Key: key(row, "action_ref"), Kind: codeText(row.text("kind")), Status: codeText(row.text("status")),
			Ref: textCell(row, table, "action_ref", ""), About: textCell(row, table, "indicator_id", ""),
			Text: textCell(row, table, "action_text", ""), Owner: textCell(row, table, "action_owner", "not assigned"),
			Due: dayCell(row, table, "due", "none set"), Outcome: textCell(row, table, "outcome", "nothing reported"),
		}
		if row.text("is_overdue") == "true" {
			action.Status += ", overdue"
		}
		if row.isNull("indicator_id") {
			action.About = textCell(row, table, "deliverable", "not said")
			ofOthers = append(ofOthers, action)
			continue
		}
		ofMeasures = append(ofMeasures, action)
	}
	return ofMeasures, ofOthers
}

func publishedOf(rows []record) []Published {
	const table = "indicators.published"
	var list []Published
	for _, row := range rows {
		unit := row.text("unit")
		part := Cell{Text: "all"}
		if row.text("breakdown") != "all" {
			part = textCell(row, table, "breakdown_value", "")
		}
		list = append(list, Published{
			Key:       key(row, "indicator_id", "financial_year", "breakdown", "breakdown_value", "published_in"),
			Indicator: textCell(row, table, "indicator_id", ""), Year: textCell(row, table, "financial_year", ""), Part: part,
			Printed: figureCell(row, table, "published_value", unit), In: textCell(row, table, "published_in", ""),
			Computed: figureCell(row, table, "recomputed_value", unit),
			Differs:  textCell(row, table, "definition_difference", "no difference stated"), NeedsExplanation: row.text("needs_explanation") == "true",
		})
	}
	return list
}

func baselinesOf(rows []record) []Baseline {
	const table = "indicators.baseline"
	var list []Baseline
	for _, row := range rows {
		list = append(list, Baseline{
			Key: key(row, "financial_year", "version", "seal"), Year: row.text("financial_year"),
			Version: textCell(row, table, "version", ""), Seal: textCell(row, table, "seal", ""), FrozenOn: dayText(row.text("frozen_on")),
		})
	}
	return list
}

func domainsOf(rows []record) []Domain {
	var list []Domain
	for _, row := range rows {
		list = append(list, Domain{
			Key: key(row, "domain"), Name: row.text("domain"), UpTo: dayCell(row, "meta.release", "data_up_to", "its feeds do not say"),
			Held: jsonList(row.text("held_back")), NotPublishable: jsonList(row.text("not_publishable")),
		})
	}
	return list
}

func sourcesOf(rows []record, made time.Time) []Source {
	const fresh, source = "meta.freshness", "meta.sources"
	var list []Source
	for _, row := range rows {
		s := Source{
			Key: key(row, "source"), Name: textCell(row, source, "source", ""), Domain: textCell(row, source, "domain", "several"),
			DataTo: dayCell(row, fresh, "data_to", "not said"), Received: dayCell(row, fresh, "received_at", "never"),
			Due: dayCell(row, fresh, "stale_after", "not set"), Read: countCell(row, source, "rows_read"),
			Loaded: countCell(row, source, "rows_loaded"), Duplicate: countCell(row, source, "rows_duplicate"),
			Quarantined: countCell(row, source, "rows_quarantined"), Skipped: countCell(row, source, "rows_skipped"),
			State: "in time",
		}
		staleAfter, known := row.number("stale_after_ms")
		switch {
		case row.text("supplied") != "true":
			s.State = "not supplied"
		case known && staleAfter < float64(made.UnixMilli()):
			s.State = "late"
		}
		list = append(list, s)
	}
	return list
}
