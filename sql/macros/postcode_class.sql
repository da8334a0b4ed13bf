-- What a typed postcode is before any directory is asked: ok, ok_special (GIR 0AA), bfpo,
-- overseas_territory, crown_dependency, northern_ireland, scotland, wales, non_geographic,
-- pseudo_no_fixed_abode, pseudo_not_known, pseudo_other (health-service codes), missing,
-- missing_text, repairable, invalid_or_repair (the form is right, the area does not exist),
-- invalid_outward_only, invalid. Special classes come before the pattern.
-- Example: postcode_class('l31bp') = 'ok'; postcode_class('ZZ99 3VZ') = 'pseudo_no_fixed_abode'.
create macro postcode_class(typed) as
    case
        when postcode_squash(typed) = '' then 'missing'
        when postcode_squash(typed) in (
            'N/A', 'N\A', 'NA', 'NFA', 'NIL', 'NK', 'NOFIXEDABODE', 'NONE', 'NOTAPPLICABLE',
            'NOTKNOWN', 'NOTPROVIDED', 'NOTSTATED', 'NOTSUPPLIED', 'NULL', 'TBA', 'TBC', 'UNKNOWN',
            '?'
        ) then 'missing_text'
        when regexp_full_match(postcode_squash(typed), 'BFPO[0-9]{1,4}') then 'bfpo'
        when postcode_squash(typed) = 'ZZ993VZ' then 'pseudo_no_fixed_abode'
        when postcode_squash(typed) = 'ZZ993WZ' then 'pseudo_not_known'
        when regexp_full_match(postcode_squash(typed), 'ZZ99[0-9][A-Z]{2}') then 'pseudo_other'
        when postcode_squash(typed) in (
            'AI2640', 'ASCN1ZZ', 'BBND1ZZ', 'BIQQ1ZZ', 'FIQQ1ZZ', 'GX111AA', 'PCRN1ZZ', 'SIQQ1ZZ',
            'STHL1ZZ', 'TDCU1ZZ', 'TKCA1ZZ'
        ) then 'overseas_territory'
        when postcode_squash(typed) = 'GIR0AA' then 'ok_special'
        when postcode_matches_pattern(typed)
            then case postcode_area_kind(postcode_area(typed))
                when 'geographic' then 'ok'
                when 'unknown' then 'invalid_or_repair'
                else postcode_area_kind(postcode_area(typed))
            end
        when postcode_repair(typed) is not null then 'repairable'
        when regexp_full_match(
            postcode_squash(typed),
            '[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[A-HK-Y]?[0-9][A-Z])'
        ) then 'invalid_outward_only'
        else 'invalid'
    end
