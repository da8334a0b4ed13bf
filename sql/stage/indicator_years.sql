-- Grain: one financial year, from that of the baseline to the last that is over.
with years as (
    select
        financial_year(
            cast(days.calendar_date as date),
            settings.financial_year_start_month,
            settings.financial_year_start_day
        ) as financial_year,
        cast(max(days.calendar_date) as date) as last_date
    from ref.calendar_range as calendar_range
    cross join site.settings as settings
    cross join
        range(
            cast(calendar_range.first_date as timestamp),
            cast(calendar_range.last_date + 1 as timestamp),
            interval 1 day
        ) as days (calendar_date)
    group by
        financial_year(
            cast(days.calendar_date as date),
            settings.financial_year_start_month,
            settings.financial_year_start_day
        )
)

select
    years.financial_year,
    years.last_date,
    years.financial_year = settings.baseline_year as is_baseline_year,
    years.last_date
    = max(years.last_date) over (order by years.last_date rows between unbounded preceding and unbounded following)
        as is_latest_year
from years
cross join site.settings as settings
cross join site.as_of as as_of
where
    years.financial_year >= settings.baseline_year
    and years.last_date < as_of.as_of
