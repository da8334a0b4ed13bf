-- Grain: one KPI in one period.
select
    report.body_code,
    kpi.contract_ref,
    report.kpi_ref,
    report.monitoring_period,
    report.reported_date,
    cast(report.actual as double) as actual,
    cast(report.evidenced as double) as evidenced,
    report.rating,
    case
        when report.rating = 'good' then true
        when report.rating in ('approaching_target', 'requires_improvement', 'inadequate') then false
        when kpi.better = 'higher' then report.actual >= kpi.target
        else report.actual <= kpi.target
    end as is_met,
    report.action_text,
    report.action_owner,
    report.action_due,
    report.action_status
from raw.contracts_kpi_reports as report
left join stage.contracts_known as known
    on
        report.body_code = known.body_code
        and report.contract_ref in (upper(known.contract_ref), known.register_ref)
inner join stage.contracts_kpis as kpi
    on
        report.body_code = kpi.body_code
        and coalesce(known.contract_ref, report.contract_ref) = kpi.contract_ref
        and report.kpi_ref = kpi.kpi_ref
