-- Which categories are large and bought mostly from outside the city region?
-- tier: open
select
    cell.body_code,
    cell.financial_year,
    cell.breakdown_label as category,
    cell.spend_gbp,
    cell.not_local_gbp,
    cell.unknown_gbp,
    round(100 * cell.lower_share, 1) as lower_pct,
    round(100 * cell.upper_share, 1) as upper_pct,
    cell.suppliers,
    cell.local_suppliers,
    round(cell.hhi, 3) as hhi
from spend.local_spend as cell
where
    cell.breakdown = 'category'
    and cell.local_definition = 'delivery_branch'
    and cell.upper_share < 0.5
order by cell.not_local_gbp desc, cell.body_code, cell.financial_year, cell.breakdown_value
