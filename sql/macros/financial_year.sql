-- Financial year of a day, written 2022-23. The year of English local authorities starts on 1 April;
-- a site with another start passes its month and day (site.settings).
-- Example: financial_year(date '2023-03-31') = '2022-23'; financial_year(date '2023-04-01') = '2023-24'.
create macro financial_year(on_date, start_month := 4, start_day := 1) as
    case
        when on_date is null then null
        when month(on_date) * 100 + day(on_date) >= start_month * 100 + start_day
            then concat(year(on_date), '-', right(cast(year(on_date) + 1 as varchar), 2))
        else concat(year(on_date) - 1, '-', right(cast(year(on_date) as varchar), 2))
    end
