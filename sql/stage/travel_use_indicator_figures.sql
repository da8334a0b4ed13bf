-- Grain: one indicator of one financial year and authority.
-- How many passes are used (SP03), how often (SP04) and when (SP07): of the open table and nothing else.
-- Merseytravel and Halton stand apart. Where no journeys were supplied nobody is called inactive.
with figure as (
    select
        holders.financial_year,
        services.service,
        services.service_label,
        holders.journey_months,
        unnest(
            [
                {
                    'id': 'SP03',
                    'value': holders.active_share,
                    'part': cast(holders.active_rounded as double),
                    'whole': cast(greatest(holders.holders_rounded, holders.active_rounded) as double)
                },
                {
                    'id': 'SP04',
                    'value': holders.journeys_per_pass,
                    'part': cast(null as double),
                    'whole': cast(null as double)
                },
                {
                    'id': 'SP07',
                    'value': holders.peak_share,
                    'part': cast(null as double),
                    'whole': cast(null as double)
                }
            ]
        ) as cell
    from travel.pass_holders as holders
    inner join ref.reach_services as services on holders.issuing_authority || '_passes' = services.service
    where holders.pass_group = 'all'
)

select
    figure.cell.id as indicator_id,
    figure.financial_year,
    'service' as breakdown,
    figure.service as breakdown_value,
    figure.service_label as breakdown_label,
    figure.cell.value as measured_value,
    if(figure.cell.value is null, null, figure.cell.part) as numerator,
    if(figure.cell.value is null, null, figure.cell.whole) as denominator,
    case
        when figure.cell.value is not null then null
        when figure.journey_months = 0 then 'not_supplied'
        when figure.journey_months < 12 then 'year_incomplete'
        else 'withheld'
    end as null_reason
from figure
inner join stage.indicator_years as years on figure.financial_year = years.financial_year
