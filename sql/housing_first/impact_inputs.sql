-- Grain: one kind of contact by one source.
-- Methods, B7. Without a comparison group what would have been is the time before with its
-- trend, and that is said. Unit values, deadweight, attribution, displacement and discount are
-- the impact pipeline's; nothing of them is here, so nothing is counted twice.
with parameter as (
    select
        max(parameters.parameter_value) filter (where parameters.parameter = 'trend_factor')
            as trend_factor,
        max(parameters.parameter_value) filter (where parameters.parameter = 'contact_window_days')
            as window_days,
        max(parameters.parameter_value) filter (where parameters.parameter = 'days_per_year')
            as days_per_year
    from ref.hf_parameters as parameters
),

kept as (
    select
        sustainment.body_code,
        sustainment.rmst_days / sustainment.landmark_days as exposure_share,
        sustainment.null_reason
    from housing_first.sustainment as sustainment
    where
        sustainment.cohort = 'all'
        and sustainment.breakdown = 'all'
        and sustainment.landmark_months = 12
),

rates as (
    select
        contact.body_code,
        contact.measure,
        contact.measure_label,
        contact.information_source,
        contact.people,
        contact.rate_before,
        cast(parameter.trend_factor as double) as trend_factor,
        contact.rate_before * cast(parameter.trend_factor as double) as rate_without,
        contact.rate_after as rate_with,
        cast(parameter.window_days as double) / cast(parameter.days_per_year as double) as years,
        contact.null_reason
    from housing_first.contact_rates as contact
    cross join parameter
)

select
    rates.body_code,
    rates.measure,
    rates.measure_label,
    measures.unit,
    rates.information_source,
    rates.people,
    rates.rate_before,
    rates.trend_factor,
    rates.rate_without,
    rates.rate_with,
    rates.years,
    (rates.rate_without - rates.rate_with) * rates.people * rates.years as gross_change,
    kept.exposure_share,
    (rates.rate_without - rates.rate_with) * rates.people * rates.years * kept.exposure_share
        as exposed_change,
    'time_before_with_trend' as counterfactual_basis,
    case
        when rates.null_reason is not null then rates.null_reason
        when kept.body_code is null then 'not_supplied'
        else kept.null_reason
    end as null_reason
from rates
inner join ref.hf_outcome_measures as measures
    on rates.measure = measures.measure
left join kept
    on rates.body_code = kept.body_code
