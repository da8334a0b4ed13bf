-- Grain: one district of one body and financial year.
-- Pay of own staff by the district they live in, as HR added it up.
select
    body_code,
    financial_year,
    home_lad_code,
    staff,
    pay_gbp
from raw.spend_staff_pay
