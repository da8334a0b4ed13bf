-- Grain: one year.
select
    staff.financial_year,
    count(*) as figures,
    count(*) filter (where staff.employees is null) as missing
from indicators.staff as staff
group by staff.financial_year
