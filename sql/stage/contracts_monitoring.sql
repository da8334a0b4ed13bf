-- Grain: one social value KPI of one contract in one period.
select
    kpi.submission,
    report.contract_ref as agreement_ref,
    report.kpi_ref as deliverable_ref,
    report.monitoring_period,
    report.reported_date,
    report.actual as delivered,
    report.evidenced,
    report.is_met
from stage.contracts_kpi_reports as report
inner join stage.contracts_kpis as kpi
    on
        report.body_code = kpi.body_code
        and report.contract_ref = kpi.contract_ref
        and report.kpi_ref = kpi.kpi_ref
where kpi.is_social_value
