-- Grain: one component of one contrast on one snapshot date, in one breakdown.
-- Components of each pay gap; within grades of the gap by sex alone. What closing the gaps would cost is
-- told for all grades together, and not for each.
-- in_open_table names the rows that the open table has; is_shown those of them whose figures it shows.
with employee as (
    select
        members.body_code,
        members.snapshot_date,
        members.characteristic,
        members.group_code,
        cells.breakdown,
        cells.breakdown_value,
        count(*) as employees
    from stage.people_members as members
    cross join lateral (values ('all', 'all'), ('grade', members.grade))
        as cells (breakdown, breakdown_value)
    group by
        members.body_code, members.snapshot_date, members.characteristic, members.group_code,
        cells.breakdown, cells.breakdown_value
)

select
    drivers.body_code,
    drivers.snapshot_date,
    financial_year(
        drivers.snapshot_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    drivers.population,
    drivers.characteristic,
    drivers.comparator_group,
    drivers.focal_group,
    drivers.component,
    case when drivers.category = 'all' then 'all' else 'grade' end as breakdown,
    drivers.category as breakdown_value,
    case when drivers.unit = 'pct' then drivers.value end as value_pct,
    case when drivers.unit in ('share', 'ratio') and gaps.value is not null then drivers.value end
        as value_ratio,
    case when drivers.unit = 'GBP' then drivers.value end as value_gbp,
    drivers.unit,
    drivers.ci_low,
    drivers.ci_high,
    drivers.ci_method,
    drivers.q_value,
    focal.employees as n_focal_rounded,
    comparator.employees as n_comparator_rounded,
    case
        when drivers.reliability in ('reliable', 'low_reliability') then drivers.reliability
    end as reliability,
    drivers.is_flagged,
    coalesce(
        drivers.population = 'all' and drivers.category = 'all' and told.has_pay
        and drivers.component in (
            'mean_gap', 'between_grades', 'within_grades', 'grade_dissimilarity', 'adjusted_gap'
        ),
        false
    ) as in_open_table,
    coalesce(
        open_focal.is_open and open_focal.is_large_in_pay
        and open_comparator.is_open and open_comparator.is_large_in_pay
        and least(drivers.n_focal, drivers.n_comparator) >= parameter.least_shown,
        false
    ) as is_shown,
    false as suppressed,
    case
        when drivers.unit in ('share', 'ratio') and gaps.value is null
            then coalesce(drivers.null_reason, 'few_in_a_quarter')
        else drivers.null_reason
    end as null_reason
from stage.pay_drivers as drivers
cross join site.settings as settings
cross join (
    select max(parameters.parameter_value) as least_shown
    from ref.pay_parameters as parameters
    where parameters.parameter = 'least_shown'
) as parameter
left join ref.people_open_characteristics as told
    on drivers.characteristic = told.characteristic
left join employee as focal
    on
        drivers.body_code = focal.body_code
        and drivers.snapshot_date = focal.snapshot_date
        and drivers.characteristic = focal.characteristic
        and drivers.focal_group = focal.group_code
        and case when drivers.category = 'all' then 'all' else 'grade' end = focal.breakdown
        and drivers.category = focal.breakdown_value
left join employee as comparator
    on
        drivers.body_code = comparator.body_code
        and drivers.snapshot_date = comparator.snapshot_date
        and drivers.characteristic = comparator.characteristic
        and drivers.comparator_group = comparator.group_code
        and case when drivers.category = 'all' then 'all' else 'grade' end = comparator.breakdown
        and drivers.category = comparator.breakdown_value
left join stage.people_open_groups as open_focal
    on
        drivers.body_code = open_focal.body_code
        and drivers.snapshot_date = open_focal.snapshot_date
        and drivers.characteristic = open_focal.characteristic
        and drivers.focal_group = open_focal.group_code
left join stage.people_open_groups as open_comparator
    on
        drivers.body_code = open_comparator.body_code
        and drivers.snapshot_date = open_comparator.snapshot_date
        and drivers.characteristic = open_comparator.characteristic
        and drivers.comparator_group = open_comparator.group_code
-- Where the shares of quarters are not told, what follows from them is not either.
left join people.pay_gaps as gaps
    on
        drivers.body_code = gaps.body_code
        and drivers.snapshot_date = gaps.snapshot_date
        and drivers.population = gaps.population
        and drivers.characteristic = gaps.characteristic
        and drivers.comparator_group = gaps.comparator_group
        and drivers.focal_group = gaps.focal_group
        and gaps.breakdown = 'all'
        and gaps.measure = 'quarter_share_upper'
inner join ref.pay_contrasts as contrasts
    on
        drivers.characteristic = contrasts.characteristic
        and drivers.comparator_group = contrasts.comparator_group
        and drivers.focal_group = contrasts.focal_group
where
    not contrasts.is_internal
    and (drivers.component in (
        'mean_gap', 'between_grades', 'within_grades', 'grade_dissimilarity', 'typical_gap',
        'upper_quarter_representation', 'cost_to_close', 'adjusted_gap', 'adjusted_gap_kennedy'
    )
    or (drivers.component = 'grade_gap' and drivers.characteristic = 'sex'))
