-- Grain: one relevant employee in one group of one characteristic.
-- What each relevant employee declared, as groups of each characteristic at each level of detail. Who
-- did not say has no row. is_compared says whether the person counts in gaps of the characteristic:
-- those that the rules leave out of the figures by sex do not.
with declared as (
    select
        people.body_code,
        people.snapshot_date,
        people.person_key,
        people.sex_in_figures is not null as is_in_sex_figures,
        unnest(
            [
                {'declared_in': 'sex', 'declared_value': people.sex},
                {'declared_in': 'gender_identity', 'declared_value': people.gender_identity},
                {'declared_in': 'ethnicity19', 'declared_value': people.ethnicity19},
                {'declared_in': 'ethnicity6', 'declared_value': people.ethnicity6},
                {'declared_in': 'ethnicity5', 'declared_value': people.ethnicity5},
                {'declared_in': 'disability', 'declared_value': people.disability},
                {'declared_in': 'age_band', 'declared_value': people.age_band},
                {'declared_in': 'orientation', 'declared_value': people.orientation},
                {'declared_in': 'religion', 'declared_value': people.religion},
                {
                    'declared_in': 'marriage_or_civil_partnership',
                    'declared_value': people.marriage_or_civil_partnership
                }
            ]
        ) as answer
    from stage.pay_people as people
    where people.is_relevant
)

select
    declared.body_code,
    declared.snapshot_date,
    declared.person_key,
    groups.characteristic,
    groups.group_code,
    groups.characteristic <> 'sex' or declared.is_in_sex_figures as is_compared
from declared
inner join ref.people_groups as groups
    on
        declared.answer.declared_in = groups.declared_in
        and declared.answer.declared_value = groups.declared_value
