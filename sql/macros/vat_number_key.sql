-- VAT registration number in its one form: nine digits; the three digits of a branch and the
-- country before them are dropped. Null when it cannot be one.
-- Rule: methods C5, second in the order of matching.
-- Example: vat_number_key('GB 743 7310 30') = '743731030'
create macro vat_number_key(published) as
    case
        when regexp_full_match(
            regexp_replace(published, '[^A-Za-z0-9]', '', 'g'), '(?i)(gb)?[0-9]{9}([0-9]{3})?'
        )
            then left(regexp_replace(published, '[^0-9]', '', 'g'), 9)
    end
