-- Grain: one component of one contrast on one snapshot date, in one breakdown.
-- Components of each pay gap; within grades of the gap by sex alone. What closing the gaps would cost is
-- told for all grades together, and not for each.
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
    drivers.n_focal as n_focal_rounded,
    drivers.n_comparator as n_comparator_rounded,
    case
        when drivers.reliability in ('reliable', 'low_reliability') then drivers.reliability
    end as reliability,
    drivers.is_flagged,
    false as suppressed,
    case
        when drivers.unit in ('share', 'ratio') and gaps.value is null
            then coalesce(drivers.null_reason, 'few_in_a_quarter')
        else drivers.null_reason
    end as null_reason
from stage.pay_drivers as drivers
cross join site.settings as settings
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
