-- Financial year of a day, written 2022-23.
-- Rule: the year of English local authorities starts on 1 April; a site with another start passes
-- its month and day (site.settings).
-- Example: financial_year(date '2023-03-31') = '2022-23';
-- financial_year(date '2023-04-01') = '2023-24'.
-- publish: true
create macro financial_year(on_date, start_month := 4, start_day := 1) as
    case
        when month(cast(on_date as date)) * 100 + day(cast(on_date as date))
            >= start_month * 100 + start_day
            then concat(
                year(cast(on_date as date)),
                '-',
                right(cast(year(cast(on_date as date)) + 1 as varchar), 2)
            )
        when on_date is not null
            then concat(
                year(cast(on_date as date)) - 1,
                '-',
                right(cast(year(cast(on_date as date)) as varchar), 2)
            )
    end
