-- Grain: one indicator.
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
    cast(null as varchar) as indicator_owner,
    indicator.vision,
    indicator.corporate_objective,
    indicator.marmot_priority,
    indicator.pillar,
    indicator.key_question,
    null_reasons(
        [
            ['indicator_owner', 'not_assigned'],
            ['vision', case when indicator.vision is null then 'not_assigned' end],
            [
                'corporate_objective',
                case when indicator.corporate_objective is null then 'not_assigned' end
            ],
            ['marmot_priority', case when indicator.marmot_priority is null then 'not_assigned' end],
            ['pillar', case when indicator.pillar is null then 'not_assigned' end],
            ['key_question', case when indicator.key_question is null then 'not_assigned' end]
        ]
    ) as null_reasons
from ref.indicators as indicator
inner join ref.baseline_rules as rule on indicator.baseline_rule = rule.baseline_rule
