-- Key of one way in which a supplier is named: its comparable name, the numbers given for it, the
-- postcode, and the number it has in the ledger of one body. All may be null; the same facts give
-- the same key, whichever feed names them. The body counts only where there is a ledger number,
-- since a name means the same in every ledger.
-- Rule: methods C5; a mention is what is matched, once, to a legal entity.
-- Example: supplier_mention_key('example', null, null, null, 'L3 1BP', 'a', null)
-- = supplier_mention_key('example', null, null, null, 'L3 1BP', 'b', null)
create macro supplier_mention_key(
    name_key, company_number, charity_number, vat_number, pcds, body_code, supplier_ref
) as
    cast(md5(concat(
        'name|', coalesce(name_key, ''),
        '|coh|', coalesce(company_number, ''),
        '|chc|', coalesce(charity_number, ''),
        '|vat|', coalesce(vat_number, ''),
        '|pcds|', coalesce(pcds, ''),
        '|ref|', case when supplier_ref is null then '' else concat(body_code, '|', supplier_ref) end
    )) as uuid)
