-- Grain: one relevant employee on one side of one contrast, in one breakdown.
-- What the pay gaps are made from: for each contrast of ref.pay_contrasts everybody on its two
-- sides, with hourly rate and bonus, for all staff and within grades, directorates, working patterns
-- and the groups that it is crossed with. The rate is null for those who are in no hourly figure. Those
-- whose group is known and neither of the two are on the side other: they count in the quarters alone.
with side as (
    select
        groups.body_code,
        groups.snapshot_date,
        groups.person_key,
        contrasts.characteristic,
        contrasts.comparator_group,
        contrasts.focal_group,
        contrasts.has_breakdowns,
        contrasts.without_apprentices,
        case
            when groups.group_code = contrasts.focal_group then 'focal'
            when groups.group_code = contrasts.comparator_group then 'comparator'
            else 'other'
        end as side
    from stage.pay_people_groups as groups
    inner join ref.pay_contrasts as contrasts
        on groups.characteristic = contrasts.characteristic
    where groups.is_compared
),

member as (
    select
        side.*,
        people.grade,
        people.directorate,
        people.working_pattern,
        people.is_apprentice,
        people.hourly_rate_gbp,
        cast(people.bonus_gbp as double) as bonus_gbp,
        people.paid_bonus
    from side
    inner join stage.pay_people as people
        on
            side.body_code = people.body_code
            and side.snapshot_date = people.snapshot_date
            and side.person_key = people.person_key
),

broken_down as (
    select
        member.*,
        'all' as population,
        'all' as breakdown,
        'all' as breakdown_value
    from member
    union all
    select
        member.*,
        'without_apprentices' as population,
        'all' as breakdown,
        'all' as breakdown_value
    from member
    where member.without_apprentices and not member.is_apprentice
    union all
    select
        member.*,
        'all' as population,
        'grade' as breakdown,
        member.grade as breakdown_value
    from member
    where member.has_breakdowns
    union all
    select
        member.*,
        'all' as population,
        'directorate' as breakdown,
        member.directorate as breakdown_value
    from member
    where member.has_breakdowns
    union all
    select
        member.*,
        'all' as population,
        'working_pattern' as breakdown,
        member.working_pattern as breakdown_value
    from member
    where member.has_breakdowns
    union all
    select
        member.*,
        'all' as population,
        intersections.crossed_with as breakdown,
        crossed.group_code as breakdown_value
    from member
    inner join ref.pay_intersections as intersections
        on member.characteristic = intersections.characteristic
    inner join stage.pay_people_groups as crossed
        on
            member.body_code = crossed.body_code
            and member.snapshot_date = crossed.snapshot_date
            and member.person_key = crossed.person_key
            and intersections.crossed_with = crossed.characteristic
    where member.has_breakdowns and crossed.is_compared
)

select
    broken_down.body_code,
    broken_down.snapshot_date,
    broken_down.population,
    broken_down.characteristic,
    broken_down.comparator_group,
    broken_down.focal_group,
    broken_down.breakdown,
    broken_down.breakdown_value,
    broken_down.side,
    broken_down.person_key,
    broken_down.hourly_rate_gbp,
    broken_down.bonus_gbp,
    broken_down.paid_bonus
from broken_down
