-- Pay of a week from the pay of a period of so many days, as paragraph 6 of Schedule 1 has it: times 7,
-- divided by the days. DOUBLE, because the rate of half the pay for half the hours must be the same.
-- Example: round(weekly_pay(2500, 30.44), 6) = 574.901445.
create macro weekly_pay(pay_gbp, period_days) as
    cast(pay_gbp as double) * 7 / nullif(cast(period_days as double), 0)
