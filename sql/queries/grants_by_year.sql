-- What was awarded in grants each year, what of it is given on, and what reached voluntary organisations?
-- tier: open
select
    total.body_code,
    total.financial_year,
    total.breakdown,
    total.breakdown_value,
    total.grants,
    total.awarded_gbp,
    total.for_onward_grants_gbp,
    total.onward_grants_gbp,
    total.reached_recipients_gbp,
    total.disbursed_gbp
from spend.grant_totals as total
where total.breakdown in ('all', 'vcse')
order by total.body_code, total.financial_year, total.breakdown, total.breakdown_value
