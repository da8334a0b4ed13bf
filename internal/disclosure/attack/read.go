package attack

import (
	"fmt"
	"slices"
	"strings"
)

// Ask answers a question with the texts of its one column.
type Ask func(sql string) ([]string, error)

// families says which column of stage.pay_people each family of characteristics was declared in, as finely as it was.
func families() map[string]string {
	return map[string]string{
		"sex": "sex", "ethnicity": "ethnicity19", "disability": "disability", "age": "age_band", "orientation": "orientation",
		"religion": "religion", "gender_identity": "gender_identity", "marriage_or_civil_partnership": "marriage_or_civil_partnership",
		"home": "home_imd_decile",
	}
}

// livingWage is the family of those paid the living wage, paid less, apprentices, and those of whom it is not known.
const livingWage = "living_wage"

// livingWageStanding says of a row of stage.pay_people what people.living_wage counts it as.
const livingWageStanding = `case when is_apprentice then 'apprentice' when hourly_rate_gbp is null then 'not_known'
	when coalesce(normalised_rate_gbp, literal_rate_gbp) * coalesce(ordinary_gbp / nullif(ordinary_gbp + bonus_of_period_gbp, 0), 1)
		>= 0.999 * (select max(rates.rate_uk_gbp) from ref.real_living_wage_rates as rates where rates.must_be_paid_from <= snapshot_date)
	then 'at_or_above' else 'below' end`

// ReadStaff reads what the open tables say of employees, and from the build database the truth.
func ReadStaff(open, built Ask) (s Staff, err error) {
	s = Staff{Groups: map[string]map[string]Group{}, Half: 0.005}
	names := families()
	order := []string{"sex", "ethnicity", "disability", "age", "orientation", "religion", "gender_identity", "marriage_or_civil_partnership", "home"}
	columns := []string{"body_code", "snapshot_date", "hourly_rate_gbp is not null", "paid_bonus", "coalesce(grade, '')", "coalesce(directorate, '')", "coalesce(working_pattern, '')", "sex_in_figures is null"}
	for _, family := range order {
		columns = append(columns, "coalesce(cast("+names[family]+" as varchar), 'not_recorded')")
	}
	order, columns = append(order, livingWage), append(columns, livingWageStanding)
	lines, err := table(built, columns, "stage.pay_people where is_relevant")
	if err != nil {
		return s, err
	}
	for _, l := range lines {
		person := Person{
			Body: l[0], Snapshot: l[1], HasRate: l[2] == "true", WasPaidMore: l[3] == "true", NotInFigures: l[7] == "true",
			Place: map[string]string{"grade": l[4], "directorate": l[5], "working_pattern": l[6]}, Declared: map[string]string{},
		}
		for i, family := range order {
			person.Declared[family] = l[8+i]
		}
		s.People = append(s.People, person)
	}
	if err := s.readGroups(built); err != nil {
		return s, err
	}
	s.Groups[livingWage] = map[string]Group{}
	for _, code := range []string{"at_or_above", "below", "apprentice"} {
		s.Groups[livingWage][code] = Group{livingWage, []string{code}}
	}
	return s, s.readOpen(open)
}

// readGroups reads which declarations make which group.
func (s *Staff) readGroups(built Ask) error {
	add := func(characteristic, code, family, declaration string) {
		if s.Groups[characteristic] == nil {
			s.Groups[characteristic] = map[string]Group{
				"not_known": {family, []string{"prefer_not_to_say", "not_recorded"}}, "known": {Family: family},
				"prefer_not_to_say": {family, []string{"prefer_not_to_say"}}, "not_recorded": {family, []string{"not_recorded"}},
			}
		}
		for _, name := range []string{code, "known"} {
			group := s.Groups[characteristic][name]
			group.Family = family
			if !slices.Contains(group.Declarations, declaration) {
				group.Declarations = append(group.Declarations, declaration)
			}
			s.Groups[characteristic][name] = group
		}
	}
	for family, column := range families() {
		lines, err := table(built, []string{"groups.characteristic", "groups.group_code", "groups.declared_value"}, "ref.people_groups as groups where groups.declared_in = '"+column+"'")
		if err != nil {
			return err
		}
		for _, l := range lines {
			add(l[0], l[1], family, l[2])
		}
	}
	for _, column := range []string{"ethnicity5", "ethnicity6"} {
		lines, err := table(built, []string{"groups.characteristic", "groups.group_code", "detail.ethnicity19"},
			"ref.people_groups as groups inner join ref.ethnicity_groups as detail on groups.declared_in = '"+column+"' and groups.declared_value = detail."+column)
		if err != nil {
			return err
		}
		for _, l := range lines {
			add(l[0], l[1], "ethnicity", l[2])
		}
	}
	return nil
}

// readOpen reads every count and every share of the open tables that speaks of employees.
func (s *Staff) readOpen(open Ask) error {
	counts := []struct {
		columns []string
		from    string
	}{
		{[]string{"body_code", "snapshot_date", "characteristic", "case characteristic_group when 'all' then '' else characteristic_group end", "breakdown", "breakdown_value", "headcount_rounded"}, "people.workforce_profile where headcount_rounded is not null"},
		{[]string{"body_code", "snapshot_date", "characteristic", "'known'", "breakdown", "breakdown_value", "known_rounded"}, "people.workforce_profile where known_rounded is not null"},
		{[]string{"body_code", "snapshot_date", "characteristic", "''", "breakdown", "breakdown_value", "everybody_rounded"}, "people.workforce_profile where everybody_rounded is not null"},
		{[]string{"body_code", "snapshot_date", "characteristic", "focal_group", "breakdown", "breakdown_value", "n_focal_rounded"}, "people.pay_gaps where n_focal_rounded is not null"},
		{[]string{"body_code", "snapshot_date", "characteristic", "comparator_group", "breakdown", "breakdown_value", "n_comparator_rounded"}, "people.pay_gaps where n_comparator_rounded is not null"},
		{[]string{"body_code", "snapshot_date", "characteristic", "focal_group", "breakdown", "breakdown_value", "n_focal_rounded"}, "people.pay_gap_drivers where n_focal_rounded is not null"},
		{[]string{"body_code", "snapshot_date", "characteristic", "comparator_group", "breakdown", "breakdown_value", "n_comparator_rounded"}, "people.pay_gap_drivers where n_comparator_rounded is not null"},
		{[]string{"body_code", "snapshot_date", "'living_wage'", "'at_or_above'", "'all'", "'all'", "paid_rounded"}, "people.living_wage where paid_rounded is not null"},
		{[]string{"body_code", "snapshot_date", "'living_wage'", "'below'", "'all'", "'all'", "below_rounded"}, "people.living_wage where below_rounded is not null"},
		{[]string{"body_code", "snapshot_date", "'living_wage'", "'apprentice'", "'all'", "'all'", "apprentices_rounded"}, "people.living_wage where apprentices_rounded is not null"},
		{[]string{"body_code", "snapshot_date", "'all'", "''", "'all'", "'all'", "everybody_rounded"}, "people.living_wage where everybody_rounded is not null"},
		{[]string{"body_code", "eligible_on", "'all'", "''", "breakdown", "breakdown_value", "eligible_rounded"}, "people.participation where eligible_rounded is not null and eligible_on is not null"},
	}
	seen := map[Count]bool{}
	for _, query := range counts {
		lines, err := table(open, query.columns, query.from)
		if err != nil {
			return err
		}
		for _, l := range lines {
			shown, err := Number(l[6])
			if err != nil {
				return err
			}
			count := Count{l[0], l[1], l[2], l[3], l[4], l[5], shown, false}
			if !seen[count] {
				seen[count] = true
				s.Counts = append(s.Counts, count)
			}
		}
	}
	columns := []string{
		"body_code", "snapshot_date", "characteristic", "case when measure = 'bonus_share_comparator' then comparator_group else focal_group end",
		"case when starts_with(measure, 'bonus') then 'bonus' else replace(measure, 'quarter_share_', '') end", "value",
	}
	lines, err := table(open, columns, "people.pay_gaps where unit = 'share' and value is not null and population = 'all' and breakdown = 'all'")
	if err != nil {
		return err
	}
	for _, l := range lines {
		shown, err := Number(l[5])
		if err != nil {
			return err
		}
		s.Shares = append(s.Shares, Share{l[0], l[1], l[2], l[3], l[4], shown})
	}
	return nil
}

// AddRated adds how many people of each group figures of pay are made of, as an earlier form of the table of pay gaps had it.
func (s *Staff) AddRated(figures Ask) error {
	for _, side := range []string{"focal", "comparator"} {
		lines, err := table(figures, []string{"body_code", "snapshot_date", "characteristic", side + "_group", "breakdown", "breakdown_value", "n_" + side},
			"people.pay_figures where measure = 'mean_hourly' and population = 'all' and characteristic = 'sex' and breakdown in ('all', 'grade', 'directorate', 'working_pattern')")
		if err != nil {
			return err
		}
		for _, l := range lines {
			shown, err := Number(l[6])
			if err != nil {
				return err
			}
			s.Counts = append(s.Counts, Count{l[0], l[1], l[2], l[3], l[4], l[5], shown, true})
		}
	}
	return nil
}

// table reads columns of a relation, none of which holds a vertical bar.
func table(ask Ask, columns []string, from string) (lines [][]string, err error) {
	texts := make([]string, len(columns))
	for i, column := range columns {
		texts[i] = "coalesce(cast(" + column + " as varchar), '')"
	}
	answer, err := ask("select concat_ws('|', " + strings.Join(texts, ", ") + ") as line from " + from + " order by 1")
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", from, err)
	}
	for _, text := range answer {
		line := strings.Split(text, "|")
		if len(line) != len(columns) {
			return nil, fmt.Errorf("read %s: a text holds a bar", from)
		}
		lines = append(lines, line)
	}
	return lines, nil
}
