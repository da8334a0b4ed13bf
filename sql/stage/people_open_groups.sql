-- Grain: one group of one characteristic, of one body on one snapshot date.
-- Which groups of employees the open tables may show. A group is large enough when it is of the fewest
-- people shown or more, in this year and in the last; those whose group is not known are one group.
-- What is left out is nobody, or enough people together: else the smallest group that is large enough
-- is left out with it. A few people of unknown group alone are left to rounding.
with parameter as (
    select
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'least_shown')
            as bigint
        ) as least_shown
    from ref.pay_parameters as parameters
),

-- What is known of each snapshot: homes may not have been sent.
snapshots as (
    select
        members.body_code,
        members.snapshot_date,
        members.characteristic
    from stage.people_members as members
    group by members.body_code, members.snapshot_date, members.characteristic
),

possible as (
    select
        groups.characteristic,
        groups.group_code,
        true as is_known
    from ref.people_groups as groups
    inner join ref.people_open_characteristics as told
        on groups.characteristic = told.characteristic
    group by groups.characteristic, groups.group_code
    union all
    select
        told.characteristic,
        'not_known' as group_code,
        false as is_known
    from ref.people_open_characteristics as told
    where not starts_with(told.characteristic, 'home_')
),

counted as (
    select
        members.body_code,
        members.snapshot_date,
        members.characteristic,
        case when members.is_known then members.group_code else 'not_known' end as group_code,
        count(*) as employees,
        count(people.hourly_rate_gbp) filter (
            where members.characteristic <> 'sex' or people.sex_in_figures is not null
        ) as with_rate
    from stage.people_members as members
    inner join stage.pay_people as people
        on
            members.body_code = people.body_code
            and members.snapshot_date = people.snapshot_date
            and members.person_key = people.person_key
    group by
        members.body_code, members.snapshot_date, members.characteristic,
        case when members.is_known then members.group_code else 'not_known' end
),

cell as (
    select
        snapshots.body_code,
        snapshots.snapshot_date,
        possible.characteristic,
        possible.group_code,
        possible.is_known,
        coalesce(counted.employees, 0) as employees,
        coalesce(counted.with_rate, 0) as with_rate
    from snapshots
    inner join possible on snapshots.characteristic = possible.characteristic
    left join counted
        on
            snapshots.body_code = counted.body_code
            and snapshots.snapshot_date = counted.snapshot_date
            and possible.characteristic = counted.characteristic
            and possible.group_code = counted.group_code
),

-- Fewest of the two years, where there are two.
sized as (
    select
        cell.*,
        least(cell.employees, prior.employees) as fewest_employees,
        least(cell.with_rate, prior.with_rate) as fewest_with_rate,
        least(cell.employees, prior.employees) >= parameter.least_shown as is_large,
        parameter.least_shown
    from cell
    cross join parameter
    left join cell as prior
        on
            cell.body_code = prior.body_code
            and cell.snapshot_date - to_years(1) = prior.snapshot_date
            and cell.characteristic = prior.characteristic
            and cell.group_code = prior.group_code
),

beside as (
    select
        sized.*,
        bool_and(sized.is_large or not sized.is_known) over same as all_are_large,
        bool_or(sized.is_large and not sized.is_known) over same as unknown_is_large,
        coalesce(sum(sized.employees) filter (where sized.is_known and not sized.is_large) over same, 0)
            as small_groups,
        coalesce(sum(sized.employees) filter (where not sized.is_known) over same, 0) as not_known,
        coalesce(sum(sized.employees) filter (where sized.is_known) over same, 0) as known,
        min((sized.fewest_employees, sized.group_code)) filter (
            where sized.is_known and sized.is_large
        ) over same as smallest_large
    from sized
    window same as (partition by sized.body_code, sized.snapshot_date, sized.characteristic)
)

select
    beside.body_code,
    beside.snapshot_date,
    beside.characteristic,
    beside.group_code,
    beside.is_known,
    beside.employees,
    beside.with_rate,
    beside.is_large
    and case
        when not beside.is_known then beside.known >= beside.least_shown
        when told.is_whole then beside.all_are_large
        when beside.small_groups = 0 then true
        when
            beside.small_groups + case when beside.unknown_is_large then 0 else beside.not_known end
            >= beside.least_shown then true
        else (beside.fewest_employees, beside.group_code) <> beside.smallest_large
    end as is_open,
    beside.is_known and told.has_pay and beside.fewest_with_rate >= beside.least_shown
        as is_large_in_pay
from beside
inner join ref.people_open_characteristics as told
    on beside.characteristic = told.characteristic
