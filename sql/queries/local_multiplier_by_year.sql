-- How much is spent in the area for each pound, over two rounds and over three, and how many suppliers said so?
-- tier: open
select
    multiplier.body_code,
    multiplier.financial_year,
    multiplier.coverage,
    multiplier.scope_label as scope,
    multiplier.r1_gbp,
    multiplier.r2_gbp,
    multiplier.r3_gbp,
    round(multiplier.lm2, 2) as lm2,
    round(multiplier.lm3, 2) as lm3,
    round(100 * multiplier.survey_coverage, 1) as answered_pct_by_value,
    round(100 * multiplier.imputed_share, 1) as imputed_pct_by_value,
    multiplier.null_reasons
from spend.local_multiplier as multiplier
where multiplier.scope in ('all', 'goods_and_services', 'works', 'with_staff')
order by
    multiplier.body_code, multiplier.coverage, multiplier.amount_basis, multiplier.scope,
    multiplier.financial_year
