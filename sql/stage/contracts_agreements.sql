-- Grain: one contract that holds social value KPIs.
-- Contracts are announced by their award; a running tender is not. The KPIs of a contract are all of
-- one register.
with held as (
    select
        kpi.body_code,
        kpi.contract_ref,
        max(kpi.submission) as submission
    from stage.contracts_kpis as kpi
    where kpi.is_social_value
    group by kpi.body_code, kpi.contract_ref
)

select
    held.submission,
    known.contract_ref as agreement_ref,
    'contract' as agreement_kind,
    known.title as agreement_title,
    if(known.contract_status in ('awarded', 'ended'), 'announced', 'undecided') as publication_status
from stage.contracts_known as known
inner join held on known.body_code = held.body_code and known.contract_ref = held.contract_ref
