-- Contract number that stands in a free text after the word contract, or null. For ledgers that have
-- no column for it.
-- Rule: the word contract, perhaps with ref, no or number, then a code with a digit in it.
-- Example: contract_ref_in_text('Bus services, Contract T1234, July') = 'T1234';
-- contract_ref_in_text('contract cleaning') is null.
create macro contract_ref_in_text(free_text) as
    nullif(
        upper(regexp_extract(
            free_text,
            '(?i)\bcontract(?: ref(?:erence)?| no| number)?\.?[:# ]+([a-z]{0,6}[-/]?[0-9][a-z0-9/-]*)',
            1
        )),
        ''
    )
