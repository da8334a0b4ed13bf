-- Why relative_change has no value: no_base, zero_base or negative_base; null where it has one.
-- Rule: methods C6 and edge case 50, vectors G5 and G6.
-- Example: relative_change_reason(0) = 'zero_base'
create macro relative_change_reason(base_value) as
    case
        when base_value is null then 'no_base'
        when base_value = 0 then 'zero_base'
        when base_value < 0 then 'negative_base'
    end
