-- Grain: one rule of ref.spend_flow_rules that fits one text of one matcher.
-- Compares each distinct text once, so that the rules cost about the same for ten lines as for a
-- million.
with texts as (
    select distinct -- each text once
        matcher,
        compared_text
    from stage.spend_line_texts
)

select
    texts.matcher,
    texts.compared_text,
    rule.rule_order
from texts
inner join ref.spend_flow_rules as rule
    on texts.matcher = rule.matcher
    and text_fits(texts.compared_text, rule.pattern_kind, rule.pattern)
