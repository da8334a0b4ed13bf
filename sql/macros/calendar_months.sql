-- Months from one day to a later one: whole where it is the same day of the month, so that an
-- anniversary is a whole number; between, the part of the month that has passed.
-- Rule: methods, B4; in leap years 730 days are a day short of two years.
-- Example: calendar_months(date '2022-05-03', date '2024-05-03') = 24;
-- round(calendar_months(date '2022-05-03', date '2024-05-02'), 4) = 23.9667.
create macro calendar_months(from_date, to_date) as
    datesub('month', from_date, to_date)
    + (to_date - cast(from_date + to_months(datesub('month', from_date, to_date)) as date))
    / (
        cast(from_date + to_months(datesub('month', from_date, to_date) + 1) as date)
        - cast(from_date + to_months(datesub('month', from_date, to_date)) as date)
    )
