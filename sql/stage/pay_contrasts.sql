-- Grain: one relevant employee on one side of one contrast, in one breakdown.
-- What the pay gaps are made from: for each contrast of ref.pay_contrasts everybody on its two
-- sides, with hourly rate and bonus, for all staff and within grades, directorates and working
-- patterns; and for each cross of ref.pay_intersections every cell of it against the one that all are
-- compared with. The rate is null for those who are in no hourly figure. Those whose group is known
-- and neither of the two are on the side other: they count in the quarters alone.
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

-- Where each contrast is told of a person. All that it is told of stands in one list: two queries of the
-- sides would keep them aside, and they are many.
placed as (
    select
        side.body_code,
        side.snapshot_date,
        side.person_key,
        side.characteristic,
        side.comparator_group,
        side.focal_group,
        side.side,
        unnest(
            list_concat(
                case
                    when side.has_breakdowns
                        then
                            list_transform(
                                staff_breakdowns(people),
                                lambda cell: {
                                    'population': 'all',
                                    'breakdown': cell.breakdown,
                                    'breakdown_value': cell.breakdown_value
                                }
                            )
                    else [{'population': 'all', 'breakdown': 'all', 'breakdown_value': 'all'}]
                end,
                case
                    when side.without_apprentices and not people.is_apprentice
                        then
                            [
                                {
                                    'population': 'without_apprentices',
                                    'breakdown': 'all',
                                    'breakdown_value': 'all'
                                }
                            ]
                end
            )
        ) as place
    from side
    inner join stage.pay_people as people
        on
            side.body_code = people.body_code
            and side.snapshot_date = people.snapshot_date
            and side.person_key = people.person_key
),

-- Groups are those of several values, so each stands once.
groups_of as (
    select
        groups.characteristic,
        groups.group_code
    from ref.people_groups as groups
    group by groups.characteristic, groups.group_code
),

cell as (
    select
        intersections.characteristic,
        intersections.crossed_with,
        intersections.comparator_group,
        intersections.comparator_value,
        own.group_code,
        crossed.group_code as crossed_code
    from ref.pay_intersections as intersections
    inner join groups_of as own
        on intersections.characteristic = own.characteristic
    inner join groups_of as crossed
        on intersections.crossed_with = crossed.characteristic
    where
        own.group_code <> intersections.comparator_group
        or crossed.group_code <> intersections.comparator_value
),

crossed_side as (
    select
        own.body_code,
        own.snapshot_date,
        own.person_key,
        cell.characteristic,
        concat(cell.comparator_group, '_', cell.comparator_value) as comparator_group,
        concat(cell.group_code, '_', cell.crossed_code) as focal_group,
        case
            when own.group_code = cell.group_code and crossed.group_code = cell.crossed_code
                then 'focal'
            when
                own.group_code = cell.comparator_group
                and crossed.group_code = cell.comparator_value
                then 'comparator'
            else 'other'
        end as side,
        {
            'population': 'all',
            'breakdown': cell.crossed_with,
            'breakdown_value': cell.crossed_code
        } as place
    from cell
    inner join stage.pay_people_groups as own
        on cell.characteristic = own.characteristic and own.is_compared
    inner join stage.pay_people_groups as crossed
        on
            own.body_code = crossed.body_code
            and own.snapshot_date = crossed.snapshot_date
            and own.person_key = crossed.person_key
            and cell.crossed_with = crossed.characteristic
            and crossed.is_compared
),

every_side as (
    select placed.*
    from placed
    union all by name
    select crossed_side.*
    from crossed_side
)

select
    every_side.body_code,
    every_side.snapshot_date,
    every_side.place.population as population,
    every_side.characteristic,
    every_side.comparator_group,
    every_side.focal_group,
    every_side.place.breakdown as breakdown,
    every_side.place.breakdown_value as breakdown_value,
    every_side.side,
    every_side.person_key,
    people.hourly_rate_gbp,
    cast(round(people.hourly_rate_gbp * choices.tie_units) as bigint) as quarter_tie,
    cast(people.bonus_gbp as double) as bonus_gbp,
    people.paid_bonus
from every_side
inner join stage.pay_people as people
    on
        every_side.body_code = people.body_code
        and every_side.snapshot_date = people.snapshot_date
        and every_side.person_key = people.person_key
inner join stage.pay_choices as choices
    on every_side.body_code = choices.body_code
-- Who is on neither side and has no rate is in no quarter.
where every_side.side <> 'other' or people.hourly_rate_gbp is not null
