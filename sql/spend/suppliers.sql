-- Grain: one supplier, as it is today.
-- The legal entities that the payments and other feeds name, with what is known of each on the day
-- of the release. A supplier that is not matched to a legal entity stands under a key of its own.
with paid as (
    select
        supplier_key,
        min(posting_date) as first_paid_on,
        max(posting_date) as last_paid_on,
        count(*) as payment_lines,
        sum(case when in_scope then amount_gbp else 0 end) as procurement_gbp
    from spend.payments
    where is_identified and excluded_reason is null
    group by supplier_key
)

select
    entity.supplier_key,
    entity.supplier_name,
    entity.org_id,
    entity.org_id_scheme,
    entity.company_number,
    entity.charity_number,
    entity.match_method,
    case when entity.match_method <> 'none' then 1.0 end as match_score,
    entity.reviewed_by,
    entity.needs_review,
    entity.legal_form,
    entity.legal_form_basis,
    entity.organisation_kind,
    period.vcse,
    period.vcse_evidence,
    period.sme,
    period.sme_evidence,
    period.rlw,
    period.rlw_evidence,
    period.sv_principles,
    period.sv_principles_evidence,
    period.csl,
    period.evidence_refs,
    period.parent_name,
    coalesce(period.register_postcode, period.master_postcode) as registered_postcode,
    case
        when period.register_postcode is not null then 'register'
        when period.master_postcode is not null then 'supplier_master'
    end as registered_postcode_basis,
    entity.in_register,
    entity.registered_on,
    entity.dissolved_on,
    paid.last_paid_on > entity.dissolved_on as paid_after_dissolution,
    paid.first_paid_on,
    paid.last_paid_on,
    coalesce(paid.payment_lines, 0) as payment_lines,
    coalesce(paid.procurement_gbp, 0) as procurement_gbp
from stage.supplier_entities as entity
cross join site.as_of as today
inner join stage.supplier_periods as period
    on entity.supplier_key = period.supplier_key
    and coalesce(period.valid_from, date '0001-01-01') <= today.as_of
    and today.as_of <= coalesce(period.valid_to, date '9999-12-31')
left join paid on entity.supplier_key = paid.supplier_key
