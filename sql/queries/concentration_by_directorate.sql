-- How much does each directorate depend on few suppliers?
-- tier: open
select
    cell.body_code,
    cell.financial_year,
    cell.breakdown_label as directorate,
    cell.spend_gbp,
    cell.suppliers,
    round(100 * cell.top10_share, 1) as top10_pct,
    round(cell.hhi, 3) as hhi,
    round(cell.hhi_upper, 3) as hhi_if_unnamed_are_one,
    round(cell.effective_suppliers, 1) as effective_suppliers
from spend.local_spend as cell
where cell.breakdown = 'directorate' and cell.local_definition = 'delivery_branch'
order by cell.body_code, cell.financial_year, cell.spend_gbp desc, cell.breakdown_value
