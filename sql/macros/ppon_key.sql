-- Public procurement organisation number in its one form, XXXX-0000-XXXX; it may stand bare or with
-- its scheme before it. Null when it cannot be one.
-- Rule: methods C5, pattern ^[A-Z]{4}-\d{4}-[A-Z]{4}$.
-- Example: ppon_key('GB-PPON:abcd-1234-efgh') = 'ABCD-1234-EFGH'
create macro ppon_key(published) as
    nullif(regexp_extract(
        upper(trim(published)), '^(GB-PPON[-: ]?)?([A-Z]{4}-[0-9]{4}-[A-Z]{4})$', 2
    ), '')
