-- Day of an ITSO DATE: days since 1 January 1997 in 14 bits; 0 stands for the day after the last one
-- that they can say, and means no expiry.
-- Rule: methods A3. Example: itso_date(9221) = date '2022-04-01'; itso_date(0) = date '2041-11-10'.
create macro itso_date(days) as
    date '1997-01-01' + cast(case when days = 0 then 16384 else days end as integer)
