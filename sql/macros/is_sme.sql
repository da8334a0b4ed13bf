-- Whether figures are those of a small or medium enterprise; null when they do not tell.
-- Rule: methods C5: fewer than 250 staff and (turnover at most 44 million or balance sheet at most
-- 38 million); the limits stand in ref.spend_parameters.
-- Example: is_sme(48, 3200000, null, 250, 44000000, 38000000);
-- not is_sme(250, 3200000, null, 250, 44000000, 38000000).
create macro is_sme(staff, turnover, balance_sheet, staff_below, turnover_most, balance_most) as
    case
        when staff >= staff_below then false
        when turnover > turnover_most and balance_sheet > balance_most then false
        when staff < staff_below and (turnover <= turnover_most or balance_sheet <= balance_most)
            then true
    end
