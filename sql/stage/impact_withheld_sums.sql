-- Grain: one project at one stage and level, in one system, in which outcomes are withheld.
-- One withheld outcome alone is what the others leave of the total: then the total is withheld as well.
with added as (
    select
        withheld.project_id,
        withheld.stage,
        withheld.level,
        withheld.system,
        withheld.is_fiscal,
        count(*) filter (where withheld.is_counted) as counted
    from stage.impact_withheld as withheld
    group by withheld.project_id, withheld.stage, withheld.level, withheld.system, withheld.is_fiscal
)

select
    added.project_id,
    added.stage,
    added.level,
    added.system,
    bool_or(added.counted = 1) as is_total_withheld
from added
group by added.project_id, added.stage, added.level, added.system
