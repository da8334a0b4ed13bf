-- Grain: one way in which the payments name a supplier.
-- The identified payees of the ledgers, each way of naming them once. Withheld payees and names
-- that may be those of people are not here.
select
    'payments' as feed,
    line.mention_key,
    min(line.supplier_name) as supplier_name,
    min(line.supplier_name_key) as supplier_name_key,
    min(line.company_number) as company_number,
    min(line.charity_number) as charity_number,
    min(line.vat_number) as vat_number,
    min(line.pcds) as pcds,
    min(line.body_code) as body_code,
    min(line.supplier_ref) as supplier_ref,
    true as is_identified
from stage.spend_line_suppliers as line
where line.mention_key is not null
group by line.mention_key
