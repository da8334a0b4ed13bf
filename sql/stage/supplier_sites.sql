-- Grain: one site of a supplier, kind of evidence and first day.
-- The branches and depots from which suppliers work, with what shows it and when.
select
    match.supplier_key,
    tidy_text(site.site_postcode) as postcode_text,
    site.evidence_type,
    kind.evidence_order,
    site.valid_from,
    max(coalesce(site.valid_to, date '9999-12-31')) as valid_until
from raw.spend_supplier_sites as site
inner join stage.supplier_list_rows as entry
    on entry.feed = 'supplier_sites'
    and site.line_key = entry.line_key
inner join stage.supplier_matches as match on entry.mention_key = match.mention_key
inner join ref.supplier_site_evidence as kind on site.evidence_type = kind.evidence_type
group by
    match.supplier_key, tidy_text(site.site_postcode), site.evidence_type, kind.evidence_order,
    site.valid_from
