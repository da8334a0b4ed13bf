-- Grain: one answer of a supplier about itself, in one return.
-- What a supplier declares holds for the financial year of its return. Its word ranks below registers
-- and certificates (ref.supplier_evidence_kinds).
with answered as (
    select
        returned.mention_key,
        returned.submission,
        make_date(
            cast(left(returned.claim_period, 4) as integer),
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as valid_from,
        bool_or(returned.is_vcse) as vcse,
        bool_or(returned.is_sme) as sme,
        bool_or(returned.pays_real_living_wage) as rlw,
        bool_or(returned.has_social_value_policy) as sv_principles
    from stage.impact_supplier_returns as returned
    cross join site.settings as settings
    group by
        returned.mention_key, returned.submission, returned.claim_period,
        settings.financial_year_start_month, settings.financial_year_start_day
),

answer as (
    select
        answered.mention_key,
        answered.submission,
        answered.valid_from,
        'vcse' as attribute,
        'supplier_declaration' as evidence_kind,
        answered.vcse as answer
    from answered
    union all
    select
        answered.mention_key,
        answered.submission,
        answered.valid_from,
        'sme' as attribute,
        'supplier_declaration' as evidence_kind,
        answered.sme as answer
    from answered
    union all
    select
        answered.mention_key,
        answered.submission,
        answered.valid_from,
        'rlw' as attribute,
        'supplier_declaration' as evidence_kind,
        answered.rlw as answer
    from answered
    union all
    select
        answered.mention_key,
        answered.submission,
        answered.valid_from,
        'sv_principles' as attribute,
        'declared_policy' as evidence_kind,
        answered.sv_principles as answer
    from answered
)

select
    answer.mention_key,
    answer.attribute,
    answer.answer,
    answer.evidence_kind,
    answer.valid_from,
    cast(answer.valid_from + interval 1 year - interval 1 day as date) as valid_to,
    'return ' || answer.submission as source_ref
from answer
where answer.answer is not null
