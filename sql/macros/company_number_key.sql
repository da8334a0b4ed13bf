-- Companies House number in its one form: eight characters, digits padded with noughts on the left;
-- null when it cannot be one.
-- Rule: eight digits (four or more may be written), or two letters and six digits, or a registered
-- society's letters, five digits and R.
-- Example: company_number_key('4166647') = '04166647'; company_number_key('sc12345') = 'SC012345';
-- company_number_key('N/A') is null.
create macro company_number_key(published) as
    case
        when regexp_full_match(regexp_replace(published, '[^A-Za-z0-9]', '', 'g'), '[0-9]{4,8}')
            and regexp_matches(published, '[1-9]')
            then lpad(regexp_replace(published, '[^0-9]', '', 'g'), 8, '0')
        when regexp_full_match(
            regexp_replace(published, '[^A-Za-z0-9]', '', 'g'), '[A-Za-z]{2}[0-9]{1,6}'
        )
            then concat(
                upper(regexp_replace(published, '[^A-Za-z]', '', 'g')),
                lpad(regexp_replace(published, '[^0-9]', '', 'g'), 6, '0')
            )
        when regexp_full_match(
            upper(regexp_replace(published, '[^A-Za-z0-9]', '', 'g')), '(IP|SP|NP)[0-9]{5}R'
        )
            then upper(regexp_replace(published, '[^A-Za-z0-9]', '', 'g'))
    end
