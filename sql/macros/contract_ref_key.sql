-- Reference of a contract for comparison: upper case, letters and digits alone; null when fewer than
-- five are left, which is too little to tell contracts apart.
-- Example: contract_ref_key('lcrca / 2023-017') = 'LCRCA2023017'; contract_ref_key('12') is null.
create macro contract_ref_key(published) as
    case
        when length(regexp_replace(published, '[^A-Za-z0-9]', '', 'g')) >= 5
            then upper(regexp_replace(published, '[^A-Za-z0-9]', '', 'g'))
    end
