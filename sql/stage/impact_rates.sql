-- Grain: one band of years of one schedule.
select
    rates.schedule,
    rates.year_from,
    rates.year_to,
    cast(rates.rate as double) as rate
from ref.impact_discount_rates as rates
