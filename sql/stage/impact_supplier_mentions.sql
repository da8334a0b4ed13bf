-- Grain: one way in which returns name their supplier.
select
    'supplier_returns' as feed,
    returned.mention_key,
    min(returned.reporter) as supplier_name,
    min(returned.supplier_name_key) as supplier_name_key,
    min(returned.company_number) as company_number,
    min(returned.charity_number) as charity_number,
    true as is_identified
from stage.impact_supplier_returns as returned
group by returned.mention_key
