-- Grain: one social value KPI of one contract.
select
    'contracts ' || kpi.body_code as submission,
    kpi.contract_ref as agreement_ref,
    kpi.kpi_ref as deliverable_ref,
    kpi.kpi_name as deliverable,
    kpi.kpi_owner as deliverable_owner,
    kpi.target as committed,
    kpi.unit,
    kpi.due_date,
    true as is_kpi
from stage.contracts_kpis as kpi
where kpi.is_social_value
