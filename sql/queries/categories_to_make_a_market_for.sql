-- For which categories should a market be made: much is bought, little in the area, and somebody there could deliver?
-- tier: open
select
    gap.body_code,
    gap.financial_year,
    gap.category_label as category,
    gap.spend_gbp,
    round(100 * gap.spend_share, 1) as spend_pct,
    round(100 * gap.local_share, 1) as local_pct,
    round(100 * gap.all_local_share, 1) as local_pct_of_all,
    gap.not_local_gbp,
    gap.known_local_suppliers,
    round(gap.location_quotient, 2) as location_quotient,
    gap.capacity_basis
from spend.local_gaps as gap
where gap.market_making
order by gap.financial_year desc, gap.not_local_gbp desc, gap.body_code, gap.category
