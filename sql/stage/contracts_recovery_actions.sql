-- Grain: one action about a social value KPI of one contract.
select
    'contracts ' || report.body_code as submission,
    report.contract_ref || ' ' || report.kpi_ref || ' ' || report.monitoring_period as action_ref,
    report.contract_ref as agreement_ref,
    report.kpi_ref as deliverable_ref,
    report.action_text,
    report.action_owner,
    report.action_due as due_date,
    coalesce(report.action_status, 'open') as action_status
from stage.contracts_kpi_reports as report
inner join stage.contracts_kpis as kpi
    on
        report.body_code = kpi.body_code
        and report.contract_ref = kpi.contract_ref
        and report.kpi_ref = kpi.kpi_ref
where kpi.is_social_value and report.action_text is not null
