-- Grain: one ledger line.
-- The flow class of each line and the rule that decided it: of all rules that fit, the one with the
-- least order.
with lines as (
    select
        line.line_key,
        payee.public_body_kind is not null as payee_is_public,
        line.contract_ref is not null as has_contract,
        payee.redaction is not null
        or line.redaction_given is not null
        or line.payee_name is null as payee_is_withheld,
        coalesce(payee.may_be_person, false)
        and line.payee_company_number is null
        and line.contract_ref is null as payee_may_be_person
    from stage.spend_lines as line
    left join stage.spend_payees as payee on line.payee_name = payee.payee_name
),
decided as (
    select
        lines.line_key,
        min(rule.rule_order) as rule_order
    from lines
    inner join stage.spend_line_texts as line_text on lines.line_key = line_text.line_key
    inner join stage.spend_flow_texts as fitting
        on line_text.matcher = fitting.matcher
        and line_text.compared_text = fitting.compared_text
    inner join ref.spend_flow_rules as rule on fitting.rule_order = rule.rule_order
    where
        (rule.when_public is null or rule.when_public = lines.payee_is_public)
        and (rule.when_contract is null or (rule.when_contract = 'with') = lines.has_contract)
        and (
            rule.when_payee is null
            or (rule.when_payee = 'person')
            = (lines.payee_is_withheld or lines.payee_may_be_person)
        )
    group by lines.line_key
),
otherwise as (
    select min(rule.rule_order) as rule_order
    from ref.spend_flow_rules as rule
    where rule.matcher = 'any'
)

select
    lines.line_key,
    rule.flow_class,
    rule.rule_id as flow_rule,
    rule.needs_review
    or (coalesce(rule.when_payee = 'person', false) and not lines.payee_is_withheld)
        as flow_needs_review
from lines
left join decided on lines.line_key = decided.line_key
cross join otherwise
inner join ref.spend_flow_rules as rule
    on rule.rule_order = coalesce(decided.rule_order, otherwise.rule_order)
