-- Key of a legal entity: of its identifier and the scheme that gave it.
-- Rule: methods C5, identifiers. The key of a company is the one that payments with its number have
-- always had.
-- Example: organisation_key('GB-COH', '01234567') = organisation_key('GB-COH', '01234567')
create macro organisation_key(org_id_scheme, identifier) as
    cast(md5(concat(org_id_scheme, '|', identifier)) as uuid)
