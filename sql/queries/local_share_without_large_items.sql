-- What is the local share without capital, and without the three largest suppliers?
-- tier: open
select
    cell.body_code,
    cell.financial_year,
    cell.coverage,
    cell.amount_basis,
    cell.breakdown_label,
    cell.spend_gbp,
    cell.local_gbp,
    round(100 * cell.lower_share, 1) as lower_pct,
    round(100 * cell.local_share_of_known, 1) as central_pct,
    round(100 * cell.upper_share, 1) as upper_pct
from spend.local_spend as cell
where
    cell.breakdown in ('all', 'without_capital', 'without_top3')
    and cell.local_definition = 'delivery_branch'
order by
    cell.body_code, cell.coverage, cell.amount_basis, cell.financial_year, cell.breakdown
