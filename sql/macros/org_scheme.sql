-- Scheme of an identifier written with it; null when it has none.
-- Rule: methods C5, identifiers. Example: org_scheme('GB-COH-01234567') = 'GB-COH'
create macro org_scheme(org_id) as
    nullif(regexp_extract(upper(trim(org_id)), '^(VAT|[A-Z]{2}-[A-Z]+)[-:](.+)$', 1), '')
