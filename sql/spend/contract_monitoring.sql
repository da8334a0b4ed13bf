-- Grain: one body (group: all of them) in one financial year.
-- Of the contracts that ran on the last day of the year and hold social value KPIs, those of which
-- each such KPI was reported on in the twelve months before.
with kpi as (
    select
        years.financial_year,
        kpi.body_code,
        kpi.contract_ref,
        kpi.kpi_ref,
        bool_or(
            coalesce(
                kpi.reported_date <= years.last_date
                and kpi.reported_date > years.last_date - interval 12 months,
                false
            )
        ) as is_reported
    from spend.contract_kpis as kpi
    inner join spend.contracts as contract
        on kpi.body_code = contract.body_code and kpi.contract_ref = contract.contract_ref
    inner join stage.indicator_years as years
        on contract.start_date <= years.last_date and contract.end_date >= years.last_date
    where kpi.is_social_value and contract.is_awarded
    group by years.financial_year, kpi.body_code, kpi.contract_ref, kpi.kpi_ref
),

contract as (
    select
        kpi.financial_year,
        kpi.body_code,
        kpi.contract_ref,
        count(*) as sv_kpis,
        count(*) filter (where kpi.is_reported) as reported_sv_kpis
    from kpi
    group by kpi.financial_year, kpi.body_code, kpi.contract_ref
)

select
    if(grouping(contract.body_code) = 1, 'group', contract.body_code) as body_code,
    contract.financial_year,
    count(*) as contracts,
    count(*) filter (where contract.reported_sv_kpis = contract.sv_kpis) as monitored_contracts,
    cast(sum(contract.sv_kpis) as bigint) as sv_kpis,
    cast(sum(contract.reported_sv_kpis) as bigint) as reported_sv_kpis,
    share(count(*) filter (where contract.reported_sv_kpis = contract.sv_kpis), count(*)) as monitored_share
from contract
group by grouping sets ((contract.body_code, contract.financial_year), (contract.financial_year))
