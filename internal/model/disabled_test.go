package model_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/model"
	"socialvalue/internal/model/modeltest"
)

// clubs are files of a pipeline beside spend: what only it feeds, and what
// stays without it.
const clubs = `-- sql/stage/club_visits.sql --
-- Grain: one member.
select v.member_key, v.ward_code from raw.clubs_visits as v
-- sql/stage/club_visits.yaml --
grain: one member
description: visits
key: [member_key]
order_by: [member_key]
columns:
  - {name: member_key, type: UUID}
  - {name: ward_code, type: VARCHAR}
-- sql/stage/club_figures.sql --
-- Grain: one figure.
select 'visits' as figure, cast(count(*) as double) as amount from stage.club_visits
-- sql/stage/club_figures.yaml --
grain: one figure
description: figures of the clubs
key: [figure]
columns:
  - {name: figure, type: VARCHAR}
  - {name: amount, type: DOUBLE}
-- sql/stage/spend_figures.sql --
-- Grain: one figure.
select 'spend' as figure, cast(sum(p.amount_gbp) as double) as amount from stage.payments as p
-- sql/stage/spend_figures.yaml --
grain: one figure
description: figures of spend
key: [figure]
columns:
  - {name: figure, type: VARCHAR}
  - {name: amount, type: DOUBLE}
-- sql/stage/figures.yaml --
grain: one figure
description: all figures
key: [figure]
union: stage.*_figures
columns:
  - {name: figure, type: VARCHAR}
  - {name: amount, type: DOUBLE}
-- sql/club/ranks.yaml --
grain: one member
description: an estimator of the clubs
owner: clubs
key: [member_key]
estimator: place@1
inputs: {bodies: stage.club_visits}
columns:
  - {name: member_key, type: UUID, description: the member}
publish: {tier: restricted, domain: clubs}
-- sql/spend/kept.sql --
-- Grain: one figure.
select figures.figure, figures.amount from stage.figures as figures
-- sql/spend/kept.yaml --
grain: one figure
description: stays, and looks at the clubs where there are any
owner: finance
key: [figure]
columns:
  - {name: figure, type: VARCHAR, description: the figure, checks: [not_null, {references: stage.club_figures.figure, severity: warn}]}
  - {name: amount, type: DOUBLE, unit: GBP, description: its amount}
checks:
  - name: first
    sql: select 1 as one from spend.kept where amount < 0
  - name: agrees_with_the_clubs
    sql: select k.figure from spend.kept as k inner join stage.club_figures as c on k.figure = c.figure where k.amount <> c.amount
  - name: last
    sql: select 1 as one from spend.kept where figure = ''
explain:
  tier: clubs
  sql: select ranks.member_key from club.ranks as ranks
publish: {tier: restricted, domains: [spend, clubs]}
-- sql/checks/clubs_have_wards.sql --
-- Every visit has a ward.
select ward_code from stage.club_visits where ward_code is null
-- sql/checks/clubs_have_wards.yaml --
description: every visit has a ward
datasets: [club.ranks]
-- sql/checks/about_both.sql --
-- Nothing is negative.
select figure from spend.kept where amount < 0
-- sql/checks/about_both.yaml --
description: nothing is negative
datasets: [spend.kept, club.ranks]
-- sql/queries/members.sql --
-- Which members are there?
-- tier: clubs
select member_key from club.ranks
`

func withClubs(t *testing.T) fstest.MapFS {
	t.Helper()
	files := modeltest.Spend(t)
	maps.Copy(files, modeltest.Split([]byte(clubs)))
	return files
}

func loadWithout(t *testing.T, files fstest.MapFS, disabled ...string) (*model.Project, error) {
	t.Helper()
	outside := modeltest.Outside()
	for _, relation := range disabled {
		delete(outside, relation)
	}
	return model.Load(t.Context(), files, model.LoadOptions{
		Outside: outside, Personal: modeltest.Personal(), Estimators: modeltest.Estimators(), Disabled: disabled,
	})
}

// TestADisabledFeedTakesAlongWhatItFeeds: what is left is the project as if the
// files of the others had never been written, and it is sound to DuckDB.
func TestADisabledFeedTakesAlongWhatItFeeds(t *testing.T) {
	t.Parallel()
	files := withClubs(t)
	whole, err := loadWithout(t, files)
	if err != nil {
		t.Fatal(err)
	}
	p, err := loadWithout(t, files, "raw.clubs_visits")
	if err != nil {
		t.Fatal(err)
	}
	gone := []string{"club.ranks", "stage.club_figures", "stage.club_visits"}
	if diff := cmp.Diff(gone, p.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	left := slices.DeleteFunc(slices.Clone(whole.Order), func(r string) bool { return slices.Contains(gone, r) })
	if diff := cmp.Diff(left, p.Order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if got := whole.Nodes["stage.figures"].Inputs; !slices.Equal(got, []string{"stage.club_figures", "stage.spend_figures"}) {
		t.Errorf("the whole union reads %v", got)
	}
	if got := p.Nodes["stage.figures"].Inputs; !slices.Equal(got, []string{"stage.spend_figures"}) {
		t.Errorf("the union that is left reads %v", got)
	}
	kept := p.Nodes["spend.kept"]
	var checks []string
	for _, check := range kept.Spec.Checks {
		checks = append(checks, check.Name+" "+strings.Join(check.Reads, " "))
	}
	if want := []string{"first spend.kept", "last spend.kept"}; !slices.Equal(checks, want) {
		t.Errorf("checks %q, want %q", checks, want)
	}
	if column, _ := kept.Column("figure"); len(column.Checks) != 1 || column.Checks[0].Kind != "not_null" {
		t.Errorf("checks of the column: %+v", column.Checks)
	}
	if kept.Spec.Explain != nil || whole.Nodes["spend.kept"].Spec.Explain == nil {
		t.Error("the explanation by what is left out")
	}
	names := func(p *model.Project) (all []string) {
		for _, check := range p.Checks {
			all = append(all, check.Name)
		}
		for _, query := range p.Queries {
			all = append(all, query.Name)
		}
		slices.Sort(all)
		return all
	}
	if want := []string{"about_both", "largest_bodies", "scope_within_all"}; !slices.Equal(names(p), want) {
		t.Errorf("checks and questions: %v, want %v", names(p), want)
	}
	for _, project := range []*model.Project{whole, p} {
		if err := project.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestAUnionWithoutMembers has its columns and no rows.
func TestAUnionWithoutMembers(t *testing.T) {
	t.Parallel()
	p, err := loadWithout(t, withClubs(t), "raw.clubs_visits", "raw.spend_payments")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"ref.flow_class", "stage.figures", "spend.kept"}; !slices.Equal(p.Order, want) {
		t.Errorf("left: %v, want %v", p.Order, want)
	}
	if err := p.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAMistakeIsNoDisabledFeed: a name that is not there is still reported.
func TestAMistakeIsNoDisabledFeed(t *testing.T) {
	t.Parallel()
	files := withClubs(t)
	files["sql/stage/club_visits.sql"] = &fstest.MapFile{Data: []byte("-- Grain: one member.\nselect v.member_key, v.ward_code from raw.club_visits as v\n")}
	_, err := loadWithout(t, files, "raw.clubs_visits")
	if err == nil || !strings.Contains(err.Error(), "sql/stage/club_visits.sql:2:") || !strings.Contains(err.Error(), "no relation raw.club_visits") {
		t.Errorf("got %v", err)
	}
}
