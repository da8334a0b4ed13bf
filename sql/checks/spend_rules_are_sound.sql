-- A rule of ref.spend_flow_rules that nothing could match, that gives a class nobody knows, or that
-- shares its order with another, would silently change what counts as procurement.
select
    rule.rule_id,
    'unknown class' as what
from ref.spend_flow_rules as rule
left join ref.spend_flow_classes as class on rule.flow_class = class.flow_class
where class.flow_class is null
union all
select
    min(rule.rule_id) as rule_id,
    'two rules of one order' as what
from ref.spend_flow_rules as rule
group by rule.rule_order
having count(*) > 1
union all
select
    rule.rule_id,
    'pattern that no compared text can have' as what
from ref.spend_flow_rules as rule
where rule.pattern_kind <> 'any' and rule.pattern is distinct from match_text(rule.pattern)
union all
select
    rule.rule_id,
    'unknown word' as what
from ref.spend_flow_rules as rule
where
    rule.pattern_kind not in ('equals', 'prefix', 'phrase', 'any')
    or coalesce(rule.when_contract, 'with') not in ('with', 'without')
    or coalesce(rule.when_payee, 'person') not in ('person', 'organisation')
union all
select
    'otherwise' as rule_id,
    'not exactly one rule for everything else' as what
from ref.spend_flow_rules as rule
where rule.matcher = 'any'
having count(*) <> 1
