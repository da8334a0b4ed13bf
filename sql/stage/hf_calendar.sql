-- Grain: one day.
-- Days with the financial year of the site, from the first referral of all on.
with span as (
    select
        min(referral.referral_date) as first_day,
        max(referral.extract_date) as last_day
    from raw.housingfirst_referral as referral
),

day as (
    select
        cast(
            unnest(
                generate_series(
                    date_trunc('year', span.first_day) - interval 1 year,
                    date_trunc('year', span.last_day) + interval 2 year,
                    interval 1 day
                )
            ) as date
        ) as calendar_date
    from span
)

select
    day.calendar_date,
    financial_year(
        day.calendar_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year
from day
cross join site.settings as settings
