-- Grain: one outcome of one project at one stage and level, in one system, that other tables withhold.
with fewest as (
    select
        quantities.project_id,
        quantities.outcome_id,
        quantities.stage,
        min(quantities.respondents) as respondents
    from stage.impact_quantities as quantities
    group by quantities.project_id, quantities.outcome_id, quantities.stage
)

select
    withheld.project_id,
    withheld.outcome_id,
    withheld.stage,
    withheld.level,
    withheld.system,
    withheld.is_small,
    fewest.respondents,
    lines.gi,
    lines.gi_ref,
    lines.net_quantity,
    lines.pv_gbp,
    lines.p5_gbp,
    lines.p95_gbp
from stage.impact_withheld as withheld
inner join stage.impact_lines as lines
    on
        withheld.project_id = lines.project_id
        and withheld.outcome_id = lines.outcome_id
        and withheld.stage = lines.stage
        and withheld.level = lines.level
        and withheld.system = lines.system
left join fewest
    on
        withheld.project_id = fewest.project_id
        and withheld.outcome_id = fewest.outcome_id
        and if(withheld.stage like 'ex_ante%', 'ex_ante', withheld.stage) = fewest.stage
