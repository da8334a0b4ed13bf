-- What do announced investments add beyond what would have happened anyway, and how sure is that?
-- tier: open
select
    financial_year,
    stage,
    level,
    system,
    projects,
    inherent_gbp,
    additional_gbp,
    net_gbp,
    p5_gbp,
    p95_gbp,
    cost_gbp,
    npsv_gbp
from impact.portfolio
order by financial_year, stage, level, system
