-- Quarter of the financial year of a day, written 2022-23 Q1; quarters are three whole months from
-- the first day of the year (site.settings; 1 April by default).
-- Rule: months are counted from the start day, so a year that starts on the 6th has quarters that do.
-- Example: financial_quarter(date '2023-03-31') = '2022-23 Q4'.
create macro financial_quarter(on_date, start_month := 4, start_day := 1) as
    case
        when on_date is not null
            then concat(
                financial_year(on_date, start_month, start_day),
                ' Q',
                (
                    (
                        month(cast(on_date as date)) - start_month + 12
                        - case when day(cast(on_date as date)) < start_day then 1 else 0 end
                    ) % 12
                ) // 3 + 1
            )
    end
