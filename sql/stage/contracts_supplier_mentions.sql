-- Grain: one way in which contracts name a supplier.
select
    'contracts' as feed,
    supplier.mention_key,
    min(supplier.supplier_name) as supplier_name,
    min(supplier.supplier_name_key) as supplier_name_key,
    min(supplier.company_number) as company_number,
    min(supplier.charity_number) as charity_number,
    min(supplier.other_id_scheme) as other_id_scheme,
    min(supplier.other_id) as other_id,
    min(supplier.vat_number) as vat_number,
    min(supplier.pcds) as pcds,
    bool_or(supplier.is_legal_entity) as is_identified
from stage.contracts_suppliers as supplier
group by supplier.mention_key
