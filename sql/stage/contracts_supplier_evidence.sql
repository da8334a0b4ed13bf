-- Grain: one piece of evidence that a contract gives about a supplier.
-- A clause says that the living wage is paid while the contract runs; a social value KPI that the
-- supplier works by such principles; the platform and the register repeat what suppliers say of
-- themselves. scale = large is no answer, nor is silence. What a contract that has ended said held
-- until its end, and is no evidence where nobody says when that was.
with contracted as (
    select
        supplier.mention_key,
        supplier.contract_ref,
        supplier.body_code,
        supplier.notice_sme,
        supplier.notice_vcse,
        supplier.register_sme,
        supplier.register_vcse,
        known.award_date,
        known.start_date,
        known.end_date,
        known.rlw_clause,
        known.sv_clause,
        known.contract_status = 'awarded' or known.end_date is not null as has_known_term
    from stage.contracts_suppliers as supplier
    inner join stage.contracts_known as known
        on supplier.body_code = known.body_code and supplier.contract_ref = known.contract_ref
    where supplier.is_legal_entity and known.contract_status in ('awarded', 'ended')
),

evidence as (
    select
        contracted.mention_key,
        'rlw' as attribute,
        contracted.rlw_clause as answer,
        'contract_clause' as evidence_kind,
        coalesce(contracted.start_date, contracted.award_date) as valid_from,
        contracted.end_date as valid_to,
        contracted.body_code,
        contracted.contract_ref
    from contracted
    where contracted.rlw_clause and contracted.has_known_term
    union all
    select
        contracted.mention_key,
        'sv_principles' as attribute,
        true as answer,
        'contract_kpi' as evidence_kind,
        coalesce(contracted.start_date, contracted.award_date) as valid_from,
        contracted.end_date as valid_to,
        contracted.body_code,
        contracted.contract_ref
    from contracted
    where
        contracted.has_known_term
        and (
            contracted.sv_clause
            or exists (
                select 1
                from stage.contracts_kpis as kpi
                where
                    kpi.body_code = contracted.body_code
                    and kpi.contract_ref = contracted.contract_ref
                    and kpi.is_social_value
            )
        )
    union all
    select
        contracted.mention_key,
        declared.attribute,
        declared.answer,
        declared.evidence_kind,
        contracted.award_date as valid_from,
        cast(null as date) as valid_to,
        contracted.body_code,
        contracted.contract_ref
    from contracted
    cross join unnest([
        {'attribute': 'sme', 'evidence_kind': 'platform_declaration', 'answer': contracted.notice_sme},
        {'attribute': 'vcse', 'evidence_kind': 'platform_declaration', 'answer': contracted.notice_vcse},
        {'attribute': 'sme', 'evidence_kind': 'supplier_declaration', 'answer': contracted.register_sme},
        {'attribute': 'vcse', 'evidence_kind': 'supplier_declaration', 'answer': contracted.register_vcse}
    ]) as said(declared)
    where declared.answer is not null
)

select
    evidence.mention_key,
    evidence.attribute,
    evidence.answer,
    evidence.evidence_kind,
    evidence.valid_from,
    evidence.valid_to,
    'contract ' || evidence.body_code || ' ' || evidence.contract_ref as source_ref
from evidence
