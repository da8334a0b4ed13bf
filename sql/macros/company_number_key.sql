-- Companies House number in its one form: eight characters, digits padded with noughts on the left; null when it cannot be one.
-- Rule: eight digits, or two letters and six digits, or a registered society's letters, five digits and R.
-- Example: company_number_key('4166647') = '04166647'; company_number_key('sc12345') = 'SC012345'; company_number_key('N/A') is null
create macro company_number_key(published) as
    case
        when regexp_matches(regexp_replace(upper(published), '[^A-Z0-9]', '', 'g'), '^[0-9]*[1-9][0-9]*$')
            and length(regexp_replace(published, '[^0-9]', '', 'g')) between 4 and 8
            then lpad(regexp_replace(published, '[^0-9]', '', 'g'), 8, '0')
        when regexp_matches(regexp_replace(upper(published), '[^A-Z0-9]', '', 'g'), '^[A-Z]{2}[0-9]{1,6}$')
            then left(regexp_replace(upper(published), '[^A-Z]', '', 'g'), 2)
                || lpad(regexp_replace(published, '[^0-9]', '', 'g'), 6, '0')
        when regexp_matches(regexp_replace(upper(published), '[^A-Z0-9]', '', 'g'), '^(IP|SP|NP)[0-9]{5}R$')
            then regexp_replace(upper(published), '[^A-Z0-9]', '', 'g')
    end
