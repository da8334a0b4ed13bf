-- Change since a base as a part of it; null where the base is nought or less, since a part of that
-- says nothing (relative_change_reason says why).
-- Rule: methods C6, vectors G2, G3, G5, G6.
-- Example: round(relative_change(0.2457, 0.29), 12) = 0.180301180301
-- publish: true
create macro relative_change(base_value, current_value) as
    case when base_value > 0 then share(current_value - base_value, base_value) end
