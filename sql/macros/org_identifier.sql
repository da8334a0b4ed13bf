-- Identifier without its scheme, numbers of companies, charities and VAT in their one form.
-- Rule: methods C5, identifiers. Example: org_identifier('GB-COH-1234567') = '01234567'
create macro org_identifier(org_id) as
    case org_scheme(org_id)
        when 'GB-COH'
            then company_number_key(regexp_replace(upper(trim(org_id)), '^[A-Z]{2}-[A-Z]+[-:]', ''))
        when 'GB-CHC'
            then charity_number_key(regexp_replace(upper(trim(org_id)), '^[A-Z]{2}-[A-Z]+[-:]', ''))
        when 'VAT' then vat_number_key(regexp_replace(upper(trim(org_id)), '^VAT[-:]', ''))
        else nullif(regexp_replace(upper(trim(org_id)), '^[A-Z]{2}-[A-Z]+[-:]', ''), '')
    end
