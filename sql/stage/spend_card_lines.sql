-- Grain: one ledger line that has to do with purchase cards.
-- Which part it plays: a transaction of the card feed, a card line of the ledger itself, or a
-- payment of the statement to the card provider; and the month of the statement it belongs to.
with months as (
    select cast(lag_months.parameter_value as integer) as lag_months
    from ref.spend_parameters as lag_months
    where lag_months.parameter = 'card_statement_lag_months'
),
providers as (
    select distinct -- a name may fit several patterns
        payee.payee_name
    from stage.spend_payees as payee
    inner join ref.spend_card_providers as provider
        on text_fits(payee.payee_text, provider.pattern_kind, provider.pattern)
),
parts as (
    select
        line.line_key,
        line.body_code,
        line.coverage,
        line.comparison_basis,
        case
            when line.is_card_feed then 'transaction'
            when line.purchase_card then 'ledger_card_line'
            else 'statement_payment'
        end as card_part,
        case
            when line.is_card_feed or line.purchase_card then date_trunc('month', line.posting_date)
            else date_trunc('month', line.posting_date) - to_months(months.lag_months)
        end as statement_month,
        line.amount_gbp
    from stage.spend_lines as line
    cross join months
    left join providers on line.payee_name = providers.payee_name
    where line.is_card_feed or line.purchase_card or providers.payee_name is not null
)

select
    line_key,
    body_code,
    coverage,
    comparison_basis,
    card_part,
    cast(statement_month as date) as statement_month,
    amount_gbp,
    bool_or(card_part = 'transaction') over (
        partition by body_code, coverage, statement_month
    )
    and statement_month is not null as has_transactions
from parts
