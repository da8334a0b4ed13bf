-- Grain: one step of one curve.
-- The curve of first tenancies kept. A curve ends where too few are at risk: five, for curves of
-- the whole service alone are told.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'least_at_risk')
            as least_of_all,
        cast(
            max(parameters.parameter_value) filter (where parameters.parameter = 'grouping_version')
            as bigint
        ) as grouping_version
    from ref.hf_parameters as parameters
)

select
    curves.body_code,
    curves.cohort,
    curves.step,
    curves.time_days,
    curves.at_risk,
    curves.events,
    curves.competing + curves.censored as censored,
    curves.survival,
    curves.std_error,
    curves.ci_low,
    curves.ci_high,
    definitions.definition,
    parameter.grouping_version
from stage.hf_curves as curves
cross join parameter
inner join ref.survival_definitions as definitions
    on curves.measure = definitions.measure
where
    curves.breakdown = 'all'
    and curves.at_risk >= parameter.least_of_all
    and curves.measure = 'first_tenancy'
