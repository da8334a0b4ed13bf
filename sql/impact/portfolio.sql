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
    portfolio.draws,
    null_reasons(
        [
            ['inherent_gbp', if(portfolio.inherent_gbp is null, missing.why, null)],
            ['additional_gbp', if(portfolio.inherent_gbp is null, missing.why, null)],
            ['net_gbp', if(portfolio.net_gbp is null, 'not_valued', null)],
            ['cost_gbp', if(portfolio.cost_gbp is null, missing.why, null)],
            ['bcr', if(portfolio.bcr is null, coalesce(portfolio.bcr_null_reason, missing.why), null)],
            ['npsv_gbp', if(portfolio.npsv_gbp is null, missing.why, null)]
        ]
    ) as null_reasons
from stage.impact_portfolio as portfolio
-- What was spent, and what a project would have been worth without adjustments, is stated beforehand.
cross join lateral (
    select
        case when portfolio.stage like 'ex_post%' then 'stated_ex_ante_only' else 'not_supplied' end
            as why
) as missing
