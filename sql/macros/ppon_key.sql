-- Identifier of the national procurement platform in its one form, ABCD-1234-EFGH; null when it
-- cannot be one.
-- Rule: methods C5; it is written GB-PPON:ABCD-1234-EFGH, GB-PPON-ABCD-1234-EFGH or bare.
-- Example: ppon_key('GB-PPON:abcd-1234-efgh') = 'ABCD-1234-EFGH'; ppon_key('GB-CFS-12') is null.
create macro ppon_key(published) as
    nullif(
        regexp_extract(
            upper(trim(published)), '^(?:GB-PPON[:-])?([A-Z]{4}-[0-9]{4}-[A-Z]{4})$', 1
        ),
        ''
    )
