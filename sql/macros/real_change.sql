-- Change since a base as a part of it in the prices of the base: what is now is divided by how much
-- prices have risen since (the deflator now over that of the base).
-- Rule: methods C6 and edge case 51, vectors G4 and G7.
-- Example: round(real_change(36320000, 36320000, 1.05), 12) = -0.047619047619
-- publish: true
create macro real_change(base_value, current_value, price_ratio) as
    case
        when price_ratio > 0
            then relative_change(
                cast(base_value as double),
                cast(current_value as double) / cast(price_ratio as double)
            )
    end
