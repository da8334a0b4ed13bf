-- Grain: one indicator of one financial year, breakdown value and edition of the Indices.
-- Every indicator has a row "all" in every year, also where there is no value: then its reason.
with parameter as (
    select max(parameters.parameter_value) as z
    from ref.indicator_parameters as parameters
    where parameters.parameter = 'normal_quantile_95'
),

-- What is told in parts, by year: also where those are withheld.
parts as (
    select
        figures.indicator_id,
        figures.financial_year
    from stage.indicator_figures as figures
    where
        figures.breakdown <> 'all'
        and (figures.measured_value is not null or figures.null_reason is distinct from 'not_supplied')
    group by figures.indicator_id, figures.financial_year
),

expected as (
    select
        indicator.indicator_id,
        years.financial_year,
        case
            when indicator.source_dataset is null then 'no_source'
            -- Parts are never added up.
            when parts.indicator_id is not null then 'not_added'
            when indicator.is_computed then 'not_supplied'
            else 'not_computed'
        end as null_reason
    from ref.indicators as indicator
    cross join stage.indicator_years as years
    left join parts
        on indicator.indicator_id = parts.indicator_id and years.financial_year = parts.financial_year
),

-- What is told service by service is expected of each service in every year.
service as (
    select
        figures.indicator_id,
        figures.breakdown,
        figures.breakdown_value,
        figures.iod_edition,
        min(figures.breakdown_label) as breakdown_label
    from stage.indicator_figures as figures
    where figures.breakdown = 'service'
    group by figures.indicator_id, figures.breakdown, figures.breakdown_value, figures.iod_edition
),

figure as (
    select
        figures.indicator_id,
        figures.financial_year,
        figures.breakdown,
        figures.breakdown_value,
        figures.breakdown_label,
        figures.iod_edition,
        figures.figure_basis,
        figures.measured_value,
        figures.numerator,
        figures.denominator,
        figures.ci_low,
        figures.ci_high,
        figures.bound_low,
        figures.bound_high,
        figures.completeness_share,
        figures.null_reason
    from stage.indicator_figures as figures
    union all
    select
        expected.indicator_id,
        expected.financial_year,
        'all' as breakdown,
        'all' as breakdown_value,
        'All' as breakdown_label,
        cast(null as varchar) as iod_edition,
        cast(null as varchar) as figure_basis,
        cast(null as double) as measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        cast(null as double) as bound_low,
        cast(null as double) as bound_high,
        cast(null as double) as completeness_share,
        expected.null_reason
    from expected
    where not exists (
        select 1
        from stage.indicator_figures as figures
        where
            figures.indicator_id = expected.indicator_id
            and figures.financial_year = expected.financial_year
            and figures.breakdown = 'all'
    )
    union all
    select
        service.indicator_id,
        years.financial_year,
        service.breakdown,
        service.breakdown_value,
        service.breakdown_label,
        service.iod_edition,
        cast(null as varchar) as figure_basis,
        cast(null as double) as measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high,
        cast(null as double) as bound_low,
        cast(null as double) as bound_high,
        cast(null as double) as completeness_share,
        'not_supplied' as null_reason
    from service
    cross join stage.indicator_years as years
    where not exists (
        select 1
        from stage.indicator_figures as figures
        where
            figures.indicator_id = service.indicator_id
            and figures.financial_year = years.financial_year
            and figures.breakdown = service.breakdown
            and figures.breakdown_value = service.breakdown_value
            and figures.iod_edition is not distinct from service.iod_edition
    )
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.breakdown,
    figure.breakdown_value,
    figure.breakdown_label,
    figure.iod_edition,
    indicator.unit,
    figure.measured_value,
    figure.numerator,
    figure.denominator,
    case
        when indicator.change_rule = 'newcombe' and figure.measured_value is not null
            then
                wilson_low(
                    coalesce(figure.numerator, figure.measured_value * figure.denominator),
                    figure.denominator,
                    parameter.z
                )
        else figure.ci_low
    end as ci_low,
    case
        when indicator.change_rule = 'newcombe' and figure.measured_value is not null
            then
                wilson_high(
                    coalesce(figure.numerator, figure.measured_value * figure.denominator),
                    figure.denominator,
                    parameter.z
                )
        else figure.ci_high
    end as ci_high,
    figure.bound_low,
    figure.bound_high,
    figure.completeness_share,
    figure.figure_basis,
    coalesce(figure.null_reason = 'withheld', false) as suppressed,
    case when figure.measured_value is null then figure.null_reason end as null_reason
from figure
inner join ref.indicators as indicator on figure.indicator_id = indicator.indicator_id
cross join parameter
