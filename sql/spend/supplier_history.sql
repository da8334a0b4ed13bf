-- Grain: one supplier and period in which nothing about it changes.
-- What was known of each supplier when: a payment takes the row of its posting date.
select
    period.supplier_key,
    entity.supplier_name,
    entity.org_id,
    period.valid_from,
    period.valid_to,
    period.vcse,
    period.vcse_evidence,
    period.sme,
    period.sme_evidence,
    period.rlw,
    period.rlw_evidence,
    period.sv_principles,
    period.sv_principles_evidence,
    period.csl,
    period.csl_evidence,
    period.evidence_refs,
    period.register_postcode,
    register_place.lad_code as register_lad_code,
    period.master_postcode,
    master_place.lad_code as master_lad_code,
    period.group_key,
    period.parent_name
from stage.supplier_periods as period
inner join stage.supplier_entities as entity on period.supplier_key = entity.supplier_key
left join stage.spend_postcodes as register_place
    on period.register_postcode = register_place.postcode_text
left join stage.spend_postcodes as master_place
    on period.master_postcode = master_place.postcode_text
