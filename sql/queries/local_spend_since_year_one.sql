-- How have local spend and the local share changed since year one, in cash and in real terms?
-- tier: open
select
    growth.body_code,
    growth.coverage,
    growth.base_year,
    growth.financial_year,
    growth.local_change_gbp,
    round(100 * growth.local_change_share, 2) as cash_change_pct,
    round(100 * growth.local_real_change_share, 2) as real_change_pct,
    round(100 * growth.local_share_difference, 2) as share_change_in_points,
    growth.null_reasons
from spend.local_growth as growth
where
    growth.compared_with = 'year_one'
    and growth.breakdown = 'all'
    and growth.local_definition = 'delivery_branch'
order by growth.body_code, growth.coverage, growth.amount_basis, growth.financial_year
