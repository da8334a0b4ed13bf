-- Grain: one register of contracts of one body, in one financial year that its contract managers reported on.
-- Any KPI shows that reports came: who reports on complaints and not on social value has not monitored
-- it. They report on their own list and on what notices tell alike. A report has a place for what is
-- done about a KPI that was missed, so actions came with it.
select
    register.register_name || ' ' || report.body_code as submission,
    'contract' as agreement_kind,
    split_part(report.monitoring_period, ' ', 1) as financial_year,
    true as has_actions
from raw.contracts_kpi_reports as report
cross join unnest(['contracts', 'notices']) as register(register_name)
group by register.register_name, report.body_code, split_part(report.monitoring_period, ' ', 1)
