-- Whether the squashed text has the form of a postcode: A9, A99, AA9, AA99, A9A or AA9A before a
-- digit and two letters, with the letters each position allows, or GIR 0AA.
-- Rule: the strict pattern. The government bulk-transfer pattern is looser, so not for validation.
-- Example: postcode_matches_pattern('ch41 6du'); not postcode_matches_pattern('L3 1CP').
create macro postcode_matches_pattern(typed) as
    regexp_full_match(
        postcode_squash(typed),
        concat(
            'GIR0AA|(?:[A-PR-UWYZ][0-9]{1,2}|[A-PR-UWYZ][A-HK-Y][0-9]{1,2}',
            '|[A-PR-UWYZ][0-9][A-HJKPSTUW]|[A-PR-UWYZ][A-HK-Y][0-9][ABEHMNPRVWXY])',
            '[0-9][ABD-HJLNP-UW-Z]{2}'
        )
    )
