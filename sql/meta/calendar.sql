-- grain: one day
with days as (
    select
        cast(
            unnest(
                range(
                    cast(calendar_range.first_date as timestamp),
                    cast(calendar_range.last_date + 1 as timestamp),
                    interval 1 day
                )
            ) as date
        ) as calendar_date,
        calendar_range.academic_year_start_month,
        calendar_range.academic_year_start_day
    from ref.calendar_range as calendar_range
),

-- Bank holidays are listed year by year; beyond the list it is not known whether a day is one.
listed_years as (
    select
        min(year(bank_holiday.holiday_date)) as first_year,
        max(year(bank_holiday.holiday_date)) as last_year
    from ref.bank_holiday as bank_holiday
)

select
    days.calendar_date,
    cast(date_trunc('month', days.calendar_date) as date) as month_start,
    financial_year(
        days.calendar_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_year,
    financial_quarter(
        days.calendar_date,
        settings.financial_year_start_month,
        settings.financial_year_start_day
    ) as financial_quarter,
    financial_year(
        days.calendar_date, days.academic_year_start_month, days.academic_year_start_day
    ) as academic_year,
    isodow(days.calendar_date) as iso_weekday,
    case
        when year(days.calendar_date) between listed_years.first_year and listed_years.last_year
            then bank_holiday.holiday_date is not null
    end as is_bank_holiday,
    bank_holiday.holiday_name as bank_holiday_name,
    case
        when bank_holiday.holiday_date is not null then 'bank_holiday'
        when isodow(days.calendar_date) = 6 then 'saturday'
        when isodow(days.calendar_date) = 7 then 'sunday'
        when year(days.calendar_date) between listed_years.first_year and listed_years.last_year
            then 'weekday'
    end as day_type
from days
cross join site.settings as settings
cross join listed_years
left join ref.bank_holiday as bank_holiday
    on days.calendar_date = bank_holiday.holiday_date
