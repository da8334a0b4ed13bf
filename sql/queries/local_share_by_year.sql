-- How much of what each body bought stayed in the city region, year by year, by both definitions and with bounds?
-- tier: open
select
    cell.body_code,
    cell.financial_year,
    cell.coverage,
    cell.amount_basis,
    cell.local_definition,
    cell.spend_gbp,
    cell.local_gbp,
    cell.not_local_gbp,
    cell.unknown_gbp,
    round(100 * cell.lower_share, 1) as lower_pct,
    round(100 * cell.local_share_of_known, 1) as central_pct,
    round(100 * cell.upper_share, 1) as upper_pct,
    cell.stand_in_gbp,
    cell.suppliers,
    cell.local_suppliers
from spend.local_spend as cell
where cell.breakdown = 'all'
order by
    cell.body_code, cell.coverage, cell.amount_basis, cell.local_definition, cell.financial_year
