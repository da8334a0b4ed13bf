-- Grain: one indicator of one financial year, of the bodies together (all) or of one body.
-- CO09. Which bodies are together is part of what a figure of all rests on.
with together as (
    select string_agg(distinct counted.body_code, ', ' order by counted.body_code) as bodies
    from spend.contract_monitoring as counted
    where counted.body_code <> 'group'
),

-- Contracts with social value KPIs, that ran at the end of a year or not. Notices alone are not all the
-- contracts there are.
known as (
    select coalesce(bool_or(contract.sv_kpis > 0) and bool_or(contract.told_by <> 'notice'), false) as has_kpis
    from spend.contracts as contract
    where contract.is_awarded
),

figure as (
    select
        counted.financial_year,
        counted.body_code,
        counted.monitored_share,
        counted.monitored_contracts,
        case when counted.monitored_share is not null then counted.contracts end as contracts,
        case when counted.not_known_contracts > 0 then counted.lower_share end as bound_low,
        case when counted.not_known_contracts > 0 then counted.upper_share end as bound_high,
        case
            when counted.not_known_contracts > 0
                then share(counted.contracts - counted.not_known_contracts, counted.contracts)
        end as completeness_share,
        json_extract_string(counted.null_reasons, '$.monitored_share') as null_reason
    from spend.contract_monitoring as counted
    union all
    -- Years at whose end no such contract ran.
    select
        years.financial_year,
        'group' as body_code,
        cast(null as double) as monitored_share,
        cast(null as bigint) as monitored_contracts,
        cast(null as bigint) as contracts,
        cast(null as double) as bound_low,
        cast(null as double) as bound_high,
        cast(null as double) as completeness_share,
        'nothing_due' as null_reason
    from stage.indicator_years as years
    cross join known
    where
        known.has_kpis
        and not exists (
            select 1
            from spend.contract_monitoring as counted
            where counted.financial_year = years.financial_year
        )
)

select
    'CO09' as indicator_id,
    figure.financial_year,
    if(figure.body_code = 'group', 'all', 'body') as breakdown,
    if(figure.body_code = 'group', 'all', figure.body_code) as breakdown_value,
    if(figure.body_code = 'group', 'All bodies', coalesce(body.body_name, figure.body_code))
        as breakdown_label,
    case when figure.body_code = 'group' then together.bodies end as figure_basis,
    figure.monitored_share as measured_value,
    cast(figure.monitored_contracts as double) as numerator,
    cast(figure.contracts as double) as denominator,
    figure.bound_low,
    figure.bound_high,
    figure.completeness_share,
    figure.null_reason
from figure
cross join together
left join site.bodies as body on figure.body_code = body.body_code
