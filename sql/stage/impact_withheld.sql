-- Grain: one outcome of one project at one stage and level, in one system, whose figures are withheld.
-- A figure from a survey that few answered tells of them. Totals are kept, so a second outcome is withheld where the first would
-- be what the others leave of the total: the smallest of those that count beside it, at every level, as levels share quantities.
with few as (
    select
        quantities.submission,
        quantities.project_id,
        quantities.outcome_id,
        quantities.stage
    from stage.impact_quantities as quantities
    cross join stage.impact_settings as settings
    where quantities.respondents < settings.least_respondents
    group by quantities.submission, quantities.project_id, quantities.outcome_id, quantities.stage
),

-- What was approved and what is restated rest on the same quantities.
staged as (
    select
        lines.submission,
        lines.project_id,
        lines.outcome_id,
        lines.stage,
        lines.level,
        lines.system,
        lines.overlap_group,
        lines.is_counted,
        lines.pv_gbp,
        coalesce(lines.value_type = 'fiscal', false) as is_fiscal,
        if(lines.stage like 'ex_ante%', 'ex_ante', lines.stage) as quantity_stage
    from stage.impact_lines as lines
),

asked as (
    select
        staged.*,
        few.outcome_id is not null as is_few
    from staged
    left join few
        on
            staged.submission = few.submission
            and staged.project_id = few.project_id
            and staged.outcome_id = few.outcome_id
            and staged.quantity_stage = few.stage
),

-- Ways to value one and the same change tell each other's quantities.
alike as (
    select
        asked.project_id,
        asked.quantity_stage,
        asked.overlap_group
    from asked
    where asked.is_few and asked.overlap_group is not null
    group by asked.project_id, asked.quantity_stage, asked.overlap_group
),

marked as (
    select
        asked.*,
        asked.is_few or alike.overlap_group is not null as is_small
    from asked
    left join alike
        on
            asked.project_id = alike.project_id
            and asked.quantity_stage = alike.quantity_stage
            and asked.overlap_group = alike.overlap_group
),

-- Outcomes that are added to each other.
outcomes as (
    select
        marked.project_id,
        marked.quantity_stage,
        marked.system,
        marked.is_fiscal,
        marked.outcome_id,
        bool_or(marked.is_small) as is_small,
        max(abs(marked.pv_gbp)) as largest_gbp
    from marked
    where marked.is_counted
    group by marked.project_id, marked.quantity_stage, marked.system, marked.is_fiscal, marked.outcome_id
),

ranked as (
    select
        outcomes.*,
        count(*) filter (where outcomes.is_small) over (
            partition by outcomes.project_id, outcomes.quantity_stage, outcomes.system, outcomes.is_fiscal
        ) as small_outcomes,
        row_number() over (
            partition by outcomes.project_id, outcomes.quantity_stage, outcomes.system, outcomes.is_fiscal
            order by outcomes.is_small desc, outcomes.largest_gbp, outcomes.outcome_id
        ) as place
    from outcomes
)

select
    marked.project_id,
    marked.outcome_id,
    marked.stage,
    marked.level,
    marked.system,
    marked.is_fiscal,
    marked.is_counted,
    marked.is_small
from marked
left join ranked
    on
        marked.project_id = ranked.project_id
        and marked.quantity_stage = ranked.quantity_stage
        and marked.outcome_id = ranked.outcome_id
        and ranked.small_outcomes = 1
        and ranked.place = 2
where marked.is_small or ranked.outcome_id is not null
