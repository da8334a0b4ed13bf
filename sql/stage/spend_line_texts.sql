-- Grain: one ledger line and matcher of ref.spend_flow_rules that has a text to compare.
-- The texts of a line by which its flow class is decided, made comparable.
with lines as (
    select
        line.line_key,
        match_text(line.flow_class_given) as flow_class_given,
        payee.payee_text,
        case
            when payee.payee_body_code = line.body_code then 'own body'
            else payee.public_body_kind
        end as public_body_kind,
        match_text(line.account) as account,
        match_text(line.category) as category,
        match_text(line.purpose) as purpose
    from stage.spend_lines as line
    left join stage.spend_payees as payee on line.payee_name = payee.payee_name
),
texts as (
    select line_key, 'flow_class_given' as matcher, flow_class_given as compared_text from lines
    union all
    select line_key, 'payee' as matcher, payee_text as compared_text from lines
    union all
    select line_key, 'public_body_kind' as matcher, public_body_kind as compared_text from lines
    union all
    select line_key, 'account' as matcher, account as compared_text from lines
    union all
    select line_key, 'category' as matcher, category as compared_text from lines
    union all
    select line_key, 'purpose' as matcher, purpose as compared_text from lines
    union all
    select line_key, 'words' as matcher, account as compared_text from lines
    union all
    select line_key, 'words' as matcher, purpose as compared_text from lines
    union all
    select line_key, 'what' as matcher, account as compared_text from lines
    union all
    select line_key, 'what' as matcher, category as compared_text from lines
    union all
    select line_key, 'what' as matcher, purpose as compared_text from lines
)

select distinct -- the same words may stand in the account, the category and the purpose
    line_key,
    matcher,
    compared_text
from texts
where compared_text is not null
