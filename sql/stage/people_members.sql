-- Grain: one relevant employee in one characteristic of the workforce.
-- The group that each employee declared, prefer_not_to_say or not_recorded, of every characteristic
-- that is told of the workforce; of homes where they were sent.
with declared as (
    select
        people.body_code,
        people.snapshot_date,
        people.person_key,
        people.grade,
        people.directorate,
        people.working_pattern,
        unnest(declared_by_staff(people)) as answer
    from stage.people_employees as people
),

characteristic as (
    select
        groups.characteristic,
        groups.declared_in,
        characteristics.has_breakdowns,
        characteristics.has_grades
    from ref.people_groups as groups
    inner join ref.people_characteristics as characteristics
        on groups.characteristic = characteristics.characteristic
    where characteristics.in_workforce
    group by
        groups.characteristic, groups.declared_in, characteristics.has_breakdowns,
        characteristics.has_grades
)

select
    declared.body_code,
    declared.snapshot_date,
    declared.person_key,
    declared.grade,
    declared.directorate,
    declared.working_pattern,
    characteristic.characteristic,
    characteristic.has_breakdowns,
    characteristic.has_grades,
    coalesce(
        groups.group_code,
        case
            when declared.answer.declared_value = 'prefer_not_to_say' then 'prefer_not_to_say'
            else 'not_recorded'
        end
    ) as group_code,
    groups.group_code is not null as is_known
from declared
inner join characteristic
    on declared.answer.declared_in = characteristic.declared_in
inner join stage.people_supplies as supplies
    on
        declared.body_code = supplies.body_code
        and declared.snapshot_date = supplies.snapshot_date
left join ref.people_groups as groups
    on
        characteristic.characteristic = groups.characteristic
        and declared.answer.declared_value = groups.declared_value
where characteristic.declared_in <> 'home_imd_decile' or supplies.has_homes
