-- Why suppliers with an attribute (csl, vcse …) have no share of the money of which it is known, null
-- where they have one.
-- Rule: methods C6, edge case 55. Example: attribute_known_reason(true, 0, 0, 0) = 'no_known'.
create macro attribute_known_reason(is_supplied, known_suppliers, gbp, known_gbp) as
    case
        when not is_supplied then 'not_supplied'
        when known_suppliers = 0 then 'no_known'
        when known_gbp <= 0 then 'non_positive_denominator'
        when gbp < 0 or gbp > known_gbp then 'negative_component'
    end
