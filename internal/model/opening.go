package model

import (
	"slices"
	"strconv"
	"strings"

	"socialvalue/internal/disclosure"
	"socialvalue/internal/strictyaml"
)

// periodColumns are, for each kind of period, the columns that may hold it.
func periodColumns(period string) []string {
	return map[string][]string{
		"year":     {"financial_year", "academic_year"},
		"quarter":  {"financial_quarter"},
		"month":    {"service_month", "month_start"},
		"snapshot": {"snapshot_date"},
	}[period]
}

// PeriodColumn is the column that holds the period of a row; empty where the
// relation has no period.
func (n *Node) PeriodColumn() string {
	for _, name := range periodColumns(n.Spec.Publish.Period) {
		if _, has := n.Column(name); has {
			return name
		}
	}
	return ""
}

// DelayDays is how long after its end a period counts as closed.
func (p Publish) DelayDays() int {
	days, _ := strconv.Atoi(strings.TrimSuffix(p.Delay, "d")) // checked when it was read
	return days
}

// checkOpening reports what is wrong with how a relation becomes open: what it
// says of people, of its period and of announced rows.
func checkOpening(node *Node, doc *strictyaml.Doc) {
	publish, at := node.Spec.Publish, doc.At("publish")
	if publish.Period != "" {
		switch names := periodColumns(publish.Period); {
		case names == nil:
			at.At("period").Report("period is year, quarter, month or snapshot")
		case node.PeriodColumn() == "":
			at.At("period").Report("a relation with this period has a column %s", strings.Join(names, " or "))
		}
	}
	if days, err := strconv.Atoi(strings.TrimSuffix(publish.Delay, "d")); publish.Delay != "" && (err != nil || days < 0 || !strings.HasSuffix(publish.Delay, "d")) {
		at.At("delay").Report("delay is a number of days, as 30d")
	}
	if publish.Announced != "" {
		if column, has := node.Column(publish.Announced); !has || !slices.Contains([]string{"BOOLEAN", "DATE"}, normalType(column.Type)) {
			at.At("announced").Report("announced names a column: BOOLEAN, or DATE from which a row is open")
		}
	}
	if publish.NotAboutPeople != "" && (publish.Disclosure != nil || publish.Tier != "open") {
		at.At("not_about_people").Report("not_about_people is of an open relation without disclosure: keep one of the two")
	}
	switch {
	case publish.Internal != "" && publish.Internal != "none":
		at.At("internal").Report("internal is none, or is left out: then the unprotected form stands in the files of the domain")
	case publish.Internal != "" && (publish.Disclosure == nil || publish.Tier != "open" || publish.Announced != ""):
		at.At("internal").Report("internal: none is of an open relation with disclosure whose rows are all announced: another has no unprotected form, or has rows that would be nowhere")
	}
	if publish.Disclosure == nil {
		return
	}
	if publish.Tier != "open" {
		at.At("disclosure").Report("disclosure is of the open tier: a restricted relation is not protected")
		return
	}
	if publish.Period == "" {
		at.Report("no period: a table about people is published when its period is closed, so say which (period: year)")
	}
	if node.IsView() {
		at.At("disclosure").Report("a view shows what it reads: make it a table")
	}
	columns := make([]disclosure.Column, len(node.Spec.Columns))
	for i, c := range node.Spec.Columns {
		columns[i] = disclosure.Column{Name: c.Name, Type: normalType(c.Type), Personal: c.Personal}
	}
	for _, problem := range publish.Disclosure.Check(columns, node.Spec.Key) {
		at.At(append([]any{"disclosure"}, problem.Path...)...).Report("%s", problem.Text)
	}
}
