-- Charity number in its one form: digits for England and Wales, SC and six digits for Scotland,
-- NIC and six digits for Northern Ireland; the number of a subsidiary (-1) is dropped, since the
-- charity is the legal entity. Null when it cannot be one.
-- Rule: methods C5, schemes GB-CHC, GB-SC and GB-NIC.
-- Example: charity_number_key('209782-1') = '209782'; charity_number_key('sc 12345') = 'SC012345'
create macro charity_number_key(published) as
    case
        when regexp_full_match(trim(published), '[0-9]{5,7}( *[-/] *[0-9]{1,3})?')
            then regexp_extract(trim(published), '^[0-9]+')
        when regexp_full_match(regexp_replace(published, '[^A-Za-z0-9]', '', 'g'), '(?i)sc[0-9]{4,6}')
            then concat('SC', lpad(regexp_replace(published, '[^0-9]', '', 'g'), 6, '0'))
        when regexp_full_match(
            regexp_replace(published, '[^A-Za-z0-9]', '', 'g'), '(?i)nic?[0-9]{6}'
        )
            then concat('NIC', regexp_replace(published, '[^0-9]', '', 'g'))
    end
