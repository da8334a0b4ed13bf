-- Grain: one financial year of approval at one stage and level, in one system.
select
    portfolio.financial_year,
    portfolio.stage,
    portfolio.level,
    portfolio.system,
    portfolio.inherent_gbp,
    round(portfolio.net_gbp, 2) - round(portfolio.inherent_gbp, 2) as additional_gbp,
    portfolio.net_gbp,
    portfolio.fiscal_gbp,
    portfolio.cost_gbp,
    portfolio.mean_gbp,
    portfolio.bcr,
    portfolio.bcr_null_reason,
    portfolio.npsv_gbp,
    portfolio.projects,
    portfolio.sd_drawn_gbp,
    portfolio.p5_gbp,
    portfolio.p50_gbp,
    portfolio.p95_gbp,
    portfolio.p_negative,
    portfolio.draws
from stage.impact_portfolio as portfolio
