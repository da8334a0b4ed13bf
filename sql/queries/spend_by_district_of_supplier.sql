-- Which districts do the suppliers work in, and how much goes outside the city region?
-- tier: open
select
    cell.body_code,
    cell.financial_year,
    cell.breakdown_label as district,
    cell.spend_gbp,
    round(100 * cell.spend_gbp / nullif(whole.spend_gbp, 0), 1) as pct_of_all,
    cell.suppliers
from spend.local_spend as cell
inner join spend.local_spend as whole
    on cell.body_code = whole.body_code
    and cell.coverage = whole.coverage
    and cell.amount_basis = whole.amount_basis
    and cell.financial_year = whole.financial_year
    and cell.local_definition = whole.local_definition
where
    cell.breakdown = 'lad'
    and whole.breakdown = 'all'
    and cell.local_definition = 'delivery_branch'
order by
    cell.body_code, cell.coverage, cell.amount_basis, cell.financial_year,
    case when cell.place_status = 'placed' then 0 else 1 end, cell.spend_gbp desc,
    cell.breakdown_value
