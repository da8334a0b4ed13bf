-- Grain: one supplier of one contract in one issue of the register.
select
    register.body_code,
    register.register_date,
    register.contract_ref,
    coalesce(register.lot_ref, 'ALL') as lot_ref,
    tidy_text(register.supplier_name) as supplier_name,
    min(company_number_key(register.company_number)) as company_number,
    min(charity_number_key(register.charity_number)) as charity_number,
    min(postcode_pcds(register.supplier_postcode)) as pcds,
    bool_or(register.supplier_sme) as is_sme,
    bool_or(register.supplier_vcse) as is_vcse
from raw.contracts_register as register
where tidy_text(register.supplier_name) is not null
group by
    register.body_code, register.register_date, register.contract_ref, coalesce(register.lot_ref, 'ALL'),
    tidy_text(register.supplier_name)
