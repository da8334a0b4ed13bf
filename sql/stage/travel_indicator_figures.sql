-- Grain: one indicator of one financial year, service and edition of the Indices.
-- Whether travel services reach residents of the most disadvantaged areas (M26), of the open table and
-- nothing else. Services are never added: each has its own line of parity.
with parameter as (
    select max(parameters.parameter_value) as z
    from ref.indicator_parameters as parameters
    where parameters.parameter = 'normal_quantile_95'
),

reached as (
    select
        reach.financial_year,
        reach.service,
        reach.service_label,
        reach.iod_edition,
        reach.users_rounded,
        -- Counts are rounded apart: a part may come out above its whole.
        greatest(reach.placed_rounded, reach.users_rounded) as placed_rounded,
        reach.users_share,
        reach.reference_share,
        reach.representation_ratio,
        case when reach.suppressed then 'withheld' else reach.null_reason end as null_reason
    from travel.reach_of_services as reach
    where reach.band = 'most_deprived'
),

figure as (
    select
        reached.financial_year,
        'service' as breakdown,
        reached.service as breakdown_value,
        reached.service_label as breakdown_label,
        reached.iod_edition,
        reached.representation_ratio as measured_value,
        if(reached.representation_ratio is null, null, reached.users_share) as numerator,
        if(reached.representation_ratio is null, null, reached.reference_share) as denominator,
        case
            when reached.representation_ratio is not null
                then
                    wilson_low(reached.users_rounded, reached.placed_rounded, parameter.z)
                    / reached.reference_share
        end as ci_low,
        case
            when reached.representation_ratio is not null
                then
                    wilson_high(reached.users_rounded, reached.placed_rounded, parameter.z)
                    / reached.reference_share
        end as ci_high,
        case when reached.representation_ratio is null then coalesce(reached.null_reason, 'withheld') end
            as null_reason
    from reached
    cross join parameter
)

select
    'M26' as indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.iod_edition,
    figure.measured_value,
    figure.numerator,
    figure.denominator,
    figure.ci_low,
    figure.ci_high,
    figure.null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
