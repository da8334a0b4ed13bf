-- Why suppliers with an attribute (csl, vcse …) have no share of a cell's money, null where they have
-- one. Credits can make a part less than nothing or more than all.
-- Rule: methods C6, edge case 55.
-- Example: attribute_share_reason(true, 2, -5, 100) = 'negative_component'.
create macro attribute_share_reason(is_supplied, known_suppliers, gbp, spend_gbp) as
    case
        when not is_supplied then 'not_supplied'
        when spend_gbp <= 0 then 'non_positive_denominator'
        when gbp < 0 or gbp > spend_gbp then 'negative_component'
        when known_suppliers = 0 then 'no_known'
    end
