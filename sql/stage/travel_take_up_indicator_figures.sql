-- Grain: one indicator of one financial year, authority, decile and edition of the Indices.
-- Take-up of older people's passes (SP01), their journeys by deprivation of the home (SP05), and these over
-- the share of eligible residents (SP06): of the open table and nothing else. Merseytravel and Halton
-- stand apart. How journeys spread over people is not open, so SP05 and SP06 bring no interval.
with parameter as (
    select max(parameters.parameter_value) as z
    from ref.indicator_parameters as parameters
    where parameters.parameter = 'normal_quantile_95'
),

-- A decile as itself, the first two together as well, and all homes that are placed in the area.
in_band as (
    select
        holders.financial_year,
        services.service,
        services.service_label,
        holders.iod_edition,
        unnest(
            case
                when holders.imd_decile is null then ['all']
                when holders.imd_decile in (1, 2) then [cast(holders.imd_decile as varchar), '1 and 2']
                else [cast(holders.imd_decile as varchar)]
            end
        ) as band,
        holders.holders_rounded,
        holders.residents,
        holders.residents_share,
        holders.take_up_share,
        holders.journeys_share,
        holders.journey_months,
        holders.null_reason
    from travel.pass_holders as holders
    inner join ref.reach_services as services on holders.issuing_authority || '_passes' = services.service
    where holders.pass_group = 'older' and holders.iod_edition <> 'none'
),

band as (
    select
        in_band.financial_year,
        in_band.service,
        in_band.service_label,
        in_band.iod_edition,
        in_band.band,
        max(in_band.journey_months) as journey_months,
        -- What is withheld of one decile is withheld of what it is part of.
        bool_and(in_band.take_up_share is not null) as has_take_up,
        bool_and(in_band.journeys_share is not null) as has_journeys,
        cast(sum(in_band.holders_rounded) as double) as holders,
        cast(sum(in_band.residents) as double) as residents,
        cast(exact_sum(in_band.residents_share) as double) as residents_share,
        cast(exact_sum(in_band.journeys_share) as double) as journeys_share,
        max(in_band.null_reason) as null_reason
    from in_band
    group by
        in_band.financial_year, in_band.service, in_band.service_label, in_band.iod_edition, in_band.band
),

figure as (
    select
        'SP01' as indicator_id,
        band.*,
        if(band.has_take_up, round(share(band.holders, band.residents), 4), null) as measured_value,
        band.holders as numerator,
        band.residents as denominator,
        -- More holders than residents are counted as they are, so their number is what varies.
        case
            when band.holders <= band.residents then wilson_low(band.holders, band.residents, parameter.z)
            else share(band.holders - parameter.z * sqrt(band.holders), band.residents)
        end as ci_low,
        case
            when band.holders <= band.residents then wilson_high(band.holders, band.residents, parameter.z)
            else share(band.holders + parameter.z * sqrt(band.holders), band.residents)
        end as ci_high
    from band
    cross join parameter
    union all
    select
        'SP05' as indicator_id,
        band.*,
        if(band.has_journeys, round(band.journeys_share, 3), null) as measured_value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high
    from band
    where band.band in ('1', '1 and 2')
    union all
    select
        'SP06' as indicator_id,
        band.*,
        if(band.has_journeys, round(share(band.journeys_share, band.residents_share), 3), null)
            as measured_value,
        band.journeys_share as numerator,
        band.residents_share as denominator,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high
    from band
    where band.band in ('1', '1 and 2')
)

select
    figure.indicator_id,
    figure.financial_year,
    figure.service as breakdown,
    figure.band as breakdown_value,
    figure.service_label || case figure.band
        when 'all' then ', all homes in the area'
        when '1 and 2' then ', deciles 1 and 2'
        else ', decile ' || figure.band
    end as breakdown_label,
    figure.iod_edition,
    figure.measured_value,
    if(figure.measured_value is null, null, figure.numerator) as numerator,
    if(figure.measured_value is null, null, figure.denominator) as denominator,
    if(figure.measured_value is null, null, figure.ci_low) as ci_low,
    if(figure.measured_value is null, null, figure.ci_high) as ci_high,
    case
        when figure.measured_value is not null then null
        when figure.null_reason is not null then figure.null_reason
        when figure.indicator_id <> 'SP01' and figure.journey_months = 0 then 'not_supplied'
        when figure.indicator_id <> 'SP01' and figure.journey_months < 12 then 'year_incomplete'
        else 'withheld'
    end as null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
