-- Whether a text made by match_text fits a pattern of reference data. Kinds: equals, prefix, phrase
-- (whole words in a row), any (every text fits). Rule: the kinds named in ref.spend_flow_rules.
-- Example: text_fits('leeds city council int', 'phrase', 'city council');
-- not text_fits('nhsx', 'phrase', 'nhs')
create macro text_fits(compared, pattern_kind, pattern) as
    case pattern_kind
        when 'equals' then compared = pattern
        when 'prefix' then starts_with(compared || ' ', pattern || ' ')
        when 'phrase' then contains(' ' || compared || ' ', ' ' || pattern || ' ')
        when 'any' then true
    end
