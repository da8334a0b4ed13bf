-- Grain: one indicator.
-- Owners and tags are those of the registers workbook; until somebody fills them in, the tags that
-- the framework itself gives.
with tagged as (
    select
        indicator.indicator_id,
        tags.indicator_owner,
        coalesce(tags.vision, indicator.vision) as vision,
        coalesce(tags.corporate_objective, indicator.corporate_objective) as corporate_objective,
        coalesce(tags.marmot_priority, indicator.marmot_priority) as marmot_priority,
        coalesce(tags.pillar, indicator.pillar) as pillar,
        coalesce(tags.key_question, indicator.key_question) as key_question
    from ref.indicators as indicator
    left join stage.indicator_tags as tags on indicator.indicator_id = tags.indicator_id
)

select
    indicator.indicator_id,
    indicator.measure_id,
    indicator.indicator_order,
    indicator.role,
    indicator.indicator_name,
    indicator.kind,
    indicator.source_sentence,
    indicator.numerator,
    indicator.denominator,
    indicator.unit,
    indicator.direction,
    indicator.target_value as target,
    indicator.target_note,
    indicator.source_dataset,
    indicator.baseline_rule,
    rule.rule_text as baseline_rule_text,
    rule.later_baseline as baseline_is_later,
    indicator.change_rule,
    tagged.indicator_owner,
    tagged.vision,
    tagged.corporate_objective,
    tagged.marmot_priority,
    tagged.pillar,
    tagged.key_question,
    null_reasons(
        [
            ['indicator_owner', case when tagged.indicator_owner is null then 'not_assigned' end],
            ['vision', case when tagged.vision is null then 'not_assigned' end],
            ['corporate_objective', case when tagged.corporate_objective is null then 'not_assigned' end],
            ['marmot_priority', case when tagged.marmot_priority is null then 'not_assigned' end],
            ['pillar', case when tagged.pillar is null then 'not_assigned' end],
            ['key_question', case when tagged.key_question is null then 'not_assigned' end]
        ]
    ) as null_reasons
from ref.indicators as indicator
inner join ref.baseline_rules as rule on indicator.baseline_rule = rule.baseline_rule
inner join tagged on indicator.indicator_id = tagged.indicator_id
