-- Grain: one financial year of approval at one stage and level, in one system.
-- Projects whose own sum is withheld: one alone is what the others leave of the portfolio.
with hidden as (
    select
        projects.approved_financial_year as financial_year,
        sums.stage,
        sums.level,
        sums.system,
        count(*) as projects
    from stage.impact_withheld_sums as sums
    inner join stage.impact_projects as projects
        on
            sums.project_id = projects.project_id
            and projects.is_in_one_submission
            and projects.is_announced
    where sums.is_total_withheld
    group by projects.approved_financial_year, sums.stage, sums.level, sums.system
)

select
    portfolio.financial_year,
    portfolio.stage,
    portfolio.level,
    portfolio.system,
    if(hides.it, null, portfolio.inherent_gbp) as inherent_gbp,
    if(hides.it, null, round(portfolio.net_gbp, 2) - round(portfolio.inherent_gbp, 2)) as additional_gbp,
    if(hides.it, null, portfolio.net_gbp) as net_gbp,
    if(hides.it, null, portfolio.fiscal_gbp) as fiscal_gbp,
    portfolio.cost_gbp,
    if(hides.it, null, portfolio.mean_gbp) as mean_gbp,
    if(hides.it, null, portfolio.bcr) as bcr,
    if(hides.it, null, portfolio.bcr_null_reason) as bcr_null_reason,
    if(hides.it, null, portfolio.npsv_gbp) as npsv_gbp,
    portfolio.evidence_grade,
    portfolio.projects,
    if(hides.it, null, portfolio.sd_drawn_gbp) as sd_drawn_gbp,
    if(hides.it, null, portfolio.p5_gbp) as p5_gbp,
    if(hides.it, null, portfolio.p50_gbp) as p50_gbp,
    if(hides.it, null, portfolio.p95_gbp) as p95_gbp,
    if(hides.it, null, portfolio.p_negative) as p_negative,
    portfolio.draws,
    if(
        hides.it,
        withheld_names(
            [
                ['inherent_gbp', cast(portfolio.inherent_gbp as varchar)],
                ['additional_gbp', cast(portfolio.additional_gbp as varchar)],
                ['net_gbp', cast(portfolio.net_gbp as varchar)],
                ['fiscal_gbp', cast(portfolio.fiscal_gbp as varchar)],
                ['mean_gbp', cast(portfolio.mean_gbp as varchar)],
                ['bcr', cast(portfolio.bcr as varchar)],
                ['npsv_gbp', cast(portfolio.npsv_gbp as varchar)],
                ['sd_drawn_gbp', cast(portfolio.sd_drawn_gbp as varchar)],
                ['p5_gbp', cast(portfolio.p5_gbp as varchar)],
                ['p50_gbp', cast(portfolio.p50_gbp as varchar)],
                ['p95_gbp', cast(portfolio.p95_gbp as varchar)],
                ['p_negative', cast(portfolio.p_negative as varchar)]
            ]
        ),
        null
    ) as withheld,
    if(
        hides.it,
        null,
        null_reasons(
            [
                ['inherent_gbp', if(portfolio.inherent_gbp is null, missing.why, null)],
                ['additional_gbp', if(portfolio.inherent_gbp is null, missing.why, null)],
                ['net_gbp', if(portfolio.net_gbp is null, 'not_valued', null)],
                ['cost_gbp', if(portfolio.cost_gbp is null, missing.why, null)],
                ['bcr', if(portfolio.bcr is null, coalesce(portfolio.bcr_null_reason, missing.why), null)],
                ['npsv_gbp', if(portfolio.npsv_gbp is null, missing.why, null)]
            ]
        )
    ) as null_reasons
from stage.impact_portfolio as portfolio
left join hidden
    on
        portfolio.financial_year = hidden.financial_year
        and portfolio.stage = hidden.stage
        and portfolio.level = hidden.level
        and portfolio.system = hidden.system
cross join lateral (select coalesce(hidden.projects = 1, false) as it) as hides
-- What was spent, and what a project would have been worth without adjustments, is stated beforehand.
cross join lateral (
    select
        case when portfolio.stage like 'ex_post%' then 'stated_ex_ante_only' else 'not_supplied' end
            as why
) as missing
