-- Which KPIs of contracts were missed, how were they rated, and what is done about it?
-- tier: spend
select
    body_code,
    contract_ref,
    contract_title,
    kpi_ref,
    kpi_name,
    is_social_value,
    monitoring_period,
    target,
    actual,
    rating,
    action_text,
    action_owner,
    action_due
from spend.contract_kpis
where is_met = false
order by body_code, contract_ref, kpi_ref, monitoring_period
