-- Grain: one way in which quotations name a supplier.
select
    'quotations' as feed,
    quotation.mention_key,
    min(quotation.supplier_name) as supplier_name,
    min(quotation.supplier_name_key) as supplier_name_key,
    min(quotation.company_number) as company_number,
    min(quotation.charity_number) as charity_number,
    min(quotation.pcds) as pcds,
    bool_or(quotation.is_legal_entity) as is_identified
from stage.quotations as quotation
group by quotation.mention_key
