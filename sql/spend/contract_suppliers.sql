-- Grain: one supplier of one contract.
select
    supplier.body_code,
    supplier.contract_ref,
    supplier.mention_key,
    matched.supplier_key,
    supplier.supplier_name,
    supplier.company_number,
    supplier.charity_number,
    supplier.other_id_scheme,
    supplier.other_id,
    supplier.pcds,
    matched.org_id,
    matched.org_id_scheme,
    matched.match_method,
    matched.match_score,
    supplier.scale,
    coalesce(supplier.notice_sme, supplier.register_sme) as says_sme,
    coalesce(supplier.notice_vcse, supplier.register_vcse) as says_vcse,
    supplier.is_in_register,
    supplier.is_in_notice,
    supplier.is_legal_entity
from stage.contracts_suppliers as supplier
left join stage.supplier_matches as matched on supplier.mention_key = matched.mention_key
