-- Grain: one way in which one of the supplier lists names a supplier.
-- Names that may be those of people are no mentions, unless a number says that they are not.
select
    entry.feed,
    entry.mention_key,
    min(entry.supplier_name) as supplier_name,
    min(entry.supplier_name_key) as supplier_name_key,
    min(entry.company_number) as company_number,
    min(entry.charity_number) as charity_number,
    min(entry.other_id_scheme) as other_id_scheme,
    min(entry.other_id) as other_id,
    min(entry.vat_number) as vat_number,
    min(entry.pcds) as pcds,
    min(entry.body_code) as body_code,
    min(entry.supplier_ref) as supplier_ref,
    true as is_identified
from stage.supplier_list_rows as entry
left join stage.spend_payees as payee on entry.supplier_name = payee.payee_name
where
    entry.company_number is not null
    or entry.charity_number is not null
    or entry.other_id is not null
    or entry.vat_number is not null
    or (
        (entry.supplier_name is not null or entry.supplier_ref is not null)
        and not coalesce(payee.may_be_person, false)
        and payee.redaction is null
    )
group by entry.feed, entry.mention_key
