-- Grain: one contract that holds social value KPIs.
-- Contracts are announced by their award; a running tender is not.
select
    'contracts ' || known.body_code as submission,
    known.contract_ref as agreement_ref,
    'contract' as agreement_kind,
    known.title as agreement_title,
    if(known.contract_status in ('awarded', 'ended'), 'announced', 'undecided') as publication_status
from stage.contracts_known as known
where
    exists (
        select 1
        from stage.contracts_kpis as kpi
        where
            kpi.body_code = known.body_code
            and kpi.contract_ref = known.contract_ref
            and kpi.is_social_value
    )
