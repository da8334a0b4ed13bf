-- Grain: one value of one breakdown of one contrast, of one body on one snapshot date.
-- Within which grades, directorates and working patterns the open tables may show a gap in pay. Both
-- sides are enough people, in this year and in the last. All that is left out is, on each side, nobody
-- or enough people together: else the smallest value that could be shown is left out with it.
with parameter as (
    select
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'least_shown')
            as bigint
        ) as least_shown
    from ref.pay_parameters as parameters
),

cell as (
    select
        members.body_code,
        members.snapshot_date,
        members.characteristic,
        members.comparator_group,
        members.focal_group,
        members.breakdown,
        members.breakdown_value,
        count(members.hourly_rate_gbp) filter (where members.side = 'focal') as focal,
        count(members.hourly_rate_gbp) filter (where members.side = 'comparator') as comparator
    from stage.pay_contrasts as members
    inner join ref.people_open_characteristics as told
        on members.characteristic = told.characteristic
    where
        told.has_pay_breakdowns
        and members.population = 'all'
        and members.breakdown in ('grade', 'directorate', 'working_pattern')
    group by
        members.body_code, members.snapshot_date, members.characteristic,
        members.comparator_group, members.focal_group, members.breakdown, members.breakdown_value
),

sized as (
    select
        cell.*,
        least(cell.focal, cell.comparator, prior.focal, prior.comparator) as fewest,
        least(cell.focal, cell.comparator, prior.focal, prior.comparator) >= parameter.least_shown
            as is_large,
        parameter.least_shown
    from cell
    cross join parameter
    left join cell as prior
        on
            cell.body_code = prior.body_code
            and cell.snapshot_date - to_years(1) = prior.snapshot_date
            and cell.characteristic = prior.characteristic
            and cell.comparator_group = prior.comparator_group
            and cell.focal_group = prior.focal_group
            and cell.breakdown = prior.breakdown
            and cell.breakdown_value = prior.breakdown_value
),

beside as (
    select
        sized.*,
        coalesce(sum(sized.focal) filter (where not sized.is_large) over same, 0) as focal_left,
        coalesce(sum(sized.comparator) filter (where not sized.is_large) over same, 0)
            as comparator_left,
        min((sized.fewest, sized.breakdown_value)) filter (where sized.is_large) over same
            as smallest_large
    from sized
    window
        same as (
            partition by
                sized.body_code, sized.snapshot_date, sized.characteristic,
                sized.comparator_group, sized.focal_group, sized.breakdown
        )
)

select
    beside.body_code,
    beside.snapshot_date,
    beside.characteristic,
    beside.comparator_group,
    beside.focal_group,
    beside.breakdown,
    beside.breakdown_value,
    beside.focal,
    beside.comparator,
    beside.is_large
    and (
        (
            (beside.focal_left = 0 or beside.focal_left >= beside.least_shown)
            and (beside.comparator_left = 0 or beside.comparator_left >= beside.least_shown)
        )
        or (beside.fewest, beside.breakdown_value) <> beside.smallest_large
    ) as is_open
from beside
