-- A change in words, with its sign: shares in points of a hundred.
-- Rule: methods E2 (the absolute difference first).
-- Example: change_text(0.044, 'share') = '+4.4 points'; change_text(-1200000, 'GBP') = '−£1.2 million'.
create macro change_text(difference, unit) as
    case when difference < 0 then '−' when difference >= 0 then '+' end
    || case
        when unit = 'share' then format('{:.1f} points', 100 * abs(difference))
        when unit = 'percent' then format('{:.1f} points', abs(difference))
        else figure_text(abs(difference), unit)
    end
