-- How many contracts above £20,000 had social value in the decision, by number and by value, and what did it weigh?
-- tier: open
select
    financial_year,
    contracts,
    sv_contracts,
    not_evidenced_contracts,
    sv_share,
    sv_upper_share,
    sv_value_share,
    sv_value_upper_share,
    mean_weight_pct,
    least_weight_pct,
    greatest_weight_pct
from spend.contract_weighting
where body_code = 'group' and breakdown = 'all'
order by financial_year
