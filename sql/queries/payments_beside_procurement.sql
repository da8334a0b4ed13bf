-- What do concession reimbursement, operator support, grants and transfers come to beside procurement?
-- tier: open
select
    cell.body_code,
    cell.financial_year,
    cell.breakdown_label as class_of_payment,
    cell.spend_gbp,
    cell.payment_lines,
    round(100 * cell.spend_gbp / nullif(procurement.spend_gbp, 0), 1) as pct_of_procurement,
    round(100 * cell.lower_share, 1) as local_lower_pct,
    round(100 * cell.upper_share, 1) as local_upper_pct
from spend.local_spend as cell
inner join spend.local_spend as procurement
    on cell.body_code = procurement.body_code
    and cell.coverage = procurement.coverage
    and cell.amount_basis = procurement.amount_basis
    and cell.financial_year = procurement.financial_year
    and cell.local_definition = procurement.local_definition
where
    cell.breakdown = 'flow_class'
    and procurement.breakdown = 'all'
    and cell.local_definition = 'delivery_branch'
order by
    cell.body_code, cell.coverage, cell.amount_basis, cell.financial_year, cell.spend_gbp desc,
    cell.breakdown_value
