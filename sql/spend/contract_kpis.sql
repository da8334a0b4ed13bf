-- Grain: one KPI of one contract in one period.
select
    kpi.body_code,
    kpi.contract_ref,
    kpi.kpi_ref,
    coalesce(report.monitoring_period, 'none') as monitoring_period,
    contract.title as contract_title,
    kpi.kpi_name,
    kpi.kpi_owner,
    kpi.is_social_value,
    kpi.target,
    kpi.unit,
    kpi.better,
    kpi.due_date,
    report.reported_date,
    report.actual,
    report.evidenced,
    report.rating,
    report.is_met,
    report.action_text,
    report.action_owner,
    report.action_due,
    report.action_status,
    kpi.told_by
from stage.contracts_kpis as kpi
left join stage.contracts_kpi_reports as report
    on
        kpi.body_code = report.body_code
        and kpi.contract_ref = report.contract_ref
        and kpi.kpi_ref = report.kpi_ref
left join stage.contracts_known as contract
    on kpi.body_code = contract.body_code and kpi.contract_ref = contract.contract_ref
