-- Grain: one relevant employee in one group of one characteristic.
-- What each relevant employee declared, as groups of each characteristic at each level of detail. Who
-- did not say has no row. is_compared says whether the person counts in gaps of the characteristic:
-- those that the rules leave out of the figures by sex do not, and nobody does where pay figures cannot
-- be made because something was not sent.
with declared as (
    select
        people.body_code,
        people.snapshot_date,
        people.person_key,
        people.sex_in_figures is not null as is_in_sex_figures,
        people.has_pay_figures,
        unnest(declared_by_staff(people)) as answer
    from stage.pay_people as people
    where people.is_relevant
)

select
    declared.body_code,
    declared.snapshot_date,
    declared.person_key,
    groups.characteristic,
    groups.group_code,
    declared.has_pay_figures
    and (groups.characteristic <> 'sex' or declared.is_in_sex_figures) as is_compared
from declared
inner join ref.people_groups as groups
    on
        declared.answer.declared_in = groups.declared_in
        and declared.answer.declared_value = groups.declared_value
