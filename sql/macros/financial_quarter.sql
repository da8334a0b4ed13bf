-- Quarter of the financial year of a day, written 2022-23 Q1; quarters are three whole months from
-- the first day of the year (site.settings; 1 April by default).
-- Example: financial_quarter(date '2023-03-31') = '2022-23 Q4'.
create macro financial_quarter(on_date, start_month := 4, start_day := 1) as
    case
        when on_date is null then null
        else concat(
            financial_year(on_date, start_month, start_day),
            ' Q',
            (
                (month(on_date) - start_month + 12
                    - case when day(on_date) < start_day then 1 else 0 end + 12) % 12
            ) // 3 + 1
        )
    end
