-- Grain: one body (group: all of them) in one financial year.
-- Of the contracts that ran on the last day of the year and hold social value KPIs, those of which
-- each such KPI was reported on in the twelve months before. Where the contract managers of a body
-- reported nothing at all in them, what was not reported is not known: without their reports a body
-- has no figure, and neither have all of them together.
with report as (
    select
        years.financial_year,
        report.body_code
    from stage.contracts_kpi_reports as report
    inner join stage.indicator_years as years
        on
            report.reported_date <= years.last_date
            and report.reported_date > years.last_date - interval 12 months
    where report.told_by = 'authority'
    group by years.financial_year, report.body_code
),

kpi as (
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
        count(*) filter (where kpi.is_reported) as reported_sv_kpis,
        bool_and(kpi.is_reported) as is_monitored,
        bool_or(report.body_code is null) and not bool_and(kpi.is_reported) as is_not_known
    from kpi
    left join report on kpi.financial_year = report.financial_year and kpi.body_code = report.body_code
    group by kpi.financial_year, kpi.body_code, kpi.contract_ref
),

counted as (
    select
        if(grouping(contract.body_code) = 1, 'group', contract.body_code) as body_code,
        contract.financial_year,
        count(*) as contracts,
        count(*) filter (where contract.is_monitored) as monitored_contracts,
        count(*) filter (where contract.is_not_known) as not_known_contracts,
        cast(sum(contract.sv_kpis) as bigint) as sv_kpis,
        cast(sum(contract.reported_sv_kpis) as bigint) as reported_sv_kpis
    from contract
    group by grouping sets ((contract.body_code, contract.financial_year), (contract.financial_year))
),

reasoned as (
    select
        counted.*,
        case
            when counted.not_known_contracts = counted.contracts then 'not_supplied'
            when counted.not_known_contracts > 0 then 'partly_supplied'
        end as null_reason
    from counted
)

select
    reasoned.body_code,
    reasoned.financial_year,
    reasoned.contracts,
    case when reasoned.null_reason is null then reasoned.monitored_contracts end as monitored_contracts,
    reasoned.not_known_contracts,
    reasoned.sv_kpis,
    case when reasoned.null_reason is null then reasoned.reported_sv_kpis end as reported_sv_kpis,
    case
        when reasoned.null_reason is null then share(reasoned.monitored_contracts, reasoned.contracts)
    end as monitored_share,
    share(reasoned.monitored_contracts, reasoned.contracts) as lower_share,
    share(reasoned.monitored_contracts + reasoned.not_known_contracts, reasoned.contracts) as upper_share,
    null_reasons([
        ['monitored_contracts', reasoned.null_reason],
        ['reported_sv_kpis', reasoned.null_reason],
        ['monitored_share', reasoned.null_reason]
    ]) as null_reasons
from reasoned
