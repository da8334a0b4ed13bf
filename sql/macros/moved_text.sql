-- Which way a figure moved, in words; of money in the prices of the baseline's year.
-- Rule: methods C6 (flat cash is a real fall).
-- Example: moved_text(-3, null) = 'It fell'; moved_text(0, -4.8) = 'Allowing for rising prices, it fell'.
create macro moved_text(nominal_change, real_change) as
    if(real_change is null, 'It ', 'Allowing for rising prices, it ')
    || if(coalesce(real_change, nominal_change) > 0, 'rose', 'fell')
